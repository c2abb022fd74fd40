import { NAME, UPPER } from "./characters.ts";

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
