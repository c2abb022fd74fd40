import { type Clock, DAY_MS, epochNs, instantNs, type PlainDate, type TimeOfDay } from "./instant.ts";
import { isDigit, type Zone, zoneAt } from "./zone.ts";

/** A stamp that was read: where it ends, and when it is, unless it lacks what no clock was given for. */
export interface Stamp {
  end: number;
  atNs: bigint | undefined;
  /** The zone it names, where that is not known: it was read as if it named none. */
  unknownZone?: string | undefined;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?";
const MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";

/** 24/Nov/2026:03:04:05 +0000 (common log format), 24 Nov 2026 03:04:05.123 (Redis, RFC 5322), 24-Nov-2026 (PHP). */
const DAY_FIRST = new RegExp(`${WEEKDAY}(\\d{1,2})[/ -]${MONTH}[/ -](\\d{4})[: ]`, "y");
/** Tue Nov 24 03:04:05.123456 2026 (Apache), Nov 24 03:04:05 (RFC 3164: no year, no zone). */
const MONTH_FIRST = new RegExp(`${WEEKDAY}${MONTH} {1,2}(\\d{1,2}) `, "y");
/** The year, before the zone or after it: Tue Nov 24 03:04:05 AEST 2026 (date, Java's Date). */
const YEAR_AFTER = / (\d{4})(?!\d)/y;
/** 1788856005, 1788856005.455, 1788856005455 */
const EPOCH = /(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?=[\s\]|:]|$)/y;

/** The stamp that begins at `at`. Nearly every line is asked several times, so what cannot match is not tried. */
export function stampAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const code = text.charCodeAt(at);
  if (isDigit(code)) {
    const iso = isoAt(text, at, clock);
    if (iso !== undefined) return iso;
    const third = text.charCodeAt(at + 2);
    if (third === COLON) return onlyClockAt(text, at, clock);
    return isDigit(third) ? epochAt(text, at) : dayFirstAt(text, at, clock);
  }
  if (code < 65 || code > 87) return undefined;
  return monthFirstAt(text, at, clock) ?? dayFirstAt(text, at, clock);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** ISO 8601 and RFC 3339, with a space or a T, a dot or a comma; Go's and nginx's slashes. */
function isoAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  if (!isDateMark(text.charCodeAt(at + 4)) || !isDateMark(text.charCodeAt(at + 7))) return undefined;
  const between = text.charCodeAt(at + 10);
  const isComma = between === COMMA && text.charCodeAt(at + 11) === SPACE;
  if (between !== SPACE && between !== LETTER_T && !isComma) return undefined;
  const time = timeAt(text, at + (isComma ? 12 : 11));
  if (time === undefined) return undefined;
  const year = pairAt(text, at) * 100 + pairAt(text, at + 2);
  // A pair that is none is NaN, which no comparison with a number holds for.
  if (!(year >= 0)) return undefined;
  const date = { year, month: pairAt(text, at + 5), day: pairAt(text, at + 8) };
  return stamp(date, time, zoneAt(text, time.end), clock);
}

function dayFirstAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(DAY_FIRST, text, at);
  const time = found === null ? undefined : timeAt(text, at + found[0].length);
  if (found === null || time === undefined) return undefined;
  const [, day, month = "", year] = found;
  const date = { year: Number(year), month: monthOf(month), day: Number(day) };
  return stamp(date, time, zoneAt(text, time.end), clock);
}

function monthFirstAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(MONTH_FIRST, text, at);
  const time = found === null ? undefined : timeAt(text, at + found[0].length);
  if (found === null || time === undefined) return undefined;
  const [, month = "", day] = found;
  const before = match(YEAR_AFTER, text, time.end);
  const end = time.end + (before?.[0].length ?? 0);
  const zone = zoneAt(text, end);
  const after = before === null && zone !== undefined ? match(YEAR_AFTER, text, zone.end) : null;
  const year = before?.[1] ?? after?.[1];
  const date = {
    year: year === undefined ? undefined : Number(year),
    month: monthOf(month),
    day: Number(day),
  };
  time.end = end;
  const read = stamp(date, time, zone, clock);
  if (read !== undefined) read.end += after?.[0].length ?? 0;
  return read;
}

