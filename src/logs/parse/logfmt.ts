import { emptySlots, placeOf, type Slots } from "./fieldNames.ts";

/** A logfmt line says at least one of these of itself; other lines may hold pairs too. */
const OWN = ["level", "lvl", "msg", "severity", "ts", "time", "message"];
const OWN_PLACES = OWN.map((name) => placeOf(name) as number);
const MOST_PAIRS = 200;
const LONGEST_KEY = 64;
/** More than of any message is read. */
const LONGEST_VALUE = 32_768;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

/** The known fields of a logfmt line (key=value pairs from its first character on); nothing where it is none. */
export function logfmtSlots(text: string): Slots | undefined {
  if (!/^[A-Za-z_@][\w.@/-]{0,63}=/.test(text)) return undefined;
  const slots = emptySlots();
  const pairs = readPairs(text, (key, value) => {
    const place = placeOf(key);
    if (place !== undefined) slots[place] ??= value;
  });
  return pairs >= 2 && OWN_PLACES.some((place) => slots[place] !== undefined) ? slots : undefined;
}

/** What stands for a message where a line has none: its other pairs. */
export function otherPairs(text: string): string {
  const others = new Map<string, string>();
  readPairs(text, (key, value) => {
    if (!OWN.includes(key) && !others.has(key)) others.set(key, value);
  });
  return [...others].map(([key, value]) => `${key}=${value}`).join(" ");
}

/** @returns how many pairs there are; none where the first words are none */
function readPairs(text: string, take: (key: string, value: string) => void): number {
  let at = 0;
  let bare = 0;
  let pairs = 0;
  while (at < text.length && pairs < MOST_PAIRS) {
    while (text.charCodeAt(at) <= 32) at++;
    if (at >= text.length) break;
    const start = at;
    while (at < text.length && text.charCodeAt(at) > 32 && text.charCodeAt(at) !== EQUALS) at++;
    if (text.charCodeAt(at) !== EQUALS) {
      bare++;
      if (bare > pairs) return 0;
      continue;
    }
    const keyEnd = at;
    const isQuoted = text.charCodeAt(at + 1) === QUOTE;
    const from = isQuoted ? at + 2 : at + 1;
    at = isQuoted ? quoteEnd(text, from) : wordEnd(text, from);
    const length = keyEnd - start;
    if (length > 0 && length <= LONGEST_KEY) {
      pairs++;
      const value = text.slice(from, Math.min(at, from + LONGEST_VALUE));
      take(text.slice(start, keyEnd), isQuoted ? unescaped(value) : value);
    }
    if (isQuoted) at++;
  }
  return pairs;
}

function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) > 32) at++;
  return at;
}

function quoteEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (at - backslashes > from && text.charCodeAt(at - backslashes - 1) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, (_whole, char: string) => ESCAPES[char] ?? char) : text;
}
