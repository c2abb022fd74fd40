import { JOINER, KINDS, LETTER, NAME, PATH, SPACE, UPPER } from "./characters.ts";
import {
  CLOSED,
  GIVEN,
  IS_ERROR_NAME,
  OPENED,
  QUOTED,
  SPACED,
  STARTS_LINE,
  VALUE,
  VALUE_OF_EQUALS,
} from "./marks.ts";
import { PROSE } from "./vocabulary.ts";
import { LONGEST_WORD } from "./wordForm.ts";

/** How far a quoted value may reach. A bound, so that many open quotes do not make the scan quadratic. */
const QUOTED_CHARS = 256;

export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** Where the quotes close that begin at `at` and hold the value of a key; 0 where they do not. */
export function quotedValueEnd(
  text: string,
  at: number,
  length: number,
  gap: number,
  lastKnown: number,
): number {
  if ((gap & (VALUE_OF_EQUALS | OPENED | SPACED)) !== VALUE_OF_EQUALS) return 0;
  const quote = text.charCodeAt(at);
  if ((lastKnown & PROSE) !== 0) return 0;
  const end = Math.min(length, at + QUOTED_CHARS);
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === quote) return i > at + 1 ? i : 0;
    else if (code === 10) return 0;
  }
  return 0;
}

/**
 * Where the square brackets close that begin at `at` and hold the names a program was given, one or several: `policy [logs]`,
 * `rules: [velocity, geo]`. 0 where they hold a sentence or pairs, open a line, or stand after a log's own brackets.
 */
export function listEnd(
  text: string,
  at: number,
  length: number,
  gap: number,
  last: number,
  lastKnown: number,
): number {
  const isValue = (gap & VALUE) !== 0;
  if ((gap & OPENED) !== 0 || (lastKnown & PROSE) !== 0) return 0;
  if (!isValue && ((gap & SPACED) === 0 || (gap & STARTS_LINE) !== 0)) return 0;
  // `Error [ERR_MODULE_NOT_FOUND]`, and a logger's own brackets: `[pool] [main]`.
  if (!isValue && (last & (CLOSED | IS_ERROR_NAME)) !== 0) return 0;
  let isSeveral = isValue;
  const end = Math.min(length, at + QUOTED_CHARS);
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 93) return i > at + 1 && (isSeveral || i + 1 < length) ? i : 0;
    if (code === 44) {
      isSeveral = true;
      if (text.charCodeAt(i + 1) === 32) i++;
    } else if (!isQuote(code) && ((KINDS[code] as number) & (NAME | JOINER | PATH)) === 0) return 0;
  }
  return 0;
}

/** Where the quotes close that begin at `at` and hold something without white space; 0 where they do not. */
export function givenEnd(text: string, at: number, length: number, lastKnown: number): number {
  const quote = text.charCodeAt(at);
  // The apostrophe in `can't`.
  if (at > 0 && ((KINDS[text.charCodeAt(at - 1)] as number) & LETTER) !== 0) return 0;
  // `"reason":"timeout"` is what happened.
  const before = text.charCodeAt(text.charCodeAt(at - 1) === 32 ? at - 2 : at - 1);
  if ((before === 58 || before === 61) && (lastKnown & PROSE) !== 0) return 0;
  const end = Math.min(length, at + LONGEST_WORD);
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) return i;
    if (((KINDS[code] as number) & SPACE) !== 0) return 0;
  }
  return 0;
}

/** What quotes say of a word; those that close at `given` hold no white space. */
export function quoting(text: string, start: number, end: number, given: number): number {
  const before = text.charCodeAt(start - 1);
  const isQuoted = isQuote(before) && before === text.charCodeAt(end);
  const isGiven = start < given && !isNameOfCode(text, start, end);
  return (isQuoted ? QUOTED : 0) | (isGiven ? GIVEN : 0);
}

/** `users_pkey`, `readOnly`, `GET`: people and things that a program is given are seldom called so. */
function isNameOfCode(text: string, start: number, end: number): boolean {
  for (let i = start + 1; i < end; i++) {
    if (((KINDS[text.charCodeAt(i)] as number) & UPPER) !== 0) return true;
  }
  return false;
}

/** Where the mark of a secret ends, which is a value whatever the secret was; 0 where none begins. */
export function redactedEnd(text: string, at: number, length: number): number {
  if (!text.startsWith("redacted:", at + 1)) return 0;
  const end = text.indexOf(">", at);
  return end > 0 && end < length && end - at <= LONGEST_MARK ? end + 1 : 0;
}

const LONGEST_MARK = 48;
