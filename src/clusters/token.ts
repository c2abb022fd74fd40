import {
  BREAK,
  COLON,
  DIGIT,
  DOT,
  HEX_LETTER,
  JOINER,
  KINDS,
  LETTER,
  NO_WORD,
  PATH,
  UPPER,
} from "./characters.ts";
import {
  ENDS_WITH_DIGIT,
  HAS_LETTER,
  IS_DOTTED,
  IS_ERROR_NAME,
  IS_JOINED,
  IS_PARTICIPLE,
  IS_UPPER,
  STARTS_WITH_DIGIT,
  VARIABLE_SHAPE,
} from "./marks.ts";
import { knownFor } from "./vocabulary.ts";
import { isErrorName, isHexChain, isParticiple, LONGEST_WORD, trimmedEnd } from "./wordForm.ts";
import { HASH_PRIME, HASH_START, imul } from "./wordHash.ts";

/** The words of a message and what is known of them: arrays side by side, since an object a word costs more than reading it. */
export interface Tokens {
  count: number;
  /** Where in the text each begins and ends. */
  starts: Uint32Array;
  ends: Uint32Array;
  marks: Uint32Array;
  /** What the vocabulary knows each for. */
  known: Uint32Array;
  /** Two hashes of 32 bits that have nothing to do with each other. */
  hashes: Int32Array;
  otherHashes: Int32Array;
}

/** Wildcards run together, so more words than a template keeps may have to be read. */
export const MOST_TOKENS = 2_000;

/** One set for all messages, filled anew by each: nothing waits between filling and reading it. */
export const tokens: Tokens = {
  count: 0,
  starts: new Uint32Array(MOST_TOKENS),
  ends: new Uint32Array(MOST_TOKENS),
  marks: new Uint32Array(MOST_TOKENS),
  known: new Uint32Array(MOST_TOKENS),
  hashes: new Int32Array(MOST_TOKENS),
  otherHashes: new Int32Array(MOST_TOKENS),
};

/** Adds to what is known of a token. */
export function mark(token: number, bits: number): void {
  tokens.marks[token] = (tokens.marks[token] as number) | bits;
}

/** Reads the word that begins at `at`. @returns where it ends, with the punctuation after it. */
export function readWord(text: string, at: number, length: number, token: number): number {
  let hash = HASH_START;
  let other = 0;
  let any = 0;
  let all = -1;
  let i = at;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    const kind = KINDS[code] as number;
    if ((kind & NO_WORD) !== 0) {
      if ((kind & BREAK) !== 0) break;
      const next = i + 1 < length ? text.charCodeAt(i + 1) : 32;
      if (next === code) break;
      if ((kind & COLON) !== 0) {
        if (((KINDS[next] as number) & BREAK) !== 0) break;
        if ((any & (DIGIT | PATH)) === 0 && next !== 47 && next !== 92) {
          if ((all & HEX_LETTER) === 0 || !isHexChain(text, i, i - at)) break;
        }
      }
    }
    any |= kind;
    all &= kind;
    hash = imul(hash ^ code, HASH_PRIME);
    other = imul(((other << 5) | (other >>> 27)) ^ code, OTHER_PRIME);
  }
  const end = trimmedEnd(text, at, i);
  if (end === i) setToken(text, at, end, token, any, all, hash, other);
  else describe(text, at, end, token);
  return i;
}

/** Odd, with bits spread well: 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4). */
const OTHER_PRIME = 0x9e3779b1 | 0;

/** Takes a part of the text for one token, whatever stands in it. */
export function describe(text: string, start: number, end: number, token: number): void {
  let hash = HASH_START;
  let other = 0;
  let any = 0;
  let all = -1;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const kind = KINDS[code] as number;
    any |= kind;
    all &= kind;
    hash = imul(hash ^ code, HASH_PRIME);
    other = imul(((other << 5) | (other >>> 27)) ^ code, OTHER_PRIME);
  }
  setToken(text, start, end, token, any, all, hash, other);
}

function setToken(
  text: string,
  start: number,
  end: number,
  token: number,
  any: number,
  all: number,
  hash: number,
  other: number,
): void {
  const length = end - start;
  let marks = (any & LETTER) !== 0 ? HAS_LETTER : 0;
  if (
    (any & (DIGIT | PATH | DOT)) !== 0 ||
    length > LONGEST_WORD ||
    (length >= 8 && (all & HEX_LETTER) !== 0)
  ) {
    marks |= VARIABLE_SHAPE;
  }
  if (length > 0) {
    if ((all & UPPER) !== 0) marks |= IS_UPPER;
    if ((any & (DOT | DIGIT | PATH)) === DOT) marks |= IS_DOTTED;
    if ((any & JOINER) !== 0) marks |= IS_JOINED;
    if ((any & DIGIT) !== 0) {
      if (isDigit(text.charCodeAt(start))) marks |= STARTS_WITH_DIGIT;
      if (isDigit(text.charCodeAt(end - 1))) marks |= ENDS_WITH_DIGIT;
    }
    if (isParticiple(text, start, end)) marks |= IS_PARTICIPLE;
    if (isErrorName(text, start, end, all)) marks |= IS_ERROR_NAME;
  }
  tokens.starts[token] = start;
  tokens.ends[token] = end;
  tokens.marks[token] = marks;
  tokens.known[token] = knownFor(hash, length);
  tokens.hashes[token] = hash;
  tokens.otherHashes[token] = other;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
