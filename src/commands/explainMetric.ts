import { duration } from "../analysis/words.ts";
import type { Condition } from "../anomalies/condition.ts";
import {
  amountOf,
  bandText,
  conditionText,
  figureOf,
  METRIC_NAMES,
  numberText,
} from "../anomalies/conditionText.ts";
import type { Explained } from "../anomalies/explain.ts";
import type { Metric } from "../anomalies/metric.ts";
import type { Inline, Item } from "../chat/card.ts";

/** What one metric says of a minute: its numbers, and each condition with whether it holds. */
export function metricItem(each: Explained, minuteMs: number): Item {
  const { metric, verdict, severity, score } = each;
  return {
    heading: [
      { strong: METRIC_NAMES[metric] },
      `: ${verdict === "odd" ? (severity ?? "goes on") : VERDICTS[verdict]}`,
      verdict === "odd" || verdict === "quiet" || verdict === "held back"
        ? `, score ${numberText(score)}`
        : "",
    ],
    detail: [...numbersText(each), ...whyText(each, minuteMs)],
  };
}

const VERDICTS = {
  quiet: "quiet",
  "held back": "rare, but no alert",
  learning: "still being learnt",
  "too few lines": "too few lines",
  "told by another": "told already",
  "not judged": "not judged",
} as const;

function numbersText({
  metric,
  verdict,
  observed,
  ofMinute,
  overMinutes,
  untilMs,
  usual,
}: Explained): Inline[] {
  // Nobody waits for silence while there are lines.
  if (isAwake({ metric, verdict, observed }))
    return [`${amountOf(metric, observed)} ${observed === 1 ? "is" : "are"} no silence.`];
  if (verdict === "too few lines")
    return ["Too few lines in five minutes to say what part of them are errors."];
  const seen: Inline[] = [
    amountOf(metric, observed),
    ofMinute === undefined
      ? ""
      : ` in the middle of the last minutes, ${figureOf(metric, ofMinute)} in this one`,
    ...(overMinutes > 1 ? overText(overMinutes, untilMs) : []),
  ];
  if (usual === undefined) return [...seen, "."];
  const { expected, low, high } = usual;
  return [...seen, `; ${figureOf(metric, expected)} expected, ${bandText(metric, low, high)} usual.`];
}

function isAwake({ metric, verdict, observed }: Pick<Explained, "metric" | "verdict" | "observed">): boolean {
  return metric === "silence" && (verdict === "quiet" || verdict === "learning") && observed > 0;
}

function overText(minutes: number, untilMs: number | undefined): Inline[] {
  if (untilMs === undefined) return [` over ${minutes} minutes`];
  return [
    ` over the ${minutes} minutes until `,
    { atMs: untilMs, show: "time" },
    ", the last that were judged",
  ];
}

function whyText(
  { metric, verdict, observed, conditions, episode, learning, toldBy }: Explained,
  minuteMs: number,
): Inline[] {
  if (isAwake({ metric, verdict, observed })) return [];
  switch (verdict) {
    case "learning":
      return [
        learning === undefined
          ? ""
          : ` Learnt over ${minutesText(learning.minutes)} of ${minutesText(learning.of)}.`,
        ...conditionsText(conditions, metric),
      ];
    case "too few lines":
    case "not judged":
      return [];
    case "told by another":
      return [
        ` ${toldBy === "silence" ? "The silence has" : "The errors have"} an alert already that tells the same.`,
      ];
    case "quiet":
    case "odd":
    case "held back":
      return [
        ...(episode === undefined || episode.startedAtMs >= minuteMs
          ? []
          : [" Part of what began ", { atMs: episode.startedAtMs, show: "time" as const }, "."]),
        ...conditionsText(conditions, metric),
        ...(verdict === "held back" && conditions.every(({ holds }) => holds) ? [HELD_BACK] : []),
      ];
  }
}

const HELD_BACK = " ✗ off by enough in these very minutes, and not what is left of an alert that is over.";

/** Those that hold first. */
function conditionsText(conditions: readonly Condition[], metric: Metric): string[] {
  return ([true, false] as const).flatMap((holds) => {
    const mark = holds ? "✓" : "✗";
    const said = conditions.filter((each) => each.holds === holds);
    const texts = said.map((each) => `${mark} ${conditionText(each, metric)}`);
    return texts.length === 0 ? [] : [` ${texts.join("; ")}.`];
  });
}

function minutesText(minutes: number): string {
  return duration(minutes * 60_000);
}
