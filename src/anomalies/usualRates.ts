/** Hours that the window reaches back: a week, so that each hour of day and day of week is in it once. */
const HOURS = 7 * 24;
const HOUR_MS = 3_600_000;
/** Counts told apart one by one; above them a bin is a ninth wider than the one before. */
const EXACT = 16;
const GROWTH = 1.11;
const BINS = 160;
const PER_HOUR = 3;
/** What is not usual is mostly found within so many minutes. */
const LATELY = 10;
/** Floats that are kept. */
export const RATE_FLOATS = 3 + HOURS * PER_HOUR + BINS;

/** Averages of a service over the last week, from counts by minute, in constant memory. */
export interface Rates {
  /** Where the window begins and ends: at most a week apart, less where less was learnt. */
  windowFromMs: number;
  windowToMs: number;
  /** Lines a minute. */
  avgLogRate: number;
  avgErrorRate: number;
  /** Of a hundred minutes 95 had no more errors than that. */
  p95ErrorRate: number;
}

/**
 * The window rolls on by whole hours. Quantiles come from a histogram whose counts fade with the same week's half-life,
 * so an old minute weighs less instead of leaving at once.
 */
export class UsualRates {
  /** First minute learnt, hour in hand, last minute's end; then minutes, lines and errors by hour; then the histogram. */
  readonly #kept: Float64Array;
  /** The last minutes that were added. Not saved: they are a few of a week. */
  readonly #lately: { minuteMs: number; lines: number; errors: number }[] = [];

  constructor(kept: Float64Array = new Float64Array(RATE_FLOATS)) {
    this.#kept = kept;
  }

  add(minuteMs: number, lines: number, errors: number): void {
    const kept = this.#kept;
    const hour = Math.floor(minuteMs / HOUR_MS);
    if (kept[0] === 0) {
      kept[0] = minuteMs;
      kept[1] = hour;
    }
    this.#rollTo(hour);
    kept[2] = Math.max(kept[2] as number, minuteMs + 60_000);
    const at = slotOf(hour);
    kept[at] = (kept[at] as number) + 1;
    kept[at + 1] = (kept[at + 1] as number) + lines;
    kept[at + 2] = (kept[at + 2] as number) + errors;
    const bin = HISTOGRAM + binOf(errors);
    kept[bin] = (kept[bin] as number) + 1;
    this.#lately.push({ minuteMs, lines, errors });
    if (this.#lately.length > LATELY) this.#lately.shift();
  }

  /** Takes out again the last minutes that were such, at most those added since the last call: they were not usual. */
  takeBackWhile(isSuch: (minute: { lines: number; errors: number }) => boolean): void {
    const last = this.#lately.findLastIndex((minute) => !isSuch(minute));
    for (const { minuteMs, lines, errors } of this.#lately.slice(last + 1)) {
      const at = slotOf(Math.floor(minuteMs / HOUR_MS));
      this.#lessen(at, 1);
      this.#lessen(at + 1, lines);
      this.#lessen(at + 2, errors);
      // A new hour may have made it fade meanwhile.
      this.#lessen(HISTOGRAM + binOf(errors), 1);
    }
    this.#lately.length = 0;
  }

  #lessen(at: number, by: number): void {
    this.#kept[at] = Math.max(0, (this.#kept[at] as number) - by);
  }

  /** Undefined before the first minute. */
  rates(): Rates | undefined {
    const kept = this.#kept;
    if (kept[0] === 0) return undefined;
    let minutes = 0;
    let lines = 0;
    let errors = 0;
    for (let at = HOURS_AT; at < HISTOGRAM; at += PER_HOUR) {
      minutes += kept[at] as number;
      lines += kept[at + 1] as number;
      errors += kept[at + 2] as number;
    }
    return {
      windowFromMs: Math.max(kept[0] as number, ((kept[1] as number) - HOURS + 1) * HOUR_MS),
      windowToMs: kept[2] as number,
      avgLogRate: lines / Math.max(1, minutes),
      avgErrorRate: errors / Math.max(1, minutes),
      p95ErrorRate: this.#quantile(0.95),
    };
  }

  save(): Float64Array {
    return this.#kept.slice();
  }

  #rollTo(hour: number): void {
    const kept = this.#kept;
    const steps = Math.min(HOURS, hour - (kept[1] as number));
    if (steps <= 0) return;
    for (let back = 0; back < steps; back++)
      kept.fill(0, slotOf(hour - back), slotOf(hour - back) + PER_HOUR);
    const fade = 0.5 ** (steps / HOURS);
    for (let bin = HISTOGRAM; bin < RATE_FLOATS; bin++) kept[bin] = (kept[bin] as number) * fade;
    kept[1] = hour;
  }

  #quantile(share: number): number {
    const bins = this.#kept.subarray(HISTOGRAM);
    let left = share * bins.reduce((sum, count) => sum + count, 0);
    for (let bin = 0; bin < BINS; bin++) {
      left -= bins[bin] as number;
      if (left <= 0) return middleOf(bin);
    }
    return 0;
  }
}

const HOURS_AT = 3;
const HISTOGRAM = HOURS_AT + HOURS * PER_HOUR;

function slotOf(hour: number): number {
  return HOURS_AT + (((hour % HOURS) + HOURS) % HOURS) * PER_HOUR;
}

function binOf(count: number): number {
  if (count < EXACT) return Math.max(0, Math.round(count));
  return Math.min(BINS - 1, EXACT + Math.floor(Math.log(count / EXACT) / Math.log(GROWTH)));
}

/** The middle of a bin. */
function middleOf(bin: number): number {
  return bin < EXACT ? bin : EXACT * GROWTH ** (bin - EXACT + 0.5);
}
