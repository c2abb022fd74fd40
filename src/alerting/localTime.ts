/** What a clock on the wall shows. */
export interface LocalTime {
  /** YYYY-MM-DD. */
  day: string;
  /** After midnight as it is shown: on the days on which clocks are changed not as it has passed. */
  minute: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** @param zone IANA */
export function localTime(zone: string, atMs: number): LocalTime {
  const shown = new Date(wallMs(zone, atMs));
  return {
    day: shown.toISOString().slice(0, 10),
    minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
  };
}

/** When a clock there shows that; of a time that is left out where clocks are put forward, a moment beside it. */
export function instantOf(zone: string, { day, minute }: LocalTime): number {
  const wall = Date.parse(day) + minute * MINUTE_MS;
  const near = wall - (wallMs(zone, wall) - wall);
  return near - (wallMs(zone, near) - wall);
}

/** So many days later, by the calendar. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export function weekdayOf(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

/** What the clock shows, as if it were UTC. */
function wallMs(zone: string, atMs: number): number {
  const clock = clocks.get(zone) ?? { format: clockOf(zone) };
  clocks.set(zone, clock);
  if (clock.last?.atMs !== atMs) clock.last = { atMs, wallMs: readClock(clock.format, atMs) };
  return clock.last.wallMs;
}

/**
 * One for each zone there is, with what it showed last: making one takes longer than reading it a hundred times, and hundreds of
 * channels are asked about each of thousands of changes whether it is quiet there just now.
 */
const clocks = new Map<string, { format: Intl.DateTimeFormat; last?: { atMs: number; wallMs: number } }>();

function clockOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
}

function readClock(format: Intl.DateTimeFormat, atMs: number): number {
  const parts = format.formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
}
