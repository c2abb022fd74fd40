import { unitsOf } from "./units.ts";

/** A fixed text to be found. */
export interface Sought {
  /** ASCII, in lower case; found in upper case too. */
  text: string;
  bits: number;
  /** It counts only where no letter, digit, underscore or hyphen stands before it. */
  isAtStart: boolean;
  /** What has to follow it, or must not. */
  follow: "letter-or-hyphen" | "no-small-letter" | undefined;
}

export interface Found {
  /** Those of all texts found. */
  bits: number;
  /** The most digits in a row, with at most one blank, hyphen or dot between two of them. */
  digitsInRow: number;
  /** Of letters, digits, underscores and hyphens. */
  longestRun: number;
  /** The longest such run before a dot. */
  longestBeforeDot: number;
  /** A run of 32 stands between two colons. */
  hasDigest: boolean;
  /** Two letters and two digits begin a word somewhere. */
  hasIban: boolean;
  /** A control character other than a tab or the end of a line. */
  hasControl: boolean;
  /** A character beyond ASCII, such as a letter of another language. */
  hasForeign: boolean;
  /** One that stands for something in ASCII, or that is not seen. */
  hasOdd: boolean;
}

/** So many characters are told apart that a state's row begins at its number shifted. */
const WIDTH_BITS = 6;
const WIDTH = 1 << WIDTH_BITS;
/** Of what is known of a character: its column in the rows, and above it what it is. */
const COLUMN = WIDTH - 1;
/** A transition is a state's number, and above it whether a text ends there. */
const STATE = 0x7fff;
const ENDS = 0x8000;
const OTHER_OF_WORD = 64;
const LETTER = 128;
const DIGIT = 256;
const OF_WORD = OTHER_OF_WORD | LETTER | DIGIT;
const CONTROL = 512;
const FOREIGN = 1_024;
const ODD = 2_048;

const BLANK = 32;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;
const UNDERSCORE = 95;
/** As many characters as MD4 and MD5 have in hex. */
const DIGEST = 32;

/**
 * Finds all of many texts in one pass, by the automaton of Aho and Corasick ("Efficient string matching: an aid to
 * bibliographic search", CACM 18, 1975) with every transition worked out.
 * @returns what was found, until the next call
 */
export function createFinder(sought: readonly Sought[]): (text: string) => Readonly<Found> {
  const { kinds, rows, conditional, sure, open } = automatonOf(sought);
  const found: Found = {
    bits: 0,
    digitsInRow: 0,
    longestRun: 0,
    longestBeforeDot: 0,
    hasDigest: false,
    hasIban: false,
    hasControl: false,
    hasForeign: false,
    hasOdd: false,
  };
  return (text) => {
    let state = 0;
    let bits = 0;
    let inRow = 0;
    let digitsInRow = 0;
    let isAfterDigit = false;
    let run = 0;
    let longestRun = 0;
    let longestBeforeDot = 0;
    let hasDigest = false;
    let hasIban = false;
    let kindsMet = 0;
    const units = unitsOf(text);
    const length = text.length;
    for (let i = 0; i < length; i++) {
      const code = units[i] as number;
      const kind = kinds[code] as number;
      kindsMet |= kind;
      const reached = rows[(state << WIDTH_BITS) | (kind & COLUMN)] as number;
      state = reached & STATE;
      if (reached !== state) {
        bits |= sure[state] as number;
        if (((open[state] as number) & ~bits) !== 0)
          bits |= bitsOf(conditional[state] as readonly Sought[], units, i + 1, length);
      }
      if ((kind & OF_WORD) !== 0) {
        run++;
        if ((kind & DIGIT) !== 0) {
          isAfterDigit = true;
          if (++inRow > digitsInRow) digitsInRow = inRow;
          if (run === 4 && !hasIban) hasIban = beginsIban(units, i - 3);
          continue;
        }
      } else if (run > 0) {
        if (run > longestRun) longestRun = run;
        if (code === DOT && run > longestBeforeDot) longestBeforeDot = run;
        if (code === COLON && run === DIGEST && i > run && units[i - run - 1] === COLON) hasDigest = true;
        run = 0;
      }
      if (inRow === 0) continue;
      if (!isAfterDigit || (code !== BLANK && code !== HYPHEN && code !== DOT)) inRow = 0;
      isAfterDigit = false;
    }
    if (run > longestRun) longestRun = run;
    found.bits = bits;
    found.digitsInRow = digitsInRow;
    found.longestRun = longestRun;
    found.longestBeforeDot = longestBeforeDot;
    found.hasDigest = hasDigest;
    found.hasIban = hasIban;
    found.hasControl = (kindsMet & CONTROL) !== 0;
    found.hasForeign = (kindsMet & (FOREIGN | ODD)) !== 0;
    found.hasOdd = (kindsMet & ODD) !== 0;
    return found;
  };
}

/** Spaces, arrows, lines of tables, full width, and what `hasHidden` finds. */
function isOdd(code: number): boolean {
  return (
    code <= 0xa0 ||
    code === 0xad ||
    code === 0x61c ||
    code === 0x1680 ||
    code === 0x180e ||
    (code >= 0x2000 && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202f) ||
    (code >= 0x205f && code <= 0x206f) ||
    (code >= 0x2190 && code <= 0x21ff) ||
    (code >= 0x2500 && code <= 0x257f) ||
    code === 0x3000 ||
    code === 0xdb40 ||
    code >= 0xfe00
  );
}

