import type { Coverage } from "./coverage.ts";
import { sumOf } from "./numbers.ts";

/** Where a cluster's rate rose, and how surely. */
export interface ChangePoint {
  /** The first line of the higher rate, ms since the epoch. */
  atMs: number;
  /** Lines per minute before and from then on. */
  ratePerMinuteBefore: number;
  ratePerMinuteAfter: number;
  /** Lines read from then on. */
  countAfter: number;
  /** Log-likelihood ratio of two Poisson rates against one, in nats; 0 where the rate did not rise. */
  gain: number;
}

/** Shorter stretches cannot tell a rate: one line a second before the end is not a burst. */
const MIN_STRETCH_MS = 30_000;

/**
 * The split of a Poisson process into two rates that explains its times best, looking for rises only.
 * For n lines in T and k of them in the first part t, the log-likelihood ratio is
 * k·ln(k/t) + (n−k)·ln((n−k)/(T−t)) − n·ln(n/T) (e.g. Chen & Gupta, Parametric Statistical Change Point
 * Analysis, 2nd ed., ch. 7). Where only part of the time was read, t and T count that part. One pass over
 * the sorted times.
 *
 * Lines that come in bursts are no Poisson process: the next burst of a nightly job would be a rise beyond
 * doubt. The gain is therefore divided by the index of dispersion of the time before (quasi-likelihood:
 * McCullagh & Nelder, Generalized Linear Models, 2nd ed., 6.2), which is 1 for lines by chance.
 * @param timesMs ascending.
 * @param fromMs what rose before it is no rise that is looked for.
 */
export function findRise(
  timesMs: readonly number[],
  covered: Coverage,
  fromMs = Number.NEGATIVE_INFINITY,
): ChangePoint | undefined {
  const n = timesMs.length;
  const wholeMs = Math.max(covered.totalMs, MIN_STRETCH_MS);
  let best: ChangePoint | undefined;
  let bestAt = 0;

  for (let k = 0; k < n; k++) {
    const atMs = timesMs[k] as number;
    if (atMs < fromMs || (k > 0 && atMs === timesMs[k - 1])) continue;
    const readMs = covered.msBefore(atMs);
    const beforeMs = Math.max(readMs, 1);
    const afterMs = Math.max(covered.totalMs - readMs, MIN_STRETCH_MS);
    const rateBefore = k / beforeMs;
    const rateAfter = (n - k) / afterMs;
    if (rateAfter <= rateBefore) continue;
    const gain = logLikelihood(k, beforeMs) + logLikelihood(n - k, afterMs) - logLikelihood(n, wholeMs);
    if (best !== undefined && gain <= best.gain) continue;
    bestAt = k;
    best = {
      atMs,
      ratePerMinuteBefore: rateBefore * 60_000,
      ratePerMinuteAfter: rateAfter * 60_000,
      countAfter: n - k,
      gain: Math.max(0, gain),
    };
  }
  if (best === undefined) return undefined;
  const dispersion = isPause(timesMs, bestAt, covered)
    ? dispersionOf(timesMs, covered, covered.totalMs)
    : dispersionOf(timesMs.slice(0, bestAt), covered, covered.msBefore(best.atMs));
  return { ...best, gain: best.gain / dispersion };
}

/** A silence that is no longer than twice the pauses after it is one of them: the bursts themselves are the measure. */
function isPause(timesMs: readonly number[], first: number, covered: Coverage): boolean {
  if (first > 0) return false;
  const silenceMs = covered.msBefore(timesMs[0] as number);
  let lastMs = silenceMs;
  for (const atMs of timesMs) {
    const readMs = covered.msBefore(atMs);
    if (2 * (readMs - lastMs) >= silenceMs) return true;
    lastMs = readMs;
  }
  return false;
}

/** The step from which counts are higher than before, found in the same way; 0 where none is. */
export function findStepRise(counts: readonly number[]): number {
  const n = sumOf(counts);
  let best = { step: 0, gain: 0 };
  let k = 0;
  for (let step = 1; step < counts.length; step++) {
    k += counts[step - 1] as number;
    const after = counts.length - step;
    if ((n - k) / after <= k / step) continue;
    const gain = logLikelihood(k, step) + logLikelihood(n - k, after) - logLikelihood(n, counts.length);
    if (gain > best.gain) best = { step, gain };
  }
  return best.step;
}

/** The step from which counts are lower than before, and how surely, in nats. */
export function findStepDrop(counts: readonly number[]): { step: number; gain: number } {
  const n = sumOf(counts);
  let best = { step: 0, gain: 0 };
  let k = 0;
  for (let step = 1; step < counts.length; step++) {
    k += counts[step - 1] as number;
    const after = counts.length - step;
    if ((n - k) / after >= k / step) continue;
    const gain = logLikelihood(k, step) + logLikelihood(n - k, after) - logLikelihood(n, counts.length);
    if (gain > best.gain) best = { step, gain };
  }
  return best;
}

/** Bins that the dispersion is counted in: enough to see a burst between quiet ones, however long the time. */
const BINS = 60;

/** Variance over mean of lines in equal parts of the first `readMs` of what was read; never below 1. */
function dispersionOf(timesMs: readonly number[], covered: Coverage, readMs: number): number {
  if (timesMs.length < 3 || readMs <= 0) return 1;
  const bins = new Array<number>(BINS).fill(0);
  for (const atMs of timesMs) {
    const bin = Math.min(BINS - 1, Math.floor((covered.msBefore(atMs) / readMs) * BINS));
    bins[bin] = (bins[bin] as number) + 1;
  }
  const mean = timesMs.length / BINS;
  const variance = sumOf(bins.map((count) => (count - mean) ** 2)) / (BINS - 1);
  return Math.max(1, variance / mean);
}

/** Of so many events in so much time, at their own rate; without the part that every split has in common. */
export function logLikelihood(count: number, time: number): number {
  return count === 0 ? 0 : count * Math.log(count / time);
}
