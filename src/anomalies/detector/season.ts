import { isNearClockChange } from "./clockChange.ts";
import type { Memory } from "./memory.ts";
import { Slots } from "./slots.ts";

/** Two weeks and a day: "the same time of the week" needs both. */
const DAYS = 15;
const LEAST_SLOT_MS = 900_000;
/** A time of day is known from so many days. */
const LEAST_DAYS = 3;
/** Days that a day is held against: those that were most like it lately, so that a Saturday is held against Saturdays. */
const ALIKE = 4;
/** What is usual of a half hour and of an hour is the median of more of them, whose own noise is less: with four R was .75 rather than .76 at as many false. */
const ALIKE_OF_WIDE = 7;
const DAYS_BEFORE = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] as const;
/** How far they differ is remembered over so long: with six hours F1 was .62 rather than .63, more false. */
const ALIKE_MS = 12 * 3_600_000;
/** Means of quarters of an hour count from half an hour before on: a bucket of one may begin in the one before. */
const MEANS_BEFORE = 2;
/** What so many of those days had is usual: one alone may be an incident. With three F1 was .62 rather than .63, P on made series .79. */
const REACHED_BY = 2;
/** What was usual around one time of day; NaN where it is not known. */
export interface TimeOfDay {
  /** Median over the days. */
  expected: number;
  /** The same of means over the half hour and the hour that end then. */
  expectedHalf: number;
  expectedHour: number;
  /** What single values, and means over a quarter of an hour and over an hour, reached on at least two days or in both weeks. */
  high: number;
  low: number;
  highMean: number;
  lowMean: number;
  /** The least of those means a week before. */
  lowWeek: number;
  highHour: number;
  lowHour: number;
}

/** What one day had around it. */
type Reached = Omit<TimeOfDay, "lowWeek">;

/** Of a time of day that is not known. */
export const UNKNOWN: TimeOfDay = {
  expected: Number.NaN,
  expectedHour: Number.NaN,
  expectedHalf: Number.NaN,
  high: Number.NaN,
  low: Number.NaN,
  highMean: Number.NaN,
  lowMean: Number.NaN,
  lowWeek: Number.NaN,
  highHour: Number.NaN,
  lowHour: Number.NaN,
};

/** What the series was at this time of the last fifteen days: in slots of a quarter of an hour, or of a step that is longer. */
export class Season {
  readonly slotMs: number;
  readonly #perDay: number;
  readonly #slots: Slots;
  /** The open slot's number, least value, sum, largest value and count. */
  readonly #open: Float64Array;
  /** How far each of the days before was from how it was lately, on square roots. */
  readonly #unlike: Float64Array;

  constructor(memory: Memory, stepMs: number) {
    this.slotMs = Math.max(LEAST_SLOT_MS, stepMs);
    this.#perDay = Math.round(86_400_000 / this.slotMs);
    this.#slots = new Slots(memory, this.#perDay * DAYS);
    this.#open = memory.doubles(5);
    this.#open[0] = -1;
    this.#unlike = memory.doubles(DAYS);
  }

  /** The one that is open; -1 before the first. */
  get slot(): number {
    return this.#open[0] as number;
  }

  /** Ends the slot before, so that what is usual around this one is the same at its beginning and later. */
  turnTo(slot: number): void {
    const open = this.#open;
    if (slot === open[0]) return;
    this.#close();
    if (this.slot >= 0) this.#slots.skip(this.slot, slot);
    open.set([slot, Infinity, 0, -Infinity, 0]);
  }

  add(slot: number, value: number): void {
    this.turnTo(slot);
    const open = this.#open;
    if (value < (open[1] as number)) open[1] = value;
    open[2] = (open[2] as number) + value;
    if (value > (open[3] as number)) open[3] = value;
    open[4] = (open[4] as number) + 1;
  }