/** `AB12`, whose last is known to be a digit. */
function beginsIban(units: Uint16Array, at: number): boolean {
  const third = units[at + 2] as number;
  return isLetter(units[at] as number) && isLetter(units[at + 1] as number) && third >= 48 && third <= 57;
}

function bitsOf(ends: readonly Sought[], units: Uint16Array, end: number, length: number): number {
  const next = end < length ? (units[end] as number) : 0;
  let bits = 0;
  for (let i = 0; i < ends.length; i++) {
    const each = ends[i] as Sought;
    if (each.follow !== undefined && !isFollowed(each.follow, next)) continue;
    const before = end - each.text.length - 1;
    if (!each.isAtStart || before < 0 || !isOfWord(units[before] as number)) bits |= each.bits;
  }
  return bits;
}

function bitsOfAll(lists: readonly (readonly Sought[])[]): Int32Array {
  return Int32Array.from(lists, (all) => all.reduce((bits, each) => bits | each.bits, 0));
}

function isConditional({ isAtStart, follow }: Sought): boolean {
  return isAtStart || follow !== undefined;
}

/** @param code 0 behind the text */
function isFollowed(follow: "letter-or-hyphen" | "no-small-letter", code: number): boolean {
  if (follow === "no-small-letter") return !(code >= 97 && code <= 122);
  return code === HYPHEN || isLetter(code);
}

function isOfWord(code: number): boolean {
  return isLetter(code) || (code >= 48 && code <= 57) || code === HYPHEN || code === UNDERSCORE;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function formOf(code: number): number {
  if (code === 127 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) return CONTROL;
  if (code >= 48 && code <= 57) return DIGIT;
  if (isLetter(code)) return LETTER;
  return code === HYPHEN || code === UNDERSCORE ? OTHER_OF_WORD : 0;
}

interface Automaton {
  /** Of each UTF-16 unit: its column in a state's row, and what it is. */
  kinds: Uint16Array;
  rows: Uint16Array;
  /** Of each state: the bits of what ends there, and of what does if what stands around it is right. */
  sure: Int32Array;
  open: Int32Array;
  /** Of each state: the latter. */
  conditional: readonly (readonly Sought[])[];
}

function automatonOf(sought: readonly Sought[]): Automaton {
  const kinds = kindsOf(sought);
  const next: number[][] = [[]];
  const ends: Sought[][] = [[]];
  for (const each of sought) {
    let state = 0;
    for (let i = 0; i < each.text.length; i++) {
      const column = (kinds[each.text.charCodeAt(i)] as number) & COLUMN;
      const row = next[state] as number[];
      if (row[column] === undefined) {
        row[column] = next.length;
        next.push([]);
        ends.push([]);
      }
      state = row[column] as number;
    }
    ends[state]?.push(each);
  }
  const rows = new Uint16Array(next.length << WIDTH_BITS);
  const fallbacks = new Array<number>(next.length).fill(0);
  // Breadth first: what a state falls back to is shorter, and therefore complete.
  const queue = [0];
  for (const state of queue) {
    const fallback = fallbacks[state] as number;
    if (state !== 0) ends[state]?.push(...(ends[fallback] ?? []));
    for (let column = 0; column < WIDTH; column++) {
      const target = next[state]?.[column];
      const otherwise = state === 0 ? 0 : (rows[(fallback << WIDTH_BITS) | column] as number);
      rows[(state << WIDTH_BITS) | column] = target ?? otherwise;
      if (target === undefined) continue;
      fallbacks[target] = otherwise;
      queue.push(target);
    }
  }
  if (next.length > STATE) throw new Error(`${next.length} states are more than ${STATE}.`);
  const marked = rows.map((state) => (ends[state]?.length ? state | ENDS : state));
  const conditional = ends.map((all) => all.filter(isConditional));
  const unconditional = ends.map((all) => all.filter((each) => !isConditional(each)));
  return { kinds, rows: marked, sure: bitsOfAll(unconditional), open: bitsOfAll(conditional), conditional };
}

/** One column for each character that is in any of the texts, capitals with small letters, and column 0 for all others. */
function kindsOf(sought: readonly Sought[]): Uint16Array {
  // Beyond ASCII nothing is sought, and nothing is a letter: so it is for all rules.
  const kinds = Uint16Array.from({ length: 65_536 }, (_, code) =>
    code < 128 ? formOf(code) : isOdd(code) ? ODD : FOREIGN,
  );
  const characters = new Set(sought.flatMap(({ text }) => [...text]));
  if (characters.size >= WIDTH) throw new Error(`${characters.size} characters do not fit ${WIDTH} columns.`);
  let column = 0;
  for (const character of characters) {
    column++;
    for (const code of new Set([character.charCodeAt(0), character.toUpperCase().charCodeAt(0)])) {
      kinds[code] = (kinds[code] as number) | column;
    }
  }
  return kinds;
}
