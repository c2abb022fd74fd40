import type { Offset } from "./zone.ts";

/** What a stamp without a year or a zone is read by. */
export interface Clock {
  /** The stamp is the latest such time that is not after this (and a day's slack), ms since the epoch. */
  nearMs: number;
  /** Minutes east of UTC of a stamp without a zone. */
  offsetMinutes: number;
}

/** As a stamp has it: its year may be missing. */
export interface PlainDate {
  year: number | undefined;
  month: number;
  day: number;
}

export interface TimeOfDay {
  ofDayMs: number;
  /** Of the second. */
  nanos: number;
}

export const DAY_MS = 86_400_000;
/** Always as long. `Date.UTC` reads the years 0 to 99 as 1900 to 1999, and Go's zero time is of the year 1. */
const FOUR_CENTURIES_MS = 146_097 * DAY_MS;

/**
 * Nanoseconds since the epoch of a date and a time of day; undefined where it takes a clock to tell, and there is none.
 * @param zone undefined: the clock's, or UTC
 */
export function instantNs(
  date: PlainDate,
  { ofDayMs, nanos }: TimeOfDay,
  zone: Offset | undefined,
  clock: Clock | undefined,
): bigint | undefined {
  const offset = zone ?? (clock?.offsetMinutes ?? 0) * 60_000;
  if (date.year !== undefined) return nsOf(instantOf(date.year, date, ofDayMs, offset), nanos);
  return clock === undefined ? undefined : nsOf(nearest(date, ofDayMs, offset, clock.nearMs), nanos);
}

/** No function within a function here: `tsx` names each anew at every call, which took a tenth of all parsing. */
function instantOf(year: number, { month, day }: PlainDate, ofDayMs: number, offset: Offset): number {
  const localMs = Date.UTC(year + 400, month - 1, day) - FOUR_CENTURIES_MS + ofDayMs;
  return localMs - (typeof offset === "number" ? offset : offset(localMs));
}

/** The latest year in which the time is not after the clock and a day: December's lines are read in January. */
function nearest(date: PlainDate, ofDayMs: number, offset: Offset, nearMs: number): number {
  const year = new Date(nearMs + DAY_MS).getUTCFullYear() + 1;
  for (let back = 0; back < 2; back++) {
    const ms = instantOf(year - back, date, ofDayMs, offset);
    if (ms <= nearMs + DAY_MS) return ms;
  }
  return instantOf(year - 2, date, ofDayMs, offset);
}

/** Most stamps have whole milliseconds, and each operation on bigints makes a new one. */
function nsOf(ms: number, nanos: number): bigint {
  const wholeMs = Math.floor(nanos / 1_000_000);
  const ns = BigInt(ms + wholeMs) * 1_000_000n;
  const rest = nanos - wholeMs * 1_000_000;
  return rest === 0 ? ns : ns + BigInt(rest);
}

/** A number since the epoch in s, ms, µs or ns; the magnitude says which (all are of the years 2001 to 2286). */
export function epochNs(value: number | string): bigint | undefined {
  const [whole = "", fraction = ""] = (typeof value === "number" ? fixed(value) : value).split(".");
  if (!/^\d{10,19}$/.test(whole) || !/^\d*$/.test(fraction)) return undefined;
  const digits = whole.length;
  const zeros = digits <= 10 ? 9 : digits <= 13 ? 6 : digits <= 16 ? 3 : 0;
  return BigInt(whole + fraction.slice(0, zeros).padEnd(zeros, "0"));
}

/** Without an exponent; a double of seconds is exact to the microsecond, of milliseconds to the nanosecond's thousand. */
function fixed(value: number): string {
  if (!Number.isFinite(value) || value < 0 || value >= 1e20) return "";
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(value < 1e11 ? 6 : 3);
}
