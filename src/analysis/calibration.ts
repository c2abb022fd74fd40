/** An answer that people have judged: how sure it was, and how right they say it was, both 0 to 1. */
export interface Judged {
  confidence: number;
  outcome: number;
}

/** With fewer judgements than this chance would decide what a confidence means. */
export const LEAST_JUDGED = 50;
const BINS = 5;

/** Mean squared distance between what was said and what came of it: 0 is best, 0.25 is always saying one half (Brier, 1950). */
export function brierOf(judged: readonly Judged[]): number {
  return mean(judged.map(({ confidence, outcome }) => (confidence - outcome) ** 2));
}

export interface Bin {
  from: number;
  to: number;
  count: number;
  said: number;
  was: number;
}

/** Answers by how sure they were, in five equal parts; without the empty ones. */
export function binsOf(judged: readonly Judged[]): Bin[] {
  return Array.from({ length: BINS }, (_, at) => {
    const inBin = judged.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === at);
    return {
      from: at / BINS,
      to: (at + 1) / BINS,
      count: inBin.length,
      said: mean(inBin.map(({ confidence }) => confidence)),
      was: mean(inBin.map(({ outcome }) => outcome)),
    };
  }).filter(({ count }) => count > 0);
}

/** Expected calibration error: how far apart what was said and what was are, weighted by the answers of each part (Naeini et al., 2015). */
export function expectedCalibrationError(judged: readonly Judged[]): number {
  return binsOf(judged).reduce(
    (sum, { count, said, was }) => sum + (count / judged.length) * Math.abs(said - was),
    0,
  );
}

/**
 * What a confidence has meant so far: the rising step function nearest to the judgements (isotonic regression by pooling adjacent
 * violators: Barlow et al., 1972), drawn a little towards what was said, because each step rests on few.
 * @returns undefined with too few judgements
 */
export function fitConfidence(judged: readonly Judged[]): ((confidence: number) => number) | undefined {
  if (judged.length < LEAST_JUDGED) return undefined;
  const pools: { from: number; sum: number; weight: number }[] = [];
  for (const [confidence, outcomes] of outcomesByConfidence(judged)) {
    const sum = outcomes.reduce((total, outcome) => total + outcome, PRIOR * confidence);
    pools.push({ from: confidence, sum, weight: outcomes.length + PRIOR });
    for (;;) {
      const [before, last] = pools.slice(-2);
      if (before === undefined || last === undefined) break;
      if (before.sum / before.weight <= last.sum / last.weight) break;
      const pooled = { from: before.from, sum: before.sum + last.sum, weight: before.weight + last.weight };
      pools.splice(-2, 2, pooled);
    }
  }
  return (confidence) => {
    const pool = pools.findLast(({ from }) => from <= confidence) ?? pools[0];
    return pool === undefined ? confidence : Math.round((100 * pool.sum) / pool.weight) / 100;
  };
}

/** At each confidence what was said counts as much as so many judgements. */
const PRIOR = 2;

function outcomesByConfidence(judged: readonly Judged[]): [number, number[]][] {
  const outcomes = new Map<number, number[]>();
  for (const { confidence, outcome } of judged)
    outcomes.set(confidence, [...(outcomes.get(confidence) ?? []), outcome]);
  return [...outcomes].sort(([a], [b]) => a - b);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
