/** What a stamp without a year or a zone is read by. */
export interface Clock {
  /** The stamp is the latest such time that is not after this (and a day's slack), ms since the epoch. */
  nearMs: number;
  /** Minutes east of UTC of a stamp without a zone. */
  offsetMinutes: number;
}

/** A stamp that was read: where it ends, and when it is, unless it lacks what no clock was given for. */
export interface Stamp {
  end: number;
  atNs: bigint | undefined;
}

const DAY_MS = 86_400_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ZONE =
  "(?: ?(Z|UTC|GMT|[+-]\\d\\d:?\\d\\d|[+-]\\d\\d(?!\\d)|CES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|BST|JST|IST)(?![A-Za-z]))?";
const CLOCK = "(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,:](\\d{1,9}))?";
const WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?";
const MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";

/** ISO 8601 and RFC 3339, with a space or a T, a dot or a comma; Go's and nginx's slashes. */
const ISO = new RegExp(`(\\d{4})[-/](\\d\\d)[-/](\\d\\d)(?:[T ]|, )${CLOCK}${ZONE}`, "y");
/** 24/Nov/2026:03:04:05 +0000 (common log format), 24 Nov 2026 03:04:05.123 (Redis, RFC 5322), 24-Nov-2026 (PHP). */
const DAY_FIRST = new RegExp(`${WEEKDAY}(\\d{1,2})[/ -]${MONTH}[/ -](\\d{4})[: ]${CLOCK}${ZONE}`, "y");
/** Tue Nov 24 03:04:05.123456 2026 (Apache), Nov 24 03:04:05 (RFC 3164: no year, no zone). */
const MONTH_FIRST = new RegExp(
  `${WEEKDAY}${MONTH} {1,2}(\\d{1,2}) ${CLOCK}(?: (\\d{4})(?!\\d))?${ZONE}`,
  "y",
);
/** 03:04:05.123 */
const ONLY_CLOCK = new RegExp(`${CLOCK}(?![\\w:])`, "y");
/** 1788856005, 1788856005.455, 1788856005455 */
const EPOCH = /(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?=[\s\]|:]|$)/y;

/** The stamp that begins at `at`. */
export function stampAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) {
    return (
      isoAt(text, at, clock) ??
      dayFirstAt(text, at, clock) ??
      onlyClockAt(text, at, clock) ??
      epochAt(text, at)
    );
  }
  if (code < 65 || code > 87) return undefined;
  return monthFirstAt(text, at, clock) ?? dayFirstAt(text, at, clock);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isoAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(ISO, text, at);
  if (found === null) return undefined;
  const [whole, year, month, day, hour, minute, second, fraction, zone] = found;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  return stamp(at + whole.length, date, [hour, minute, second, fraction], zone, clock);
}

function dayFirstAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(DAY_FIRST, text, at);
  if (found === null) return undefined;
  const [whole, day, month = "", year, hour, minute, second, fraction, zone] = found;
  const date = { year: Number(year), month: monthOf(month), day: Number(day) };
  return stamp(at + whole.length, date, [hour, minute, second, fraction], zone, clock);
}

function monthFirstAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(MONTH_FIRST, text, at);
  if (found === null) return undefined;
  const [whole, month = "", day, hour, minute, second, fraction, year, zone] = found;
  const date = {
    year: year === undefined ? undefined : Number(year),
    month: monthOf(month),
    day: Number(day),
  };
  return stamp(at + whole.length, date, [hour, minute, second, fraction], zone, clock);
}

function onlyClockAt(text: string, at: number, clock: Clock | undefined): Stamp | undefined {
  const found = match(ONLY_CLOCK, text, at);
  if (found === null) return undefined;
  const [whole, hour, minute, second, fraction] = found;
  const end = at + whole.length;
  if (clock === undefined)
    return Number(hour) < 24 && Number(minute) < 60 ? { end, atNs: undefined } : undefined;
  const local = new Date(clock.nearMs + DAY_MS + clock.offsetMinutes * 60_000);
  for (let back = 0; back < 3; back++) {
    const day = new Date(local.getTime() - back * DAY_MS);
    const date = { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
    const read = stamp(end, date, [hour, minute, second, fraction], undefined, clock);
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
export function klogStamp(mmdd: string, time: string, clock: Clock | undefined): bigint | undefined {
  const found = new RegExp(`^${CLOCK}$`).exec(time);
  if (found === null) return undefined;
  const date = { year: undefined, month: Number(mmdd.slice(0, 2)), day: Number(mmdd.slice(2)) };
  return stamp(0, date, [found[1], found[2], found[3], found[4]], undefined, clock)?.atNs;
}

interface PlainDate {
  year: number | undefined;
  month: number;
  day: number;
}

function stamp(
  end: number,
  date: PlainDate,
  [hour, minute, second, fraction = ""]: (string | undefined)[],
  zone: string | undefined,
  clock: Clock | undefined,
): Stamp | undefined {
  const { year, month, day } = date;
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  if (month < 1 || month > 12 || day < 1 || day > 31 || Number(hour) > 24 || Number(minute) > 59)
    return undefined;
  // 60 is a leap second.
  if (Number(second) > 60) return undefined;
  const offset = zone === undefined ? (clock?.offsetMinutes ?? 0) : zoneMinutes(zone);
  const at = (y: number) => Date.UTC(y, month - 1, day) + time - offset * 60_000;
  if (year === undefined && clock === undefined) return { end, atNs: undefined };
  const ms = year === undefined ? nearest(at, (clock as Clock).nearMs) : at(year);
  return { end, atNs: BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) };
}

/** The latest year in which the time is not after the clock and a day: December's lines are read in January. */
function nearest(at: (year: number) => number, nearMs: number): number {
  const year = new Date(nearMs + DAY_MS).getUTCFullYear() + 1;
  for (let back = 0; back < 3; back++) {
    const ms = at(year - back);
    if (ms <= nearMs + DAY_MS) return ms;
  }
  return at(year - 2);
}

/** Names of zones that logs do carry, in minutes east of UTC. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ["CET", 60],
  ["CEST", 120],
  ["EST", -300],
  ["EDT", -240],
  ["CST", -360],
  ["CDT", -300],
  ["MST", -420],
  ["MDT", -360],
  ["PST", -480],
  ["PDT", -420],
  ["BST", 60],
  ["JST", 540],
  ["IST", 330],
]);

function zoneMinutes(zone: string): number {
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (numeric === null) return ZONES.get(zone) ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
  return numeric[1] === "-" ? -minutes : minutes;
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
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

/** The time a field of JSON or logfmt gives. */
export function fieldTime(value: unknown, clock: Clock | undefined): bigint | undefined {
  if (typeof value === "number") return epochNs(value);
  if (typeof value === "object" && value !== null && "$date" in value) return fieldTime(value.$date, clock);
  if (typeof value !== "string" || value.length > 64) return undefined;
  return stampAt(value.trim(), 0, clock)?.atNs;
}