/** 03:04:05.123 */
function onlyClockAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const time = timeAt(text, at);
  if (time === undefined || /[\w:]/.test(text.charAt(time.end))) return undefined;
  const { end } = time;
  if (clock === undefined) return time.ofDayMs <= DAY_MS ? { end, atNs: undefined } : undefined;
  const local = clock.nearMs + DAY_MS + clock.offsetMinutes * 60_000;
  for (let back = 0; back < 3; back++) {
    const day = new Date(local - back * DAY_MS);
    const date = { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
    const read = stamp(date, time, undefined, clock);
    // A clock without a date is of today or yesterday: no slack, or it would be of tomorrow.
    if (read?.atNs === undefined || read.atNs <= BigInt(Math.trunc(clock.nearMs)) * 1_000_000n) return read;
  }
  return { end, atNs: undefined };
}

function epochAt(text: string, at: number): Stamp | undefined {
  const found = match(EPOCH, text, at);
  if (found?.[1] === undefined) return undefined;
  return { end: at + found[1].length, atNs: epochNs(found[1]) };
}

/** MMDD of klog, no year, no zone. */
export function klogStamp(mmdd: string, text: string, clock: Clock | undefined): bigint | undefined {
  const time = timeAt(text, 0);
  const date = { year: undefined, month: Number(mmdd.slice(0, 2)), day: Number(mmdd.slice(2)) };
  return time === undefined ? undefined : stamp(date, time, undefined, clock)?.atNs;
}

interface ReadTime extends TimeOfDay {
  end: number;
}

/** 03:04:05, with a fraction or not. A 60th second is a leap second; ISO 8601 has an hour 24. */
function timeAt(text: string, at: number): ReadTime | undefined {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return undefined;
  const hour = pairAt(text, at);
  const minute = pairAt(text, at + 3);
  const second = pairAt(text, at + 6);
  if (!(hour <= 24 && minute <= 59 && second <= 60)) return undefined;
  const ofDayMs = ((hour * 60 + minute) * 60 + second) * 1_000;
  const mark = text.charCodeAt(at + 8);
  if (mark !== DOT && mark !== COMMA && mark !== COLON) return { end: at + 8, ofDayMs, nanos: 0 };
  let end = at + 9;
  let nanos = 0;
  for (let worth = 100_000_000; isDigit(text.charCodeAt(end)); worth = Math.trunc(worth / 10)) {
    nanos += (text.charCodeAt(end++) - 48) * worth;
  }
  return { end: end === at + 9 ? at + 8 : end, ofDayMs, nanos };
}

function stamp(
  date: PlainDate,
  time: ReadTime,
  zone: Zone | undefined,
  clock: Clock | undefined,
): Stamp | undefined {
  const { month, day } = date;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  const atNs = instantNs(date, time, zone?.offset, clock);
  return { end: zone?.end ?? time.end, atNs, unknownZone: zone?.unknown };
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

const SPACE = 32;
const COMMA = 44;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const COLON = 58;
const LETTER_T = 84;

function isDateMark(code: number): boolean {
  return code === DASH || code === SLASH;
}

/** The number that two digits make; NaN where they are none. */
function pairAt(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : Number.NaN;
}

/** The time a field of JSON or logfmt gives. */
export function fieldTime(value: unknown, clock: Clock | undefined): Stamp | undefined {
  if (typeof value === "number") return stampOf(epochNs(value));
  if (typeof value === "object" && value !== null && "$date" in value) return fieldTime(value.$date, clock);
  if (typeof value !== "string" || value.length > 64) return undefined;
  const stamp = stampAt(value.trim(), 0, clock);
  return stamp?.atNs === undefined ? undefined : stamp;
}

function stampOf(atNs: bigint | undefined): Stamp | undefined {
  return atNs === undefined ? undefined : { end: 0, atNs };
}
