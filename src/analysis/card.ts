import { altText } from "../charts/alt.ts";
import { type Block, button, type Card, type Inline, type Text } from "../chat/card.ts";
import type { Phase } from "../evidence/gather.ts";
import { evidenceItems } from "../evidence/items.ts";
import { type Pack, rangeOf } from "../evidence/pack.ts";
import type { TimeRange } from "../logs/source.ts";
import { alsoNamed } from "./alsoNamed.ts";
import { type Answer, confidenceWord, type Hypothesis } from "./answer.ts";
import { chartOf, ratesOf } from "./errorChart.ts";
import { evidenceItem, evidenceOrder } from "./evidenceCard.ts";
import { isDestructive } from "./grounding/destructive.ts";
import { countOf, duration, moment } from "./words.ts";

/** Evidence items shown on the card; the others are a question in the thread away. */
const SHOWN_EVIDENCE = 5;

export function progressCard(service: string, window: TimeRange, phase: Phase): Card {
  const steps: { phase: Phase; label: string }[] = [
    { phase: "reading", label: "Reading warnings and errors" },
    { phase: "comparing", label: "Comparing with the time before" },
  ];
  const at = steps.findIndex((step) => step.phase === phase);
  return {
    title: `${service}: looking for the cause`,
    tone: "working",
    badge: "WORKING",
    body: [
      { kind: "text", text: ["Window: ", ...windowText(window)] },
      {
        kind: "progress",
        steps: [
          ...steps.map(({ label }, i) => ({
            label,
            state: i < at ? ("done" as const) : i === at ? ("now" as const) : ("next" as const),
          })),
          { label: "Putting the answer together", state: "next" },
        ],
      },
    ],
  };
}

/** @param why what the person can do about it */
export function failedCard(service: string, why: string): Card {
  return {
    title: `${service}: the search for the cause failed`,
    tone: "warning",
    badge: "FAILED",
    body: [{ kind: "text", text: why }],
  };
}

export interface AnswerRefs {
  conversationId: string;
  /** Absent where the answer is that the logs do not show a cause. */
  analysisId?: string;
  /** A page that shows the lines themselves. */
  linesUrl?: string;
  /** What else the alert names under which this was asked, the worst first. */
  alertServices?: readonly string[];
}

export function analysisCard(pack: Pack, answer: Answer, refs: AnswerRefs): Card {
  const found = answer.culprit !== undefined;
  const sure = answer.confidence >= 0.5;
  const body: Block[] = [
    { kind: "text", text: [{ strong: answer.rootCause }, ...standing(answer.hypotheses?.[0])] },
    ...(answer.summary === "" ? [] : [{ kind: "text" as const, text: answer.summary }]),
    ...alsoNamed(pack, refs.alertServices ?? []),
    { kind: "facts", facts: factsOf(pack, answer) },
    ...alsoConsidered(answer),
  ];
  const chart = chartOf(pack);
  body.push({ kind: "chart", chart, alt: altText(chart) });
  const evidence = evidenceOrder(pack, answer).map((number) => evidenceItem(pack, number));
  if (evidence.length > 0) body.push({ kind: "items", items: evidence.slice(0, SHOWN_EVIDENCE) });
  body.push(...nextSteps(answer));
  body.push(...linesLink(refs.linesUrl));
  return {
    title: `${pack.service}: ${found ? `${sure ? "likely" : "possible"} cause found` : answer.cites.length > 0 ? "no error shows the cause" : "no cause visible in the logs"}`,
    tone: found ? (sure ? "critical" : "warning") : "neutral",
    badge: found ? `${sure ? "LIKELY" : "POSSIBLE"} CAUSE` : "NOT ENOUGH EVIDENCE",
    body,
    actions: [
      ...(refs.analysisId === undefined
        ? []
        : [
            button("👍 Right", { name: "feedback.right", subject: refs.analysisId }),
            button("👎 Not right", { name: "feedback.other", subject: refs.analysisId }),
          ]),
      button("Show lines", { name: "lines", subject: refs.conversationId }),
      button("Look again", { name: "again", subject: refs.conversationId }),
    ],
    footnote: `${answer.note ?? "Built-in analyzer, no model: the evidence above, put into words by fixed rules."} Reply in the thread to ask more${
      evidence.length > SHOWN_EVIDENCE ? `, also about evidence [1] to [${evidenceItems(pack).length}]` : ""
    }.`,
    discussable: true,
  };
}

