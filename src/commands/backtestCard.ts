import { countOf, duration } from "../analysis/words.ts";
import { amountOf, bandText, figureOf, METRIC_NAMES } from "../anomalies/conditionText.ts";
import { SEVERITIES } from "../anomalies/metric.ts";
import type { RateChart } from "../anomalies/rateChart.ts";
import type { ReplayedEpisode } from "../anomalies/replay.ts";
import type { Sensitivity } from "../anomalies/sensitivity.ts";
import type { Chart } from "../charts/chart.ts";
import type { Block, Card, Inline, Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { quoted } from "../chat/words.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";

const SHOWN = 15;
const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
const LONGEST_BUCKET_MS = 2 * 60 * 60_000;

/** What `backtest` found. */
export interface Backtest {
  ref: ServiceRef;
  days: number;
  /** Absent: as it is set. */
  sensitivity: Sensitivity | undefined;
  /** The days that were asked for. */
  range: TimeRange;
  /** Where the logs that it learnt from begin. */
  learntFromMs: number;
  /** Absent: there was too little to judge by, in all of the time. */
  judgedFromMs: number | undefined;
  /** How far the logs were read, and why no farther. */
  untilMs: number;
  stopped: string | undefined;
  episodes: readonly ReplayedEpisode[];
  /** Stretches that are left out because no service logged anything in them. */
  gaps: number;
  chart: RateChart;
  marks: NonNullable<Chart["marks"]>;
}

/** What `backtest` answers. */
export function backtestCard(test: Backtest): Card {
  const { ref, days, episodes, judgedFromMs, stopped } = test;
  const name = shownName(ref.service);
  const isJudged = judgedFromMs !== undefined || episodes.length > 0;
  const count = countOf(episodes.length, "alert", "alerts");
  const newest = episodes.toReversed();
  return {
    title: isJudged
      ? `${name}: ${episodes.length === 0 ? "no alerts" : count} in ${countOf(days, "day", "days")}`
      : `${name}: too little to judge by`,
    tone: stopped !== undefined || episodes.length > 0 ? "warning" : isJudged ? "good" : "neutral",
    badge: !isJudged
      ? "LEARNING"
      : stopped !== undefined
        ? "PART OF IT"
        : episodes.length > 0
          ? count.toUpperCase()
          : "QUIET",
    body: [
      { kind: "text", text: summary(test) },
      ...charts(test),
      ...weeks(test),
      ...(newest.length === 0
        ? []
        : [
            {
              kind: "items" as const,
              items: newest.slice(0, SHOWN).map((episode) => episodeItem(episode, test)),
            },
          ]),
    ],
    footnote: footnote(test),
  };
}

function summary({
  ref,
  range,
  learntFromMs,
  judgedFromMs,
  untilMs,
  stopped,
  episodes,
  sensitivity,
}: Backtest): Inline[] {
  const name = shownName(ref.service);
  const at = (atMs: number) => ({ atMs, show: "date and time" as const });
  const gaveUp: Inline[] =
    stopped === undefined
      ? []
      : [{ strong: "Only a part was read, up to " }, at(untilMs), `. ${stopped} Ask for fewer days. `];
  if (judgedFromMs === undefined && episodes.length === 0)
    return [
      ...gaveUp,
      `It takes 24 hours of lines to learn what is usual for ${name}, and there were fewer from `,
      at(learntFromMs),
      " to ",
      at(untilMs),
      `. ${FIRST_HOURS}`,
    ];
  const how =
    sensitivity === undefined ? "with the sensitivity as it is set" : `with ${sensitivity} sensitivity`;
  const learnt =
    judgedFromMs !== undefined && judgedFromMs <= range.fromMs
      ? ["The day before, from ", at(learntFromMs), ", was for learning: what it held is left out."]
      : ["It was still being learnt until ", at(judgedFromMs ?? untilMs), `. ${FIRST_HOURS}`];
  return [
    ...gaveUp,
    "From ",
    at(range.fromMs),
    " to ",
    at(untilMs),
    `, ${how}, there would have been `,
    { strong: episodes.length === 0 ? "no alerts" : countOf(episodes.length, "alert", "alerts") },
    episodes.length === 0 ? "" : ` (${bySeverity(episodes)})`,
    ` about ${name}. `,
    ...learnt,
  ];
}

const FIRST_HOURS = "Before that only errors far beyond all that was seen make an alert.";

/** `1 HIGH, 2 LOW`, the worst first. */
function bySeverity(episodes: readonly ReplayedEpisode[]): string {
  return SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: episodes.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`)
    .join(", ");
}

function charts({ chart, episodes, marks, untilMs }: Backtest): Block[] {
  const isOfLines = ({ metric }: ReplayedEpisode) => metric === "log_volume" || metric === "silence";
  const ofLines = episodes.filter(isOfLines);
  const ofErrors = episodes.filter((episode) => !isOfLines(episode));
  const spans = (shown: readonly ReplayedEpisode[]) =>
    shown.map(({ startedAtMs, lastOddAtMs, ended }) => ({
      fromMs: startedAtMs,
      toMs: ended === undefined ? untilMs : lastOddAtMs,
    }));
  const hasErrors = chart.hasAny("errors");
  return [
    ...(hasErrors ? [chart.block("errors", { anomalies: spans(ofErrors), marks })] : []),
    ...(ofLines.length > 0 || !hasErrors ? [chart.block("lines", { anomalies: spans(ofLines), marks })] : []),
  ];
}

/** Alerts a week, newest first, where there is more than one. */
function weeks({ episodes, range, untilMs, days }: Backtest): Block[] {
  if (days <= 7 || episodes.length === 0) return [];
  // The days begin with a whole bucket, a little earlier.
  const count = Math.ceil((untilMs - range.fromMs - LONGEST_BUCKET_MS) / WEEK_MS);
  const rows = Array.from({ length: count }, (_, week) => {
    const toMs = untilMs - week * WEEK_MS;
    const fromMs = week === count - 1 ? range.fromMs : toMs - WEEK_MS;
    const within = episodes.filter(({ detectedAtMs }) => detectedAtMs > fromMs && detectedAtMs <= toMs);
    const show = "date and time" as const;
    return [
      [{ atMs: fromMs, show }],
      [{ atMs: toMs, show }],
      String(within.length),
      within.length === 0 ? "" : bySeverity(within),
    ];
  });
  return [{ kind: "table", columns: ["Week from", "to", "Alerts", "Of them"], rows }];
}

function episodeItem(episode: ReplayedEpisode, { untilMs }: Backtest): Item {
  const {
    severity,
    metric,
    startedAtMs,
    lastOddAtMs,
    ended,
    observedValue,
    baselineValue,
    usualLow,
    usualHigh,
  } = episode;
  const lasted = (ended === undefined ? untilMs : lastOddAtMs) - startedAtMs;
  return {
    heading: [
      { strong: `${severity}  ${METRIC_NAMES[metric]}` },
      "  ",
      { atMs: startedAtMs, show: "date and time" },
    ],
    detail: [
      `for ${duration(lasted)}${ended === undefined ? ", still open" : ended.why === "a new normal" ? ", then a new normal" : ""}; `,
      metric === "silence"
        ? `no lines where ${amountOf(metric, baselineValue)} are expected`
        : `${amountOf(metric, observedValue)} at its worst where ${figureOf(metric, baselineValue)} is expected, ${bandText(metric, usualLow, usualHigh)} usual`,
    ],
  };
}

function footnote({ ref, sensitivity, episodes, gaps }: Backtest): Inline[] {
  const other: Sensitivity = sensitivity === "low" ? "normal" : "low";
  const more = episodes.length > SHOWN ? `The newest ${SHOWN} of ${episodes.length}. ` : "";
  const left =
    gaps === 0
      ? ""
      : `${countOf(gaps, "stretch", "stretches")} in which no service logged anything ${gaps === 1 ? "is" : "are"} left out: that is a gap in the logs. `;
  return [
    `${more}${left}Mutes, the policies of channels, and new kinds of errors are left aside. Compare with `,
    { code: `backtest ${quoted(ref.service)} sensitivity:${other}` },
    ".",
  ];
}
