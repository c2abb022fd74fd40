import type { Memory } from "./memory.ts";
import { TrailingMedian } from "./trailing.ts";

/** Medians are over five-minute means (or steps that are longer): of single minutes of a quiet service they would be 0. */
const BUCKET_SECONDS = 300;
/** Half an hour and two hours of five-minute steps; of hourly ones six hours and a day. */
const SHORT = 6;
const MIDDLE = 24;
/** A day, of hourly steps a week, in quarters of an hour or steps. */
const LONG_SECONDS = 86_400;
const LONG_BUCKET_SECONDS = 900;
const LONG_LEAST = 96;
const LONG_OF_HOURS = 168;
/** How long past medians are kept: a wide bucket is held against what was usual before it began. */
const KEPT = 32;
/** How well each fits is remembered over a day. Between 7 hours and 3 days it made no difference beyond .02 of F1. */
const FIT_DAYS = 1;
/** A day is taken to be no more than so many times another one. */
const MOST_LEVEL = 5;

/** Two of the references: the better fitting first. Where there are not two, NaN. */
export interface Pair {
  best: number;
  second: number;
}

const REFERENCES = 4;
const LONG = 2;
const SEASON = 3;

/** What a series is held against: three trailing medians and the same time of day, and how well each fitted lately. */
export class References {
  readonly bucketSteps: number;
  readonly #longBuckets: number;
  readonly #short: TrailingMedian;
  readonly #middle: TrailingMedian;
  readonly #long: TrailingMedian;
  readonly #pastShort: Float32Array;
  readonly #pastMiddle: Float32Array;
  /** Sum and count of the open bucket, sum and count of the open long one, number of buckets, the long median. */
  readonly #state: Float64Array;
  /** Means of the last day: of what came, and of what is usual at its times of day. */
  readonly #level: Float64Array;
  /** Mean distance of each reference from what came. */
  readonly #misses: Float64Array;
  readonly #fitAlpha: number;
  readonly #now = new Float64Array(REFERENCES).fill(Number.NaN);

  constructor(memory: Memory, stepSeconds: number) {
    this.bucketSteps = Math.max(1, Math.round(BUCKET_SECONDS / stepSeconds));
    const longSeconds = Math.max(LONG_BUCKET_SECONDS, stepSeconds);
    this.#longBuckets = Math.max(1, Math.round(longSeconds / (this.bucketSteps * stepSeconds)));
    this.#short = new TrailingMedian(memory, SHORT);
    this.#middle = new TrailingMedian(memory, MIDDLE);
    const inADay = Math.round(LONG_SECONDS / longSeconds);
    this.#long = new TrailingMedian(memory, inADay < LONG_LEAST ? LONG_OF_HOURS : inADay);
    this.#pastShort = memory.floats(KEPT).fill(Number.NaN);
    this.#pastMiddle = memory.floats(KEPT).fill(Number.NaN);
    this.#state = memory.doubles(6);
    this.#state[5] = Number.NaN;
    this.#misses = memory.doubles(REFERENCES);
    this.#level = memory.doubles(2);
    this.#fitAlpha = stepSeconds / (FIT_DAYS * 86_400);
  }

  add(value: number): void {
    const state = this.#state;
    state[0] = (state[0] as number) + value;
    state[1] = (state[1] as number) + 1;
    if ((state[1] as number) < this.bucketSteps) return;
    const mean = (state[0] as number) / (state[1] as number);
    state[0] = 0;
    state[1] = 0;
    this.#short.add(mean);
    this.#middle.add(mean);
    state[2] = (state[2] as number) + mean;
    state[3] = (state[3] as number) + 1;
    if ((state[3] as number) >= this.#longBuckets) {
      this.#long.add((state[2] as number) / (state[3] as number));
      state[5] = this.#long.median;
      state[2] = 0;
      state[3] = 0;
    }
    const bucket = (state[4] as number) + 1;
    state[4] = bucket;
    this.#pastShort[bucket % KEPT] = this.#short.median;
    this.#pastMiddle[bucket % KEPT] = this.#middle.median;
  }

  /** After hours without data what was usual lately says nothing. */
  forgetLately(): void {
    this.#short.clear();
    this.#middle.clear();
    this.#pastShort.fill(Number.NaN);
    this.#pastMiddle.fill(Number.NaN);
  }

  /**
   * The two that fitted best lately, as they were before a bucket of so many steps began.
   * @param season what is usual at this time of day
   */
  bestTwo(steps: number, season: number, out: Pair): void {
    const now = this.#at(Math.floor((steps - 1) / this.bucketSteps), season);
    let best = -1;
    let second = -1;
    for (let each = 0; each < REFERENCES; each++) {
      if (Number.isNaN(now[each] as number)) continue;
      const miss = this.#misses[each] as number;
      if (best < 0 || miss < (this.#misses[best] as number)) {
        second = best;
        best = each;
      } else if (second < 0 || miss < (this.#misses[second] as number)) second = each;
    }
    out.best = second < 0 ? Number.NaN : (now[best] as number);
    out.second = second < 0 ? Number.NaN : (now[second] as number);
  }

  /** The two that a slow rise does not pull along: the time of day, and the same at the level of the last day. */
  slowTwo(season: number, out: Pair): void {
    const [mean = 0, usual = 0] = this.#level;
    out.best = season;
    out.second = season * (usual > 0 ? Math.min(MOST_LEVEL, Math.max(1 / MOST_LEVEL, mean / usual)) : 1);
  }

  /** Learns how far each reference was off, each by no more than `most`, so that an incident does not decide. */
  learnFit(value: number, season: number, most: number, points: number): void {
    const now = this.#at(0, season);
    const alpha = Math.max(this.#fitAlpha, 1 / (1 + points));
    if (!Number.isNaN(season)) {
      const level = this.#level;
      level[0] = (level[0] as number) + this.#fitAlpha * (value - (level[0] as number));
      level[1] = (level[1] as number) + this.#fitAlpha * (season - (level[1] as number));
    }
    for (let each = 0; each < REFERENCES; each++) {
      const reference = now[each] as number;
      if (Number.isNaN(reference)) continue;
      const miss = this.#misses[each] as number;
      this.#misses[each] = miss + alpha * (Math.min(Math.abs(value - reference), most) - miss);
    }
  }

  #at(bucketsAgo: number, season: number): Float64Array {
    const place = ((this.#state[4] as number) - Math.min(bucketsAgo, KEPT - 1) + KEPT) % KEPT;
    const now = this.#now;
    now[0] = this.#pastShort[place] as number;
    now[1] = this.#pastMiddle[place] as number;
    now[LONG] = this.#state[5] as number;
    now[SEASON] = season;
    return now;
  }
}
