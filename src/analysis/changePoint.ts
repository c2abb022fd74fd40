/** Where a cluster's rate rose, and how surely. */
export interface ChangePoint {
  /** The first line of the higher rate, ms since the epoch. */
  atMs: number;
  /** Lines per minute before and from then on. */
  ratePerMinuteBefore: number;
  ratePerMinuteAfter: number;
  /** Lines from then on. */
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
 * Analysis, 2nd ed., ch. 7). One pass over the sorted times.
 * @param timesMs ascending.
 */
export function findRise(timesMs: readonly number[], fromMs: number, toMs: number): ChangePoint | undefined {
  const n = timesMs.length;
  const first = timesMs[0];
  if (first === undefined) return undefined;
  const wholeMs = Math.max(toMs - fromMs, MIN_STRETCH_MS);
  let best: ChangePoint | undefined;

  for (let k = 0; k < n; k++) {
    const atMs = timesMs[k] as number;
    if (k > 0 && atMs === timesMs[k - 1]) continue;
    const beforeMs = Math.max(atMs - fromMs, 1);
    const afterMs = Math.max(toMs - atMs, MIN_STRETCH_MS);
    const rateBefore = k / beforeMs;
    const rateAfter = (n - k) / afterMs;
    if (rateAfter <= rateBefore) continue;
    const gain = logLikelihood(k, beforeMs) + logLikelihood(n - k, afterMs) - logLikelihood(n, wholeMs);
    if (best !== undefined && gain <= best.gain) continue;
    best = {
      atMs,
      ratePerMinuteBefore: rateBefore * 60_000,
      ratePerMinuteAfter: rateAfter * 60_000,
      countAfter: n - k,
      gain: Math.max(0, gain),
    };
  }
  return best;
}

function logLikelihood(count: number, ms: number): number {
  return count === 0 ? 0 : count * Math.log(count / ms);
}
