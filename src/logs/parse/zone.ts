import { ABBREVIATIONS, WORDS_LIKE_ZONES } from "./zoneNames.ts";

/** The zone that stands after a time, and where it ends. */
export interface Zone {
  end: number;
  /** Undefined where the name is not known. */
  offset: Offset | undefined;
  /** A name that looks like a zone's and is not known. */
  unknown: string | undefined;
}

/** Milliseconds east of UTC; where clocks change, by the local time (in ms, as if it were UTC). */
export type Offset = number | ((localMs: number) => number);

const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const SLASH = 47;
const COLON = 58;
const ZULU = 90;
const OPEN = 91;
const MINUTE_MS = 60_000;
/** The longest abbreviation, and one more to see that a word is longer. */
const ABBREVIATION_CHARS = 5;
/** The furthest east is Kiritimati at 14 h; a number beyond is no offset. */
const FURTHEST_HOURS = 14;

/**
 * Reads what follows a time, a space between them or not: `Z`, `+02:00`, `UTC+2`, `AEST`, `Europe/Berlin`,
 * `[Europe/Berlin]`. A number decides over the name after it (`+01:00[Europe/Berlin]`, Go's `+0100 CET`).
 */
export function zoneAt(text: string, at: number): Zone | undefined {
  const from = text.charCodeAt(at) === SPACE ? at + 1 : at;
  const code = text.charCodeAt(from);
  if (code === ZULU && !isLetter(text.charCodeAt(from + 1))) return zoneOf(from + 1, 0);
  if (code === PLUS || code === MINUS) return numberedAt(text, from);
  if (code === OPEN) return bracketedAt(text, from);
  return isCapital(code) ? namedAt(text, from) : undefined;
}

function numberedAt(text: string, from: number): Zone | undefined {
  const offset = offsetAt(text, from, 2);
  if (offset === undefined) return undefined;
  const after = bracketedAt(text, offset.end) ?? abbreviatedAt(text, offset.end);
  return zoneOf(after?.end ?? offset.end, offset.minutes);
}

/** `+02`, `+02:00`, `+0200`; with one digit, as after `UTC`, also `+2`. */
function offsetAt(
  text: string,
  from: number,
  fewestDigits: 1 | 2,
): { end: number; minutes: number } | undefined {
  let end = from + 1;
  let hours = 0;
  while (end < from + 3 && isDigit(text.charCodeAt(end))) hours = hours * 10 + digit(text, end++);
  if (end - from - 1 < fewestDigits || hours > FURTHEST_HOURS) return undefined;
  const minutesAt = text.charCodeAt(end) === COLON ? end + 1 : end;
  let minutes = 0;
  if (isDigit(text.charCodeAt(minutesAt)) && isDigit(text.charCodeAt(minutesAt + 1))) {
    minutes = digit(text, minutesAt) * 10 + digit(text, minutesAt + 1);
    end = minutesAt + 2;
  } else if (isDigit(text.charCodeAt(end))) {
    return undefined;
  }
  if (minutes > 59 || isLetter(text.charCodeAt(end))) return undefined;
  const east = hours * 60 + minutes;
  return { end, minutes: text.charCodeAt(from) === MINUS ? -east : east };
}

function abbreviatedAt(text: string, at: number): Zone | undefined {
  if (text.charCodeAt(at) !== SPACE || !isCapital(text.charCodeAt(at + 1))) return undefined;
  const zone = namedAt(text, at + 1);
  return zone?.unknown === undefined ? zone : undefined;
}

function bracketedAt(text: string, at: number): Zone | undefined {
  if (text.charCodeAt(at) !== OPEN) return undefined;
  const zone = regionAt(text, at + 1);
  return zone !== undefined && text.charAt(zone.end) === "]" ? { ...zone, end: zone.end + 1 } : undefined;
}

