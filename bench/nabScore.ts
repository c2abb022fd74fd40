import type { Scores } from "./alertScore.ts";
import { type SeriesFile, type Stretch, stretchesOf } from "./seriesFiles.ts";

/** The cost of a false alarm in NAB's standard profile; finding a window gains up to 1, missing one costs 1. */
const FALSE_ALARM = 0.11;
const PROBATION_SHARE = 0.15;
const MOST_PROBATION = 0.15 * 5_000;

/** A point that a detector may fire at: what firing there gains or costs, and the window it lies in. */
interface Place {
  score: number;
  gain: number;
  window: number | undefined;
}

/**
 * The score of the Numenta Anomaly Benchmark, version 1.1, standard profile, at the one threshold that is best for all series:
 * 0 is silence, 100 all windows at their beginning and nothing else. Null without windows.
 */
export function nabStandard(all: readonly { series: SeriesFile; scores: Scores }[]): number | null {
  const places: Place[] = [];
  const scorable = new Set<number>();
  let windowsBefore = 0;
  for (const { series, scores } of all) {
    const present = series.values.flatMap((value, point) => (value === null ? [] : [point]));
    const windows = windowsAmong(present, stretchesOf(series, series.anomalies));
    for (const place of placesOf(
      present.map((point) => scores[point] ?? Number.NEGATIVE_INFINITY),
      windows,
    )) {
      const window = place.window === undefined ? undefined : place.window + windowsBefore;
      places.push({ ...place, window });
      if (window !== undefined) scorable.add(window);
    }
    windowsBefore += windows.length;
  }
  if (windowsBefore === 0) return null;
  const silent = -scorable.size;
  return (100 * (bestSum(places, scorable.size) - silent)) / (windowsBefore - silent);
}

/** Lowers the threshold from score to score: a window counts by its best point, a false alarm each time. */
function bestSum(places: Place[], windows: number): number {
  places.sort((a, b) => b.score - a.score);
  const found = new Map<number, number>();
  let sum = -windows;
  let best = sum;
  places.forEach(({ score, gain, window }, i) => {
    if (score === Number.NEGATIVE_INFINITY) return;
    if (window === undefined) sum += gain;
    else {
      const before = found.get(window) ?? -1;
      if (gain > before) {
        sum += gain - before;
        found.set(window, gain);
      }
    }
    if (places[i + 1]?.score !== score) best = Math.max(best, sum);
  });
  return best;
}

function placesOf(scores: readonly number[], windows: readonly Stretch[]): Place[] {
  const probation = Math.min(Math.floor(PROBATION_SHARE * scores.length), MOST_PROBATION);
  const places: Place[] = [];
  let next = 0;
  let last: Stretch | undefined;
  scores.forEach((score, point) => {
    while (next < windows.length && point > (windows[next] as Stretch).to) last = windows[next++];
    const window = windows[next];
    const isInside = window !== undefined && point >= window.from;
    if (point < probation) return;
    if (isInside) {
      const left = (window.to - point + 1) / (window.to - window.from + 1);
      places.push({ score, gain: scaled(-left) / scaled(-1), window: next });
    } else {
      const past = last === undefined ? undefined : (point - last.to) / (last.to - last.from);
      places.push({ score, gain: FALSE_ALARM * (past === undefined ? -1 : scaled(past)), window: undefined });
    }
  });
  return places;
}

/** NAB's sigmoid of where a point lies: -1 where a window begins, 0 at its end, above 0 after it. */
function scaled(where: number): number {
  return where > 3 ? -1 : 2 / (1 + Math.exp(5 * where)) - 1;
}

/** Windows in points that have a value. */
function windowsAmong(present: readonly number[], windows: readonly Stretch[]): Stretch[] {
  return windows.flatMap(({ from, to }) => {
    const first = present.findIndex((point) => point >= from);
    const last = present.findLastIndex((point) => point <= to);
    return first < 0 || last < first ? [] : [{ from: first, to: last }];
  });
}
