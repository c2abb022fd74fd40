/** Wall-clock time in one zone. */
export interface Clock {
  /** What to add to a moment (ms) to read its wall-clock time as if it were UTC. */
  offsetMs(atMs: number): number;
  /** Short name of the zone at a moment: "UTC", "CET", "UTC+5:30". */
  nameAt(atMs: number): string;
  /** "14:05" */
  time(atMs: number): string;
  /** "14:05:30" */
  seconds(atMs: number): string;
  /** "24 Nov" */
  day(atMs: number): string;
  /** "Tue 24 Nov" */
  weekday(atMs: number): string;
  /** "Nov 2026" */
  month(atMs: number): string;
}

/** The clock of an IANA zone; UTC's when there is none, or none of that name. */
export function clockOf(zone: string | undefined): Clock {
  const timeZone = zone !== undefined && isZone(zone) ? zone : "UTC";
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" });
  const names = LOCALES.map((l) => new Intl.DateTimeFormat(l, { timeZone, timeZoneName: "short" }));
  const offsetMs = (atMs: number) => readOffset(zoneName(parts, atMs));
  const wall = (atMs: number) => new Date(atMs + offsetMs(atMs));
  return {
    offsetMs,
    nameAt(atMs) {
      const found = names.map((format) => zoneName(format, atMs));
      // Where no locale has a name, "GMT+5:30" is what they say; UTC is what the rest of the product says.
      return found.find((name) => !/\d/.test(name)) ?? found[0]?.replace("GMT", "UTC") ?? "UTC";
    },
    time: (atMs) => wall(atMs).toISOString().slice(11, 16),
    seconds: (atMs) => wall(atMs).toISOString().slice(11, 19),
    day: (atMs) => dayOf(wall(atMs)),
    weekday: (atMs) => `${WEEKDAYS[wall(atMs).getUTCDay()]} ${dayOf(wall(atMs))}`,
    month: (atMs) => `${MONTHS[wall(atMs).getUTCMonth()]} ${wall(atMs).getUTCFullYear()}`,
  };
}

/** Intl knows "EST" in American English, "CET" in British, "AEST" in Australian, and so on; none knows all. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN"];

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function zoneName(format: Intl.DateTimeFormat, atMs: number): string {
  return format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
}

/** "GMT", "GMT+05:30" or, long ago, "GMT-00:01:15" as milliseconds. */
function readOffset(name: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -ms : ms;
}

function dayOf(wall: Date): string {
  return `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]}`;
}
