import type { Memory } from "./memory.ts";

/** How far a value is above and below the usual, in units of the usual noise; the other is 0. */
export interface Distance {
  up: number;
  down: number;
}

/** What a value is held against. */
export interface Usual {
  /** Best guess, and the band that the references span. */
  expected: number;
  low: number;
  high: number;
  /** Mean of the last day: a level that noise is not taken to be below. */
  dayMean: number;
  /** Variance of a mean of lines per line: 1 / steps for counts (Poisson), 0 for other kinds. */
  perLine: number;
}

/** Noise units are the 90 % quantile of what a bucket is off: 1.64 standard deviations of normal noise. */
const SHARE = 0.9;
const DEVIATIONS = 1.64;
/** How fast a 90 % quantile that is nudged up and down follows: about a week. 3 and 14 days came to the same. */
const QUANTILE_DAYS = 7;

/** One step of a running 90 % quantile: up where it was exceeded, down by less where not. */
function nudged(quantile: number, exceeded: boolean, rate: number): number {
  return quantile * Math.exp((exceeded ? SHARE : SHARE - 1) * rate);
}

function rateOf(stepSeconds: number, points: number): number {
  return Math.max((20 * stepSeconds) / (QUANTILE_DAYS * 86_400), Math.min(0.3, 1 / (1 + points / 10)));
}

/**
 * Noise that is the same at all times of the day, but for what a count has by chance alone. Distances are taken on
 * x^(7/8): labelled incidents are large in lines rather than in proportion (x^0.5: F1 .56, x^0.75 to x^0.9: .58 to .62).
 */
export class EvenNoise {
  /** The 90 % quantile, on x^(7/8). */
  readonly #state: Float64Array;
  readonly #stepSeconds: number;

  constructor(memory: Memory, stepSeconds: number) {
    this.#state = memory.doubles(1);
    this.#stepSeconds = stepSeconds;
  }

  distance(value: number, usual: Usual, out: Distance): void {
    const unit = this.#unit(value, usual);
    out.up = value > usual.high ? (eased(value) - eased(usual.high)) / unit : 0;
    out.down = value < usual.low ? (eased(usual.low) - eased(value)) / unit : 0;
  }

  /** The value that is so many units above (or, below zero, below) a level. */
  valueAt(level: number, distance: number, usual: Usual): number {
    return Math.max(0, eased(level) + distance * this.#unit(level, usual)) ** (1 / EASED_POWER);
  }

  /** What one unit is in values, around the expected one. */
  unitOfValues(usual: Usual): number {
    const level = Math.max(usual.expected, usual.dayMean, 1e-12);
    return (this.#unit(usual.expected, usual) * level) / (EASED_POWER * eased(level));
  }

  learn(value: number, expected: number, points: number): void {
    const off = Math.abs(eased(value) - eased(expected));
    const quantile = this.#state[0] as number;
    const next = quantile === 0 ? off : nudged(quantile, off > quantile, rateOf(this.#stepSeconds, points));
    this.#state[0] = Math.max(next, 1e-6 * eased(value));
  }

  #unit(value: number, usual: Usual): number {
    const level = Math.max(
      usual.expected,
      usual.dayMean,
      usual.perLine,
      value > usual.high ? usual.high : 0,
      1e-12,
    );
    const chance =
      usual.perLine > 0 ? EASED_POWER * Math.sqrt(level * usual.perLine) * (eased(level) / level) : 0;
    return Math.max(this.#state[0] as number, chance, 1e-12);
  }
}

const EASED_POWER = 7 / 8;

/** x^(7/8) by square roots, which cost a tenth of a power. */
function eased(value: number): number {
  const half = Math.sqrt(value);
  const quarter = Math.sqrt(half);
  return half * quarter * Math.sqrt(quarter);
}

/** A level is not taken to be below a tenth of the day's mean: at night nearly nothing is a large part of nothing. */
const LEAST_LEVEL = 0.1;

/**
 * Noise that grows with the level: chance, and a learned part of the level. It sees a flood at night in a service that is busy
 * by day. Falls are taken on the logarithm, since a part of the level cannot fall by more than all of it.
 */
export class LevelNoise {
  /** The part of the level. */
  readonly #state: Float64Array;
  readonly #stepSeconds: number;

  constructor(memory: Memory, stepSeconds: number) {
    this.#state = memory.doubles(1);
    this.#stepSeconds = stepSeconds;
  }

  distance(value: number, usual: Usual, out: Distance): void {
    out.up = 0;
    out.down = 0;
    if (this.#state[0] === 0) return;
    if (value > usual.high) out.up = (value - usual.high) / this.#unit(usual.high, usual);
    else if (value < usual.low) {
      const one = usual.perLine > 0 ? usual.perLine : 0.02 * usual.dayMean;
      const level = leastLevel(usual.low, usual);
      out.down = (Math.log((usual.low + one) / (value + one)) * level) / this.#unit(usual.low, usual);
    }
  }

  learn(value: number, usual: Usual, points: number): void {
    const part = this.#state[0] as number;
    const off = Math.min(Math.abs(value - usual.low), Math.abs(value - usual.high));
    if (part === 0) {
      this.#state[0] = Math.max(0.01, off / leastLevel(usual.expected, usual));
      return;
    }
    const next = nudged(part, off > this.#unit(usual.expected, usual), rateOf(this.#stepSeconds, points));
    this.#state[0] = Math.min(10, Math.max(1e-3, next));
  }

  #unit(level: number, usual: Usual): number {
    const at = leastLevel(level, usual);
    return DEVIATIONS * Math.sqrt(at * usual.perLine + ((this.#state[0] as number) * at) ** 2);
  }
}

function leastLevel(level: number, usual: Usual): number {
  return Math.max(level, LEAST_LEVEL * usual.dayMean, usual.perLine, 1e-12);
}
