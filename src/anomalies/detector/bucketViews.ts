import type { Memory } from "./memory.ts";
import { leftOf, type Moment, type Sighting, type View } from "./moment.ts";
import { type Distance, EvenNoise, LevelNoise, type Usual } from "./noise.ts";
import { Rarity } from "./rarity.ts";
import type { Pair } from "./references.ts";
import type { TimeOfDay } from "./season.ts";

/** What a view is told when it is made. */
export interface ViewOptions {
  stepSeconds: number;
  counts: boolean;
  /** How wide its bucket is. */
  steps: number;
  youngBlocks: number;
}

/** Of counts whose steps are shorter than that … */
export const STEADY_SECONDS = 300;
/** … the median of so many is looked at, … */
export const STEADY_STEPS = 5;
/** … and that of fewer where so much of its distance is still more: an outage is not to wait. */
const QUICK_STEPS = 3;
const QUICK_PART = 0.5;
/** What fell from less, in counts a minute, is nobody's trouble: that a quiet service stops altogether is told as silence. */
const LEAST_FALLEN_FROM = 3;
/** A job that takes its time is not as long each day: of wide buckets of counts so much of it is allowed for. */
const SEASONAL_PART = 1.15;
/** Buckets so wide are held against means of quarter hours, others against single values. */
const WIDE_SECONDS = 900;
const HOUR_SECONDS = 3_600;
/** A miss counts as no more than this many noise units in telling which reference fits. */
const MOST_MISS = 4;

/** The parts that views of buckets share: the sliding mean, the references, the season, the tails. */
abstract class BucketView implements View {
  readonly rarities: readonly [up: Rarity, down: Rarity];
  protected readonly options: ViewOptions;
  protected readonly usual: Usual = { expected: 0, low: 0, high: 0, dayMean: 0, perLine: 0 };
  readonly #leastFallenFrom: number;
  readonly #seasonalPart: number;
  readonly #sum: Float64Array;
  readonly #pair: Pair = { best: 0, second: 0 };
  readonly #distance: Distance = { up: 0, down: 0 };

  constructor(memory: Memory, options: ViewOptions) {
    const { counts, stepSeconds } = options;
    this.options = options;
    this.#leastFallenFrom =
      counts && stepSeconds < STEADY_SECONDS ? (LEAST_FALLEN_FROM * stepSeconds) / 60 : 0;
    this.#seasonalPart = counts && stepSeconds < STEADY_SECONDS ? SEASONAL_PART : 1;
    this.#sum = memory.doubles(1);
    this.rarities = [new Rarity(memory, options.youngBlocks), new Rarity(memory, options.youngBlocks)];
  }

  look(moment: Moment): Sighting | undefined {
    const { recent, season } = moment;
    const { steps, counts } = this.options;
    const leaving = recent.unbroken > steps ? recent.ago(steps) : 0;
    const sum = recent.unbroken === 1 ? moment.value : (this.#sum[0] as number) + moment.value - leaving;
    this.#sum[0] = Math.max(0, sum);
    if (recent.unbroken < steps) return undefined;
    const pair = this.#pair;
    this.compareWith(moment, pair);
    if (Number.isNaN(pair.second)) return undefined;
    for (const rarity of this.rarities) rarity.see(0);
    const isSteadied = this.#isSteadied(moment);
    const mean = isSteadied ? recent.median(STEADY_STEPS) : (this.#sum[0] as number) / steps;
    const usual = this.usual;
    usual.expected = pair.best;
    usual.low = Math.min(pair.best, pair.second);
    usual.high = Math.max(pair.best, pair.second);
    usual.dayMean = moment.dayMean;
    usual.perLine = counts ? 1 / steps : 0;
    const [seasonHigh, seasonLow] = this.#reached(season);
    const sighting = this.#off(mean, seasonHigh, seasonLow, 1);
    const quick = isSteadied
      ? this.#off(recent.median(QUICK_STEPS), seasonHigh, seasonLow, QUICK_PART)
      : undefined;
    this.learn(mean, moment);
    return quick !== undefined && quick.left > (sighting?.left ?? 0) ? quick : sighting;
  }

  /** The two references of this view. */
  protected compareWith(moment: Moment, pair: Pair): void {
    moment.references.bestTwo(this.options.steps, moment.season.expected, pair);
  }

  protected abstract distance(value: number, out: Distance): void;
  protected abstract learn(mean: number, moment: Moment): void;

  /**
   * Counts a minute are taken as the median of the last five: deploys, jobs and retries make two or three loud minutes, which
   * nobody wants to be told of. With single minutes generated series had P/R .75/.53, with three .78/.62. Rates and ratios are
   * means already; in them a single point was an incident for those who labelled.
   */
  #isSteadied({ recent }: Moment): boolean {
    const { steps, stepSeconds, counts } = this.options;
    return counts && steps === 1 && stepSeconds < STEADY_SECONDS && recent.unbroken >= STEADY_STEPS;
  }

  /** The highest and lowest that means over such a bucket had at this time of earlier days. */
  #reached(season: TimeOfDay): [high: number, low: number] {
    const seconds = this.options.steps * this.options.stepSeconds;
    if (seconds >= HOUR_SECONDS) return [season.highHour, season.lowHour];
    return seconds >= WIDE_SECONDS ? [season.highMean, season.lowMean] : [season.high, season.low];
  }

