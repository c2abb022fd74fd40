import { STEADY_SECONDS, STEADY_STEPS, type ViewOptions } from "./bucketViews.ts";
import type { Memory } from "./memory.ts";
import { leftOf, type Moment, type Sighting, type View } from "./moment.ts";
import { Rarity } from "./rarity.ts";
import { TrailingMedian } from "./trailing.ts";

/** The steps before, of which the second least and second largest are the band. */
const BEFORE = 5;
/** Jumps are in units of the 75 % quantile of those of the last two hours (48 steps, if that is longer) … */
const NOISE_SECONDS = 7_200;
const LEAST_STEPS = 48;
const NOISE_SHARE = 0.75;
/** … but not less than this part of their mean over three days: an hour in which nothing moves is no measure. */
const LEAST_PART = 0.3;
const MEAN_DAYS = 3;
/** Distances on x^0.75: between chance in counts (x^0.5) and lines (x). On x^0.5 F1 was .02 lower. */
const POWER = 0.75;
/** A jump counts as no more than this many units in what is usual. */
const MOST = 4;
/** Counts by the minute are medians (see bucketViews.ts), so the minutes in one are not "before". */

/**
 * A step against the five before it, in units of what steps jump by just now. Series that move little from one step to the next
 * show a spike long before it is out of the day's range: without this view F1 of the per-minute family was .59 rather than .68.
 */
export class JumpView implements View {
  readonly rarities: readonly [up: Rarity, down: Rarity];
  readonly #options: ViewOptions;
  readonly #jumps: TrailingMedian;
  readonly #mean: Float64Array;
  readonly #sorted = new Float64Array(BEFORE);

  constructor(memory: Memory, options: ViewOptions) {
    this.#options = options;
    this.#jumps = new TrailingMedian(
      memory,
      Math.max(LEAST_STEPS, Math.round(NOISE_SECONDS / options.stepSeconds)),
    );
    this.rarities = [new Rarity(memory, options.youngBlocks), new Rarity(memory, options.youngBlocks)];
    this.#mean = memory.doubles(1);
  }

  look({ recent, season, dayMean, value }: Moment): Sighting | undefined {
    const { counts, stepSeconds } = this.#options;
    const skip = counts && stepSeconds < STEADY_SECONDS ? STEADY_STEPS - 1 : 0;
    if (recent.unbroken <= BEFORE + skip) return undefined;
    const observed = skip > 0 ? recent.median(STEADY_STEPS) : value;
    this.#sortBefore(recent, skip);
    for (const each of this.rarities) each.see(0);
    const expected = this.#sorted[2] as number;
    const low = this.#sorted[1] as number;
    const high = this.#sorted[3] as number;
    const jump = Math.abs(eased(observed) - eased(expected));
    const level = Math.max(observed > high ? high : expected, dayMean, 1);
    const chance = counts ? POWER * Math.sqrt(Math.sqrt(level)) : 0;
    const lately = this.#jumps.count > 0 ? this.#jumps.quantile(NOISE_SHARE) : 0;
    const unit = Math.max(lately, LEAST_PART * (this.#mean[0] as number), chance, 1e-9);
    this.#learn(jump, Math.min(jump, MOST * unit), recent.points);
    if (observed <= high && observed >= low) return undefined;

    const isUp = observed > high;
    const off = (to: number) => Math.max(0, isUp ? eased(to) - eased(high) : eased(low) - eased(to)) / unit;
    const rarity = this.rarities[isUp ? 0 : 1];
    const distance = off(observed);
    const earlier = isUp ? season.high : season.low;
    const seasonal = Number.isNaN(earlier) ? 0 : off(earlier);
    const left = leftOf(distance, seasonal, rarity);
    rarity.see(left);
    const lines = isUp ? observed - high : low - observed;
    const direction = isUp ? "up" : "down";
    return { distance, seasonal, left, rarity, direction, lines, observed, expected, low, high, steps: 1 };
  }

  #learn(jump: number, bounded: number, points: number): void {
    const mean = this.#mean[0] as number;
    const alpha = Math.max(this.#options.stepSeconds / (MEAN_DAYS * 86_400), 1 / points);
    this.#jumps.add(jump);
    this.#mean[0] = mean + alpha * (bounded - mean);
  }

  #sortBefore(recent: Moment["recent"], skip: number): void {
    const sorted = this.#sorted;
    for (let i = 0; i < BEFORE; i++) {
      const value = recent.ago(1 + skip + i);
      let at = i;
      for (; at > 0 && (sorted[at - 1] as number) > value; at--) sorted[at] = sorted[at - 1] as number;
      sorted[at] = value;
    }
  }
}

/** x^0.75 by square roots. */
function eased(value: number): number {
  const half = Math.sqrt(value);
  return half * Math.sqrt(half);
}
