import { clockOf } from "../charts/clock.ts";
import { UserError } from "../errors.ts";
import { parseDurationUpTo } from "./options.ts";

/** A time as somebody typed it; which one is meant depends on where they are, and on when. */
export type TypedMoment =
  | { kind: "ago"; ms: number }
  | { kind: "instant"; atMs: number }
  /** `date` as in 2026-11-24; absent: the last time that the clock showed it. `daysAgo`: 1 is yesterday. */
  | { kind: "wall"; date?: string; daysAgo?: number; minute: number };

/** Before that a time cannot be explained. */
export const MOST_BACK_DAYS = 28;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** `10:42`, `10:42 yesterday`, `2026-11-24 10:42`, `2026-11-24T10:42:00Z`, `30m`. @throws UserError */
export function parseMoment(raw: string): TypedMoment {
  const text = raw.trim().toLowerCase().replace(/\s+/g, " ");
  const ago = /^(\d[\dsmhd]*[smhd])(?: ago)?$/.exec(text)?.[1];
  if (ago !== undefined) return { kind: "ago", ms: parseDurationUpTo(MOST_BACK_DAYS, ago) };
  const iso = /^(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (iso !== null) {
    const [, date = "", clock = "", offset] = iso;
    const dayMs = Date.parse(date);
    // A date that is none, February 30, is taken for the one after it, or for none.
    if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== date) throw notATime(raw);
    const minute = minuteOf(clock, raw);
    if (offset === undefined) return { kind: "wall", date, minute };
    return { kind: "instant", atMs: dayMs + minute * MINUTE_MS - offsetMsOf(offset) };
  }
  const words = text.split(" ");
  const day = words.find((word) => Object.hasOwn(DAYS_AGO, word));
  const clock = words.filter((word) => word !== day).join("");
  const daysAgo = day === undefined ? undefined : DAYS_AGO[day];
  return { kind: "wall", minute: minuteOf(clock, raw), ...(daysAgo !== undefined && { daysAgo }) };
}

/** When that was, for somebody in that zone (UTC where it is not known). @throws UserError where it is yet to come */
export function instantOf(typed: TypedMoment, nowMs: number, zone: string | undefined): number {
  const atMs = knownInstant(typed, nowMs, zone);
  if (atMs > nowMs) throw new UserError("That time is yet to come. Ask for one that has passed: 10:42, 30m.");
  return atMs;
}

function knownInstant(typed: TypedMoment, nowMs: number, zone: string | undefined): number {
  if (typed.kind === "ago") return nowMs - typed.ms;
  if (typed.kind === "instant") return typed.atMs;
  const clock = clockOf(zone);
  const instant = (wallMs: number) => {
    const first = wallMs - clock.offsetMs(wallMs);
    // Where the clocks change in between, the offset there is another one.
    return wallMs - clock.offsetMs(first);
  };
  const afterMidnight = typed.minute * MINUTE_MS;
  if (typed.date !== undefined) return instant(Date.parse(`${typed.date}T00:00Z`) + afterMidnight);
  const today = Math.floor((nowMs + clock.offsetMs(nowMs)) / DAY_MS) * DAY_MS;
  if (typed.daysAgo !== undefined) return instant(today - typed.daysAgo * DAY_MS + afterMidnight);
  const atMs = instant(today + afterMidnight);
  return atMs <= nowMs ? atMs : instant(today - DAY_MS + afterMidnight);
}

const DAYS_AGO: Record<string, number> = { today: 0, yesterday: 1 };

/** The minute of the day that the clock shows. A 60th second is a leap second, and the next minute begins after it. */
function minuteOf(clock: string, raw: string): number {
  const [, hours, minutes = "0", seconds = "0", half] =
    /^(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?(am|pm)?$/.exec(clock) ?? [];
  const hour = Number(hours);
  const isWhole = half === undefined ? clock.includes(":") && hour < 24 : hour >= 1 && hour <= 12;
  if (hours === undefined || !isWhole || Number(minutes) > 59 || Number(seconds) > 60) throw notATime(raw);
  const leap = Number(seconds) === 60 ? 1 : 0;
  return (half === undefined ? hour : (hour % 12) + (half === "pm" ? 12 : 0)) * 60 + Number(minutes) + leap;
}

function offsetMsOf(offset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  const ms = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
  return sign === "-" ? -ms : ms;
}

function notATime(raw: string): UserError {
  return new UserError(
    `"${raw.slice(0, 40)}" is not a time. Try 10:42, 10:42 yesterday, 2026-11-24 10:42 or 30m.`,
  );
}
