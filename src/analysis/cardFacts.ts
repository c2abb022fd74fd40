import type { Fact } from "../chat/card.ts";
import { type Pack, rangeOf } from "../evidence/pack.ts";
import { type Answer, confidenceWord } from "./answer.ts";
import { ratesOf } from "./errorChart.ts";
import { countOf, duration, moment, rateText, windowText } from "./words.ts";

/** What a card says of an answer in numbers. @param beganMs when what it shows began */
export function factsOf(pack: Pack, answer: Answer, beganMs: number | undefined): Fact[] {
  const { observed, expected, untilMs } = ratesOf(pack);
  const facts: Fact[] = [
    {
      label: pack.errors.of === "errors" ? "Errors per minute" : "Warnings per minute",
      value: [
        { strong: rateText(observed) },
        ...(untilMs === undefined ? [] : [" until ", moment(untilMs, rangeOf(pack))]),
        expected === undefined ? "" : ` where ${rateText(expected)} is usual`,
      ],
    },
  ];
  if (beganMs !== undefined)
    facts.push({ label: "Began", value: [{ atMs: beganMs, show: "date and time" }] });
  facts.push({
    label: "Confidence",
    value: [
      { strong: confidenceWord(answer.confidence) },
      ` (${answer.confidence.toFixed(2)}): ${answer.confidenceReasons.join("; ")}`,
    ],
  });
  if (answer.computed !== undefined) {
    const { rootCause, confidence } = answer.computed;
    facts.push({
      label: "By counts and times alone",
      value: `${rootCause} (${confidenceWord(confidence)})`,
    });
  }
  const deploy = pack.deploys.at(-1);
  if (deploy !== undefined) {
    facts.push({
      label: "Last deploy",
      value: [`${deploy.service} ${deploy.version} at `, moment(deploy.atMs, rangeOf(pack))],
    });
  }
  facts.push({
    label: "Read",
    value: [`${readText(pack)}, `, ...windowText(rangeOf(pack)), comparedText(pack), notReadText(pack)],
  });
  return facts;
}

/** Why more was read than was asked about. */
function comparedText({ lookbackFromMs, window }: Pack): string {
  const ms = window.fromMs - lookbackFromMs;
  return ms <= 0 ? "" : `, of which ${duration(ms)} before what was asked about, to compare with`;
}

function readText({ linesRead, linesThere }: Pack): string {
  const all = countOf(linesThere, "line", "lines");
  return linesRead < linesThere
    ? `${linesRead.toLocaleString("en-US")} of ${all} of warnings and errors`
    : `${all} of warnings and errors`;
}

function notReadText({ sampled, unread, notes = [], kindsNotCompared }: Pack): string {
  const parts = [
    sampled.length > 0 ? `of ${namesOf(sampled)} some from all of the time, the others whole` : "",
    unread.length > 0 ? `none of ${namesOf(unread)}` : "",
    kindsNotCompared === undefined
      ? ""
      : `${countOf(kindsNotCompared, "kind", "kinds")} of them not compared, there were too many`,
  ];
  // Those of the log source are sentences of their own.
  const said = notes.length === 0 ? [] : [".", ...notes.map((note) => ` ${note}`)];
  return [...parts.flatMap((part) => (part === "" ? [] : `; ${part}`)), ...said].join("");
}

function namesOf(services: readonly string[]): string {
  const more = services.length > 3 ? ` and ${services.length - 3} more` : "";
  return `${services.slice(0, 3).join(", ")}${more}`;
}
