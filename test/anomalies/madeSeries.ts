/** Seeded numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const MINUTE = 60_000;
export const DAY_MINUTES = 1_440;
/** A Monday, far from any clock change. */
export const START = Date.UTC(2025, 5, 2);

export interface Made {
  days: number;
  /** Lines a minute at noon and at midnight. */
  byDay: number;
  byNight?: number;
  seed?: number;
  stepMinutes?: number;
}

/** Lines counted in each step, Poisson around a rate that follows the time of day. */
export function madeCounts({ days, byDay, byNight = byDay, seed = 1, stepMinutes = 1 }: Made): number[] {
  const random = randomOf(seed);
  const steps = Math.round((days * DAY_MINUTES) / stepMinutes);
  return Array.from({ length: steps }, (_, step) => {
    const noon = 0.5 - 0.5 * Math.cos((2 * Math.PI * step * stepMinutes) / DAY_MINUTES);
    return poisson((byNight + (byDay - byNight) * noon) * stepMinutes, random);
  });
}

export function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