  /**
   * What was usual around this slot: a quarter of an hour to both sides, and the hour before for means over an hour. In the
   * week after a clock change an hour to both sides: without it every morning fired for three days, and P on generated
   * series was .79 rather than .85.
   */
  around(slot: number): TimeOfDay {
    const shift = isNearClockChange(slot * this.slotMs) ? Math.round(3_600_000 / this.slotMs) : 0;
    const before = Math.round(3_600_000 / this.slotMs) + 1;
    const onDay = (day: number) => this.#onDay(slot - day * this.#perDay, shift, before);
    const known: Reached[] = [];
    for (const day of this.#mostAlike()) {
      const then = onDay(day);
      if (then !== undefined) known.push(then);
      if (known.length === ALIKE_OF_WIDE) break;
    }
    const alike = known.slice(0, ALIKE);
    const weeks = [onDay(7), onDay(14)];
    const both = weeks.every((week) => week !== undefined) ? weeks : [];
    const reached = (of: keyof Reached) => Math.max(nth(alike, of, -1, REACHED_BY), nth(both, of, -1, 2));
    const fell = (of: keyof Reached) => Math.min(nth(alike, of, 1, REACHED_BY), nth(both, of, 1, 2));
    return {
      expected: median(alike, "expected"),
      expectedHalf: median(known, "expectedHalf"),
      expectedHour: median(known, "expectedHour"),
      high: finite(reached("high")),
      low: finite(fell("low")),
      highMean: finite(reached("highMean")),
      lowMean: finite(fell("lowMean")),
      lowWeek: weeks[0]?.lowMean ?? Number.NaN,
      highHour: finite(reached("highHour")),
      lowHour: finite(fell("lowHour")),
    };
  }

  #mostAlike(): number[] {
    return [...DAYS_BEFORE].sort((a, b) => (this.#unlike[a] as number) - (this.#unlike[b] as number));
  }

  #onDay(slot: number, shift: number, before: number): Reached | undefined {
    const day = {
      expected: this.#slots.mean(slot),
      expectedHour: Number.NaN,
      expectedHalf: Number.NaN,
      high: -Infinity,
      low: Infinity,
      highMean: -Infinity,
      lowMean: Infinity,
      highHour: -Infinity,
      lowHour: Infinity,
    };
    const inAnHour = before - 1;
    const first = this.slotMs > LEAST_SLOT_MS ? -1 : -before;
    let sum = 0;
    let run = 0;
    for (let k = first - shift; k <= 1 + shift; k++) {
      const mean = this.#slots.mean(slot + k);
      run = Number.isNaN(mean) ? 0 : run + 1;
      if (run === 0) continue;
      sum = run === 1 ? mean : sum + mean;
      if (run > inAnHour) sum -= this.#slots.mean(slot + k - inAnHour);
      if (run >= inAnHour) {
        day.highHour = Math.max(day.highHour, sum / inAnHour);
        day.lowHour = Math.min(day.lowHour, sum / inAnHour);
        if (k === 0) day.expectedHour = sum / inAnHour;
      }
      if (k === 0 && run >= 2) day.expectedHalf = (mean + this.#slots.mean(slot - 1)) / 2;
      if (k < -MEANS_BEFORE - shift) continue;
      day.highMean = Math.max(day.highMean, mean);
      day.lowMean = Math.min(day.lowMean, mean);
      if (k < -1 - shift) continue;
      day.high = Math.max(day.high, this.#slots.high(slot + k));
      day.low = Math.min(day.low, this.#slots.low(slot + k));
    }
    return day.highMean === -Infinity ? undefined : day;
  }

  #close(): void {
    const [slot = -1, low = 0, sum = 0, high = 0, count = 0] = this.#open;
    if (slot < 0 || count === 0) return;
    this.#slots.keep(slot, low, sum / count, high);
    this.#compareDays(slot, Math.sqrt(sum / count));
  }

  #compareDays(slot: number, root: number): void {
    for (const day of DAYS_BEFORE) {
      const then = this.#slots.mean(slot - day * this.#perDay);
      if (Number.isNaN(then)) continue;
      const off = Math.abs(root - Math.sqrt(then));
      const before = this.#unlike[day] as number;
      const part = before === 0 ? 1 : Math.min(1, this.slotMs / ALIKE_MS);
      this.#unlike[day] = before + part * (off - before);
    }
  }
}

/** The nth largest (direction -1) or least (1); an infinity that loses against every number when there are fewer. */
function nth(days: readonly Reached[], of: keyof Reached, direction: 1 | -1, n: number): number {
  if (days.length < n) return direction * Infinity;
  return days.map((day) => day[of]).sort((a, b) => direction * (a - b))[n - 1] as number;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function median(days: readonly Reached[], of: keyof Reached): number {
  const values = days.map((day) => day[of]).filter((value) => !Number.isNaN(value));
  if (values.length < LEAST_DAYS) return Number.NaN;
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] as number;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2;
}