function namedAt(text: string, from: number): Zone | undefined {
  let end = from + 1;
  while (end <= from + ABBREVIATION_CHARS && isCapital(text.charCodeAt(end))) end++;
  const next = text.charCodeAt(end);
  if (isLetter(next)) return regionAt(text, from);
  const region = next === SLASH ? regionAt(text, from) : undefined;
  if (region !== undefined) return region;
  const name = text.slice(from, end);
  const minutes = ABBREVIATIONS.get(name);
  if (minutes === undefined) return unknownAt(text, name, end);
  if (WORDS_LIKE_ZONES.has(name) && !isFollowedAsZone(text, end)) return undefined;
  const isUniversal = minutes === 0 && (name === "UTC" || name === "GMT");
  const offset = isUniversal && (next === PLUS || next === MINUS) ? offsetAt(text, end, 1) : undefined;
  return zoneOf(offset?.end ?? end, offset?.minutes ?? minutes);
}

/** All abbreviations of zones end in T but the few that are known: `AUTH ERROR x` names no zone. */
function unknownAt(text: string, name: string, end: number): Zone | undefined {
  const isLike = name.length > 1 && name.endsWith("T") && !WORDS_LIKE_ZONES.has(name);
  return isLike && isFollowedAsZone(text, end) ? { end, offset: undefined, unknown: name } : undefined;
}

/** After a zone comes a next piece of the prefix; after the first word of a message comes its second one. */
const PIECE =
  /$|[\],|\t\n]|:\S| ?\[| [-|] | (?:TRACE|DEBUG\d?|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|CRIT|SEVERE|ALERT|EMERG|PANIC|LOG|DETAIL|HINT|CONTEXT|STATEMENT)\b/iy;

function isFollowedAsZone(text: string, end: number): boolean {
  PIECE.lastIndex = end;
  return PIECE.test(text);
}

/** The areas of the IANA database, and the names it keeps for what is older. */
const REGION =
  /(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\/[A-Za-z][A-Za-z0-9_+/-]{1,40}/y;

function regionAt(text: string, from: number): Zone | undefined {
  REGION.lastIndex = from;
  const name = REGION.exec(text)?.[0];
  if (name === undefined) return undefined;
  const offset = regionOf(name);
  return { end: from + name.length, offset, unknown: offset === undefined ? name : undefined };
}

function zoneOf(end: number, minutes: number): Zone {
  return { end, offset: minutes * MINUTE_MS, unknown: undefined };
}

/** Remembered since making a format costs a thousand times what reading a line does; names come out of lines. */
const regions = new Map<string, Offset | undefined>();
const MOST_REGIONS = 1_000;

function regionOf(name: string): Offset | undefined {
  if (regions.has(name)) return regions.get(name);
  if (regions.size >= MOST_REGIONS) regions.clear();
  const offset = readRegion(name);
  regions.set(name, offset);
  return offset;
}

/** No zone changes its clocks at anything but a quarter of an hour. */
const SLOT_MS = 15 * MINUTE_MS;
const MOST_SLOTS = 10_000;
const DAY_MS = 86_400_000;

function readRegion(name: string): Offset | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
  const slots = new Map<number, number>();
  return (localMs) => {
    const slot = Math.floor(localMs / SLOT_MS);
    const known = slots.get(slot);
    if (known !== undefined) return known;
    if (slots.size >= MOST_SLOTS) slots.clear();
    const offset = offsetOfLocal(format, slot * SLOT_MS);
    slots.set(slot, offset);
    return offset;
  };
}

/** An hour that comes twice in autumn is read as the first, one that is left out in spring by the offset before it. */
function offsetOfLocal(format: Intl.DateTimeFormat, localMs: number): number {
  const before = offsetOfInstant(format, localMs - DAY_MS);
  if (offsetOfInstant(format, localMs - before) === before) return before;
  const after = offsetOfInstant(format, localMs + DAY_MS);
  return offsetOfInstant(format, localMs - after) === after ? after : before;
}

function offsetOfInstant(format: Intl.DateTimeFormat, ms: number): number {
  const [, sign, hours, minutes, seconds = "0"] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(format.format(ms)) ?? [];
  if (sign === undefined) return 0;
  const east = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === "-" ? -east : east;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLetter(code: number): boolean {
  return isCapital(code) || (code >= 97 && code <= 122);
}
