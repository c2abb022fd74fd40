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
  const pools: { said: number; sum: number; count: number }[] = [];
  for (const { confidence, outcome } of [...judged].sort((a, b) => a.confidence - b.confidence)) {
    pools.push({ said: confidence, sum: outcome, count: 1 });
    for (;;) {
      const [before, last] = pools.slice(-2);
      if (before === undefined || last === undefined || before.sum / before.count <= last.sum / last.count)
        break;
      const said = (before.said * before.count + last.said * last.count) / (before.count + last.count);
      pools.splice(-2, 2, { said, sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  return (confidence) => {
    const pool = pools.reduce((best, one) =>
      Math.abs(one.said - confidence) < Math.abs(best.said - confidence) ? one : best,
    );
    const fitted = (pool.sum + PRIOR * confidence) / (pool.count + PRIOR);
    return Math.round(fitted * 100) / 100;
  };
}

/** What was said counts as much as so many judgements. */
const PRIOR = 5;

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