  #off(mean: number, seasonHigh: number, seasonLow: number, part: number): Sighting | undefined {
    const off = this.#distance;
    const { expected, low, high } = this.usual;
    const steps = this.options.steps;
    this.distance(mean, off);
    if (off.up <= 0 && off.down <= 0) return undefined;
    if (off.up <= 0 && low < this.#leastFallenFrom) return undefined;
    const direction = off.up > 0 ? "up" : "down";
    const distance = off[direction];
    const rarity = this.rarities[direction === "up" ? 0 : 1];
    let seasonal = 0;
    if (direction === "up" ? seasonHigh > high : seasonLow < low) {
      this.distance(direction === "up" ? seasonHigh : seasonLow, off);
      seasonal = off[direction];
    }
    const left = part * leftOf(distance, this.#seasonalPart * seasonal, rarity);
    rarity.see(left);
    const lines = (direction === "up" ? mean - high : low - mean) * steps;
    return { distance, seasonal, left, rarity, direction, lines, observed: mean, expected, low, high, steps };
  }
}

/** Buckets of one step, five minutes and half an hour, off in lines. */
export class EvenView extends BucketView {
  readonly #noise: EvenNoise;

  constructor(memory: Memory, options: ViewOptions) {
    super(memory, options);
    this.#noise = new EvenNoise(memory, options.stepSeconds);
  }

  /** The values that are this rare around what is usual, to draw as a band. */
  band(usual: Usual, logBlocks: number): { low: number; high: number } {
    const [up, down] = this.rarities;
    return {
      low: this.#noise.valueAt(usual.low, -down.distanceOf(logBlocks), usual),
      high: this.#noise.valueAt(usual.high, up.distanceOf(logBlocks), usual),
    };
  }

  protected distance(value: number, out: Distance): void {
    this.#noise.distance(value, this.usual, out);
  }

  protected learn(mean: number, { recent, references, season, value }: Moment): void {
    const { expected } = this.usual;
    this.#noise.learn(mean, expected, recent.points);
    if (this.options.steps > 1) return;
    const most = MOST_MISS * this.#noise.unitOfValues(this.usual);
    references.learnFit(value, season.expected, most, recent.points);
  }
}

/** Half an hour, off in proportion to its level. */
export class LevelView extends BucketView {
  readonly #noise: LevelNoise;

  constructor(memory: Memory, options: ViewOptions) {
    super(memory, options);
    this.#noise = new LevelNoise(memory, options.stepSeconds);
  }

  protected distance(value: number, out: Distance): void {
    this.#noise.distance(value, this.usual, out);
  }

  protected learn(mean: number, { recent }: Moment): void {
    this.#noise.learn(mean, this.usual, recent.points);
  }
}

/** Held against the time of day alone: what lasts pulls trailing medians along. */
export class SlowView extends LevelView {
  protected override compareWith({ references, season }: Moment, pair: Pair): void {
    const isHour = this.options.steps * this.options.stepSeconds >= HOUR_SECONDS;
    references.slowTwo(isHour ? season.expectedHour : season.expectedHalf, pair);
  }
}
