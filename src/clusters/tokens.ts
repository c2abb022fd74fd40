import { BREAK, COLON, DELIMITER, KINDS, NO_WORD, SPACE } from "./characters.ts";
import {
  CALLED,
  CLOSED,
  INDEXED,
  IS_KEY,
  OPENED,
  QUOTED,
  SPACED,
  STARTS_LINE,
  VALUE,
  VALUE_OF_COLON,
  VALUE_OF_EQUALS,
  VALUE_OF_SPACED_COLON,
  VARIABLE_SHAPE,
} from "./marks.ts";
import { givenEnd, isQuote, listEnd, quotedValueEnd, quoting, redactedEnd } from "./quotes.ts";
import { describe, MOST_TOKENS, mark, readWord, type Tokens, tokens } from "./token.ts";

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
