import { countOf } from "../analysis/words.ts";
import type { Inline, Text } from "../chat/card.ts";
import { inlineText } from "../chat/plainText.ts";
import type { Finding } from "../doctor/check.ts";
import { type Colour, plain, type Terminal, wrap } from "./terminal.ts";

interface Told {
  name: string;
  state: Finding["state"];
  finding: string;
  fix?: string;
}

const MARK = { failure: "FAILED", warning: "WARN", unseen: "UNSEEN", well: "WELL" } as const;
const COLOUR: Record<Told["state"], Colour> = {
  failure: "red",
  warning: "yellow",
  unseen: "dim",
  well: "green",
};
const INDENT = " ".repeat(8);

/** What is broken first, each with what mends it; what is well in one line. */
export function doctorText(
  findings: readonly Told[],
  { width, paint }: Pick<Terminal, "width" | "paint">,
): string {
  const ill = findings.filter(({ state }) => state === "failure" || state === "warning");
  const names = [...new Set(findings.filter(({ state }) => state === "well").map(({ name }) => name))].filter(
    (name) => !ill.some((one) => one.name === name),
  );
  const unseen = findings.filter(({ state }) => state === "unseen");
  const entry = (state: Told["state"], text: string) =>
    paint(COLOUR[state], MARK[state].padEnd(INDENT.length)) + wrap(text, width, INDENT).slice(INDENT.length);
  return [
    ...ill.flatMap(({ name, state, finding, fix }) => [
      entry(state, `${name}: ${finding}`),
      ...(fix === undefined ? [] : [wrap(`-> ${fix}`, width, INDENT)]),
    ]),
    ...unseen.map(({ name, finding }) => entry("unseen", `${name}: ${finding}`)),
    ...(names.length === 0 ? [] : [entry("well", names.join(", "))]),
  ].join("\n");
}

/** What is to be typed stands in quotes. */
export function shownText(text: Text): string {
  const quoted = (piece: Inline) =>
    typeof piece === "object" && "code" in piece ? `\`${piece.code}\`` : piece;
  return plain(inlineText(typeof text === "string" ? text : text.map(quoted)));
}

export function summaryOf(findings: readonly Pick<Finding, "state">[]): string {
  const count = (state: Finding["state"]) => findings.filter((one) => one.state === state).length;
  const [failures, warnings] = [count("failure"), count("warning")];
  const parts = [
    ...(failures === 0 ? [] : [countOf(failures, "failure", "failures")]),
    ...(warnings === 0 ? [] : [countOf(warnings, "warning", "warnings")]),
  ];
  return parts.length === 0 ? "All is well." : `${parts.join(", ")}.`;
}
