import {
  BREAK,
  COLON,
  DELIMITER,
  DIGIT,
  DOT,
  HEX_LETTER,
  JOINER,
  KINDS,
  LETTER,
  NO_WORD,
  PATH,
  SPACE,
  UPPER,
} from "./characters.ts";
import {
  CALLED,
  CLOSED,
  ENDS_WITH_DIGIT,
  HAS_LETTER,
  INDEXED,
  IS_DOTTED,
  IS_ERROR_NAME,
  IS_JOINED,
  IS_KEY,
  IS_PARTICIPLE,
  IS_UPPER,
  OPENED,
  QUOTED,
  SPACED,
  STARTS_LINE,
  STARTS_WITH_DIGIT,
  VALUE,
  VALUE_OF_COLON,
  VALUE_OF_EQUALS,
  VALUE_OF_SPACED_COLON,
  VARIABLE_SHAPE,
} from "./marks.ts";
import { givenEnd, isQuote, listEnd, quotedValueEnd, quoting, redactedEnd } from "./quotes.ts";
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
const MOST_TOKENS = 2_000;

/** One set for all messages, filled anew by each: nothing waits between filling and reading it. */
const tokens: Tokens = {
  count: 0,
  starts: new Uint32Array(MOST_TOKENS),
  ends: new Uint32Array(MOST_TOKENS),
  marks: new Uint32Array(MOST_TOKENS),
  known: new Uint32Array(MOST_TOKENS),
  hashes: new Int32Array(MOST_TOKENS),
  otherHashes: new Int32Array(MOST_TOKENS),
};

/**
 * Splits a message at white space and brackets. Punctuation at a word's edge is dropped; `..` and `::` divide; `key:value`
 * is two tokens, `http://…`, `C:\\…` and `10:30` are one. A quoted value is one, unless it is a sentence by its key.
 * @param length how many of the text's characters are read
 * @returns at most 2,000 tokens, until the next call
 */
export function tokensOf(text: string, length: number): Readonly<Tokens> {
  let count = 0;
  let gap = STARTS_LINE;
  let given = -1;
  let at = 0;
  while (at < length && count < MOST_TOKENS) {
    const code = text.charCodeAt(at);
    const kind = KINDS[code] as number;
    if ((kind & NO_WORD) === 0) {
      const end = readWord(text, at, length, count);
      // No quote stands before it without one of the characters that open.
      if ((gap & OPENED) !== 0) gap |= quoting(text, at, end, given);
      tokens.marks[count] = (tokens.marks[count] as number) | gap;
      count++;
      gap = end < length && text.charCodeAt(end) === 58 ? valueOfColon(text, end + 1, length) : 0;
      at = gap === 0 ? end : end + 1;
    } else if ((kind & SPACE) !== 0) {
      gap = spaced(gap, code);
      at++;
    } else if (code === 61) {
      const next = text.charCodeAt(at + 1);
      // `==` and `=>` compare and map; they do not name a value.
      if (next === 61 || next === 62) {
        at += 2;
        continue;
      }
      if (count > 0 && (gap & OPENED) === 0) {
        mark(count - 1, IS_KEY);
        gap = (gap & ~VALUE) | VALUE_OF_EQUALS;
      }
      at++;
    } else if ((kind & DELIMITER) !== 0) {
      const markEnd = code === 60 ? redactedEnd(text, at, length) : 0;
      if (markEnd > 0) {
        describe(text, at, markEnd, count);
        mark(count, gap | VARIABLE_SHAPE);
        count++;
        gap = 0;
        at = markEnd;
        continue;
      }
      const listed =
        code === 91 && count > 0
          ? listEnd(
              text,
              at,
              length,
              gap,
              tokens.marks[count - 1] as number,
              tokens.known[count - 1] as number,
            )
          : 0;
      if (listed > 0) {
        describe(text, at + 1, listed, count);
        mark(count, gap | VARIABLE_SHAPE | OPENED | CLOSED);
        mark(count - 1, (gap & SPACED) === 0 ? CLOSED : 0);
        count++;
        gap = OPENED;
        at = listed + 1;
        continue;
      }
      if (isQuote(code)) {
        const lastKnown = count > 0 ? (tokens.known[count - 1] as number) : 0;
        if (at > given) given = Math.max(given, givenEnd(text, at, length, lastKnown));
        const end = quotedValueEnd(text, at, length, gap, lastKnown);
        if (end > 0) {
          describe(text, at + 1, end, count);
          mark(count, gap | QUOTED);
          count++;
          gap = 0;
          at = end + 1;
          continue;
        }
      }
      if (count > 0 && (gap & SPACED) === 0) {
        mark(count - 1, CLOSED);
        if (code === 40 && (gap & OPENED) === 0) gap |= CALLED;
        if (code === 91 && (gap & (OPENED | VALUE)) === 0) gap |= INDEXED;
      }
      // A comma ends a pair whose value was empty: `a=,b=1`.
      if (code === 44 || code === 59) gap &= ~VALUE;
      gap |= OPENED;
      at++;
    } else at++;
  }
  if (count > 0 && at >= length) mark(count - 1, CLOSED);
  tokens.count = count;
  return tokens;
}

function mark(token: number, bits: number): void {
  tokens.marks[token] = (tokens.marks[token] as number) | bits;
}

function spaced(gap: number, code: number): number {
  if (code === 10 || code === 13) return (gap & ~VALUE) | STARTS_LINE | SPACED;
  // `list=[] next`: the brackets were the value.
  const isOver = (gap & VALUE_OF_EQUALS) !== 0 && (gap & OPENED) !== 0;
  return (isOver ? gap & ~VALUE : gap) | SPACED;
}

/** What a colon before `at`, where a word ended, makes of the next word. */
function valueOfColon(text: string, at: number, length: number): number {
  if (at >= length) return VALUE_OF_SPACED_COLON;
  const kind = KINDS[text.charCodeAt(at)] as number;
  if ((kind & COLON) !== 0) return 0;
  return (kind & BREAK) !== 0 ? VALUE_OF_SPACED_COLON : VALUE_OF_COLON;
}

/** Reads the word that begins at `at`. @returns where it ends, with the punctuation after it. */
function readWord(text: string, at: number, length: number, token: number): number {
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

function describe(text: string, start: number, end: number, token: number): void {
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
