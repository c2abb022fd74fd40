import { countOf } from "../analysis/words.ts";
import type { Block, Card, Inline, Item } from "../chat/card.ts";
import type { Finding } from "./check.ts";

/** More than a reader mends at once, and than a platform shows. */
const LISTED = 15;

/** What is broken first, each with what mends it; what is well in one line. */
export function doctorCard(findings: readonly Finding[]): Card {
  const of = (state: Finding["state"]) => findings.filter((one) => one.state === state);
  const [failures, warnings, unseen, well] = [of("failure"), of("warning"), of("unseen"), of("well")];
  const ill = [...failures, ...warnings];
  const body: Block[] = [];
  if (ill.length > 0) body.push({ kind: "items", items: ill.slice(0, LISTED).map(itemOf) });
  if (ill.length > LISTED)
    body.push({ kind: "text", text: `${ill.length - LISTED} more follow once these are mended.` });
  const names = [...new Set(well.map(({ name }) => name))].filter(
    (name) => !ill.some((one) => one.name === name),
  );
  if (names.length > 0) body.push({ kind: "text", text: [{ strong: "Well: " }, `${names.join(", ")}.`] });
  if (unseen.length > 0)
    body.push({
      kind: "text",
      text: [
        { strong: "Not seen: " },
        ...unseen.flatMap(({ name, finding }, at): Inline[] => [
          `${at === 0 ? "" : " "}${name}: `,
          ...runs(finding),
        ]),
      ],
    });
  return {
    title: titleOf(failures.length, warnings.length),
    tone: failures.length > 0 ? "critical" : warnings.length > 0 ? "warning" : "good",
    badge: failures.length > 0 ? "BROKEN" : warnings.length > 0 ? "ATTENTION" : "WELL",
    body,
    footnote: [
      "Nothing was posted. ",
      { code: "channel test" },
      " posts a test alert; docs/troubleshooting.md goes by what you see.",
    ],
  };
}

function titleOf(failures: number, warnings: number): string {
  const parts = [
    ...(failures === 0 ? [] : [countOf(failures, "failure", "failures")]),
    ...(warnings === 0 ? [] : [countOf(warnings, "warning", "warnings")]),
  ];
  return parts.length === 0 ? "All is well" : parts.join(", ");
}

function itemOf({ name, state, finding, fix }: Finding): Item {
  return {
    heading: [state === "failure" ? "✗ FAILED " : "! WARNING ", { strong: name }, ": ", ...runs(finding)],
    ...(fix !== undefined && { detail: ["→ ", ...runs(fix)] }),
  };
}

function runs(text: Finding["finding"]): readonly Inline[] {
  return typeof text === "string" ? [text] : text;
}
