import { duration } from "../analysis/words.ts";
import type { KeptBaseline } from "../anomalies/baselineStore.ts";
import { bandText, numberText } from "../anomalies/conditionText.ts";
import type { RateChart } from "../anomalies/rateChart.ts";
import type { ServiceWatch } from "../anomalies/serviceWatch.ts";
import type { Watch } from "../anomalies/watchStore.ts";
import type { Chart } from "../charts/chart.ts";
import type { Block, Card, Fact, Inline } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { quoted } from "../chat/words.ts";
import type { ServiceRef } from "../logs/source.ts";

const MINUTE_MS = 60_000;
/** Without a line for so long, when it was last seen is worth a word of its own. */
const SILENT_AFTER_MS = 15 * MINUTE_MS;
/** The averages are of the last week: a window that is as long began earlier. */
const WEEK_MS = 167 * 60 * MINUTE_MS;

/** What is kept of a service. */
export interface Known {
  baseline: KeptBaseline;
  watch: ServiceWatch;
  /** While there is too little to judge by. */
  learning: { minutes: number; of: number } | undefined;
}

export interface ShownBaseline {
  ref: ServiceRef;
  nowMs: number;
  known: Known | undefined;
  /** What is kept was kept by another version. */
  isOutdated: boolean;
  /** How far the organisation's services were scanned. */
  watch: Watch | undefined;
  chart: RateChart;
  marks: NonNullable<Chart["marks"]>;
}

/** What `baseline` answers. */
export function baselineCard({ ref, nowMs, known, isOutdated, watch, chart, marks }: ShownBaseline): Card {
  const name = shownName(ref.service);
  const charts: Block[] = [chart.block("errors", { marks }), chart.block("lines", { marks })];
  if (known === undefined) {
    return {
      title: `${name}: not watched yet`,
      tone: "neutral",
      badge: "NOT WATCHED",
      body: [{ kind: "text", text: notWatched(name, watch, isOutdated) }, ...charts],
    };
  }
  const { learning } = known;
  const isLearning = learning !== undefined;
  return {
    title: `${name}: ${isLearning ? "still being learnt" : "what is usual"}`,
    tone: isLearning ? "neutral" : "good",
    badge: isLearning ? "LEARNING" : "LEARNT",
    body: [
      {
        kind: "text",
        text: isLearning
          ? `${hours(learning.minutes)} of ${hours(learning.of)} are learnt. Until then only errors far beyond all that was seen of ${name} make an alert. These are the last 24 hours.`
          : "The last 24 hours over what is usual at these times of day.",
      },
      ...charts,
      { kind: "facts", facts: factsOf(known, nowMs) },
    ],
    footnote: [
      "Why there was an alert at a time, or none: ",
      { code: `explain ${quoted(ref.service)} 10:42` },
      ". What would have been posted: ",
      { code: `backtest ${quoted(ref.service)}` },
      ".",
    ],
  };
}

function factsOf({ baseline, watch, learning }: Known, nowMs: number): Fact[] {
  const { windowFromMs, windowToMs, avgErrorRate, p95ErrorRate, avgLogRate, lastSeenMs } = baseline;
  const lengthMs = windowToMs - windowFromMs;
  const usual = (of: "errors" | "lines") => {
    const { low, high } = watch.band(of, nowMs);
    return `${bandText(of === "errors" ? "error_rate" : "log_volume", low, high)} ${of}`;
  };
  return [
    ...(learning === undefined
      ? [{ label: "Usual a minute, now", value: `${usual("errors")}, ${usual("lines")}` }]
      : []),
    {
      label: "Errors a minute",
      value: [
        { strong: numberText(avgErrorRate) },
        ` on average; 95 of 100 minutes have no more than ${numberText(Math.round(p95ErrorRate))}`,
      ],
    },
    { label: "Lines a minute", value: [{ strong: numberText(avgLogRate) }, " on average"] },
    {
      // Minutes that were not usual are learnt by, and are no part of these.
      label: "Averages of",
      value: [
        { atMs: windowFromMs, show: "date and time" },
        lengthMs >= WEEK_MS ? " or earlier to " : " to ",
        { atMs: windowToMs, show: "date and time" },
        lengthMs >= WEEK_MS
          ? "; the last week, without what was not usual"
          : ` (${duration(lengthMs)}), without what was not usual`,
      ],
    },
    {
      label: "Last seen",
      value: [
        { atMs: lastSeenMs, show: "date and time" },
        nowMs - lastSeenMs > SILENT_AFTER_MS && windowToMs - lastSeenMs > SILENT_AFTER_MS
          ? `: no line for ${duration(windowToMs - lastSeenMs)} before it was looked at last`
          : "",
      ],
    },
  ];
}

function notWatched(name: string, watch: Watch | undefined, isOutdated: boolean): Inline[] {
  if (isOutdated)
    return [
      `What was known of ${name} was kept by another version of LogHunter: it is learnt again. These are the last 24 hours.`,
    ];
  if (watch?.failing !== undefined)
    return [
      `Nothing is known of ${name}: the logs cannot be read since `,
      { atMs: watch.failing.sinceMs, show: "date and time" },
      ` (${watch.failing.why}). Type `,
      { code: "status" },
      " to see what mends it. These are the last 24 hours.",
    ];
  if (watch?.scannedUntilMs === undefined)
    return [
      `Nothing is known of ${name} yet: the logs of this organisation have not been scanned so far. The first scan begins within minutes of the start; ask again then. These are the last 24 hours.`,
    ];
  return [
    `Nothing is known of ${name} yet: it is learnt from its first line on, and had logged none when the logs were last scanned, up to `,
    { atMs: watch.scannedUntilMs, show: "date and time" },
    ". Ask again in a few minutes. These are the last 24 hours.",
  ];
}

function hours(minutes: number): string {
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
