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

/** So many characters are told apart that a state's row begins at its number shifted. */
export const WIDTH_BITS = 6;
const WIDTH = 1 << WIDTH_BITS;
/** Of what is known of a character: its column in the rows, and above it what it is. */
export const COLUMN = WIDTH - 1;
/** A transition is a state's number, and above it whether a text ends there. */
export const STATE = 0x7fff;
const ENDS = 0x8000;
const OTHER_OF_WORD = 64;
export const LETTER = 128;
export const DIGIT = 256;
export const OF_WORD = OTHER_OF_WORD | LETTER | DIGIT;
export const CONTROL = 512;
export const FOREIGN = 1_024;
export const ODD = 2_048;
/** Of every character, and of the end. */
export const ANY = 4_096;

const HYPHEN = 45;
const UNDERSCORE = 95;

/** The automaton of Aho and Corasick with every transition worked out, as tables. */
export interface Automaton {
  /** Of each UTF-16 unit: its column in a state's row, and what it is. */
  kinds: Uint16Array;
  rows: Uint16Array;
  /** Of each state: the bits of what ends there, and of what does if what stands around it is right. */
  sure: Int32Array;
  open: Int32Array;
  /** Of each state: the latter, and what the next character has to be at least for any of them. */
  conditional: readonly (readonly Sought[])[];
  needed: Uint16Array;
}

export function automatonOf(sought: readonly Sought[]): Automaton {
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
  return {
    kinds,
    rows: marked,
    sure: bitsOfAll(unconditional),
    open: bitsOfAll(conditional),
    conditional,
    needed: Uint16Array.from(conditional, (all) => all.reduce((kinds, each) => kinds | neededBy(each), 0)),
  };
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

function bitsOfAll(lists: readonly (readonly Sought[])[]): Int32Array {
  return Int32Array.from(lists, (all) => all.reduce((bits, each) => bits | each.bits, 0));
}

function neededBy({ follow }: Sought): number {
  return follow === "letter-or-hyphen" ? LETTER | OTHER_OF_WORD : ANY;
}

function isConditional({ isAtStart, follow }: Sought): boolean {
  return isAtStart || follow !== undefined;
}

export function isOfWord(code: number): boolean {
  return isLetter(code) || (code >= 48 && code <= 57) || code === HYPHEN || code === UNDERSCORE;
}

export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
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

function formOf(code: number): number {
  if (code === 127 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) return CONTROL;
  if (code >= 48 && code <= 57) return DIGIT;
  if (isLetter(code)) return LETTER;
  return code === HYPHEN || code === UNDERSCORE ? OTHER_OF_WORD : 0;
}