/** ` [1][3], though [2] speaks against it`. */
function standing(hypothesis: Hypothesis | undefined): Inline[] {
  if (hypothesis === undefined) return [];
  const against =
    hypothesis.against.length === 0 ? "" : `, though ${numbersText(hypothesis.against)} speaks against it`;
  return [` ${numbersText(hypothesis.for)}${against}`];
}

function alsoConsidered({ hypotheses = [], culprit }: Answer): Block[] {
  const others = culprit === undefined ? hypotheses : hypotheses.slice(1);
  return others.map(({ cause, for: supports, against, confidence }) => ({
    kind: "text",
    text: [
      { strong: "Also considered: " },
      `${cause} ${numbersText(supports)}${against.length === 0 ? "" : `; against it ${numbersText(against)}`} (${confidenceWord(confidence)})`,
    ],
  }));
}

export const CANNOT_BE_UNDONE: Inline = { strong: "⚠ This cannot be undone. " };

function numbersText(numbers: readonly number[]): string {
  return numbers.map((number) => `[${number}]`).join("");
}

function nextSteps({ suggestedAction, lookAt = [] }: Answer): Block[] {
  const blocks: Block[] = [];
  if (suggestedAction !== undefined) {
    const warning = isDestructive(suggestedAction) ? [CANNOT_BE_UNDONE] : [];
    blocks.push({
      kind: "text",
      text: [{ strong: "Next: " }, ...warning, ...inlineCode(suggestedAction)],
    });
  }
  if (lookAt.length > 0)
    blocks.push({ kind: "text", text: [{ strong: "These logs do not show: " }, lookAt.join("; ")] });
  return blocks;
}

/** A link to the lines where they live; nothing where that has no address. */
export function linesLink(url: string | undefined): Block[] {
  return url === undefined ? [] : [{ kind: "links", links: [{ label: "Open in Grafana Explore", url }] }];
}

function factsOf(pack: Pack, answer: Answer) {
  const { observed, expected, untilMs } = ratesOf(pack);
  const facts: { label: string; value: Text }[] = [
    {
      label: pack.errors.of === "errors" ? "Errors per minute" : "Warnings per minute",
      value: [
        { strong: formatRate(observed) },
        ...(untilMs === undefined ? [] : [" until ", moment(untilMs, rangeOf(pack))]),
        expected === undefined ? "" : ` where ${formatRate(expected)} was usual`,
      ],
    },
  ];
  const beganMs = beganOf(pack, answer);
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
    value: [`${readText(pack)}, `, ...windowText(rangeOf(pack)), notReadText(pack)],
  });
  return facts;
}

/** The first of what the card shows: when something began that nobody can see would only puzzle. */
function beganOf(pack: Pack, answer: Answer): number | undefined {
  const shown = evidenceOrder(pack, answer).slice(0, SHOWN_EVIDENCE);
  const onsets = shown.flatMap((number) => pack.clusters[number - 1]?.onsetMs ?? []);
  return onsets.length === 0 ? undefined : Math.min(...onsets);
}

function readText({ linesRead, linesThere }: Pack): string {
  const all = countOf(linesThere, "line", "lines");
  return linesRead < linesThere
    ? `${linesRead.toLocaleString("en-US")} of ${all} of warnings and errors`
    : `${all} of warnings and errors`;
}

function notReadText({ sampled, unread, notes = [], kindsNotCompared }: Pack): string {
  const parts = [
    ...notes,
    sampled.length > 0 ? `of ${namesOf(sampled)} some from all of the time, the others whole` : "",
    unread.length > 0 ? `none of ${namesOf(unread)}` : "",
    kindsNotCompared === undefined
      ? ""
      : `${countOf(kindsNotCompared, "kind", "kinds")} of them not compared, there were too many`,
  ];
  return parts.flatMap((part) => (part === "" ? [] : `; ${part}`)).join("");
}

function namesOf(services: readonly string[]): string {
  const more = services.length > 3 ? ` and ${services.length - 3} more` : "";
  return `${services.slice(0, 3).join(", ")}${more}`;
}

/** Backticks in our own texts mark code; the text itself is never a person's or a log's. */
export function inlineCode(text: string): Inline[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? { code: part } : part));
}

export function windowText(range: TimeRange): Inline[] {
  const { fromMs, toMs } = range;
  return [moment(fromMs, range), " to ", moment(toMs, range), ` (${duration(toMs - fromMs)})`];
}

function formatRate(rate: number): string {
  return rate >= 10 ? Math.round(rate).toLocaleString("en-US") : rate.toFixed(1);
}
