import { type SeriesFile, type Stretch, stretchesOf } from "./seriesFiles.ts";

/** One score per point; null where the series has no value. */
export type Scores = readonly (number | null)[];

/** Firing points so near to each other are one alert. */
const ONE_ALERT_SECONDS = 1_800;
/** An alert that stays open is sent again: Alertmanager's default. */
const REPEAT_SECONDS = 14_400;
/** A message is of an incident from so long before its window … */
const EARLY_SECONDS = 300;
/** … to so long after it. */
const LATE_SECONDS = 900;
/** The first 15 % of a series, a week at most, are not scored. */
const WARM_SHARE = 0.15;
const WEEK_SECONDS = 604_800;

/** What a person in the channel saw of one or several series. */
export interface AlertTally {
  incidents: number;
  caught: number;
  /** Points at which a false message was sent, of one series. */
  falseAt: number[];
  falseMessages: number;
  weeks: number;
  delaysMinutes: number[];
}

export interface AlertFigures {
  precision: number;
  recall: number;
  f1: number;
  falsePerSeriesWeek: number;
  medianDelayMinutes: number | null;
}

/** The points at which messages would be sent. */
export function messagesAt(series: SeriesFile, scores: Scores, threshold: number): number[] {
  const { intervalSeconds, values } = series;
  const oneAlert = Math.max(1, Math.floor(ONE_ALERT_SECONDS / intervalSeconds));
  const repeat = Math.max(1, Math.round(REPEAT_SECONDS / intervalSeconds));
  const sent: number[] = [];
  let fired = Number.NEGATIVE_INFINITY;
  for (let point = warmUntil(series); point < values.length; point++) {
    const score = scores[point];
    if (score === null || score === undefined || !(score >= threshold)) continue;
    const isNew = point - fired > oneAlert;
    if (isNew || point - (sent.at(-1) ?? 0) >= repeat) sent.push(point);
    fired = point;
  }
  return sent;
}

/** Holds messages against the labelled windows of a series. */
export function tallyOf(series: SeriesFile, scores: Scores, threshold: number): AlertTally {
  const { intervalSeconds } = series;
  const early = Math.max(1, Math.round(EARLY_SECONDS / intervalSeconds));
  const late = Math.max(1, Math.round(LATE_SECONDS / intervalSeconds));
  const warm = warmUntil(series);
  const windows = stretchesOf(series, series.anomalies);
  const scored = windows.filter(({ from }) => from >= warm);
  const unscored = windows.filter(({ from }) => from < warm);
  const caughtAt = new Map<Stretch, number>();
  const falseAt: number[] = [];
  for (const at of messagesAt(series, scores, threshold)) {
    const window =
      scored.find(({ from, to }) => at >= from && at <= to) ??
      scored.find(({ from, to }) => at >= from - early && at <= to + late);
    if (window !== undefined) {
      if (!caughtAt.has(window)) caughtAt.set(window, at);
    } else if (!unscored.some(({ from, to }) => at >= from && at <= to + late)) falseAt.push(at);
  }
  return {
    incidents: scored.length,
    caught: caughtAt.size,
    falseAt,
    falseMessages: falseAt.length,
    weeks: ((series.values.length - warm) * intervalSeconds) / WEEK_SECONDS,
    delaysMinutes: [...caughtAt].map(([{ from }, at]) => (Math.max(0, at - from) * intervalSeconds) / 60),
  };
}

export function addTallies(tallies: readonly AlertTally[]): AlertTally {
  const sum = (of: (tally: AlertTally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    incidents: sum((tally) => tally.incidents),
    caught: sum((tally) => tally.caught),
    falseAt: [],
    falseMessages: sum((tally) => tally.falseMessages),
    weeks: sum((tally) => tally.weeks),
    delaysMinutes: tallies.flatMap((tally) => tally.delaysMinutes),
  };
}

export function figuresOf({
  incidents,
  caught,
  falseMessages,
  weeks,
  delaysMinutes,
}: AlertTally): AlertFigures {
  const precision = caught + falseMessages === 0 ? 0 : caught / (caught + falseMessages);
  const recall = incidents === 0 ? 0 : caught / incidents;
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    falsePerSeriesWeek: falseMessages / weeks,
    medianDelayMinutes: median(delaysMinutes),
  };
}

/** The first point that is scored. */
export function warmUntil({ values, intervalSeconds }: SeriesFile): number {
  return Math.floor(Math.min(WARM_SHARE * values.length, WEEK_SECONDS / intervalSeconds));
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
