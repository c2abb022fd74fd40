import { COLON, DIGIT, HEX_LETTER, KINDS, NAME, UPPER } from "./characters.ts";

/** Nothing that long is a word. */
export const LONGEST_WORD = 128;
const LONGEST_ERROR_NAME = 120;
const ENDINGS = ["Error", "Exception", "Fault"];

/**
 * `TypeError`, `java.io.IOException`, `App\PaymentError`, `ECONNREFUSED`, `EAI_AGAIN`, `E2BIG`.
 * @param all the bits that all of the word's characters have
 */
export function isErrorName(text: string, start: number, end: number, all: number): boolean {
  const length = end - start;
  if ((all & NAME) === 0 || length < 4 || length > LONGEST_ERROR_NAME) return false;
  if (text.charCodeAt(start) === 69) {
    if ((all & UPPER) !== 0 && text.charCodeAt(start + 1) !== 95) return true;
    if (length === 5 && text.startsWith("E2BIG", start)) return true;
  }
  const last = text.charCodeAt(end - 1);
  if (last !== 114 && last !== 110 && last !== 116) return false;
  const named = ENDINGS.some(
    (ending) => length >= ending.length && text.startsWith(ending, end - ending.length),
  );
  if (!named) return false;
  let first = end - 1;
  while (first > start && text.charCodeAt(first - 1) !== 46 && text.charCodeAt(first - 1) !== 92) first--;
  const initial = text.charCodeAt(first);
  return initial >= 65 && initial <= 90;
}

/** Ends in `ed` or `ing`. */
export function isParticiple(text: string, start: number, end: number): boolean {
  const last = text.charCodeAt(end - 1);
  if (last === 100) return end - start > 3 && text.charCodeAt(end - 2) === 101;
  return last === 103 && end - start > 5 && text.startsWith("in", end - 3);
}

/** Whether at the colon `at` an address goes on whose first group has only letters: `af:1d:03:99:5e:b0`, `fe:80` is none. */
export function isHexChain(text: string, at: number, width: number): boolean {
  if (width !== 2 && width !== 4) return false;
  for (let i = 1; i <= 2 * width + 1; i++) {
    const kind = KINDS[text.charCodeAt(at + i)] as number;
    if (((i === width + 1 ? COLON : DIGIT | HEX_LETTER) & kind) === 0) return false;
  }
  return true;
}

/** Where the word ends without the punctuation after it. */
export function trimmedEnd(text: string, from: number, end: number): number {
  let to = end;
  while (to > from && isPunctuation(text.charCodeAt(to - 1))) to--;
  return to;
}

/** `.`, `!`, `?` and `:` */
function isPunctuation(code: number): boolean {
  return code === 46 || code === 33 || code === 63 || code === 58;
}
