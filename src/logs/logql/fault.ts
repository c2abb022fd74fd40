import { UserError } from "../../errors.ts";
import { cleaned } from "../redaction/clean.ts";

/** So much of the query is shown on either side of the place. */
const SHOWN = 24;

/**
 * The error of a query that cannot be read: where, what was expected, and the place itself with a mark before it.
 * Lines and columns are counted from 1 and in code points, as Loki's own errors do.
 * @param at a UTF-16 index into `text`
 */
export function faultAt(text: string, at: number, what: string): UserError {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = [...before.slice(before.lastIndexOf("\n") + 1)].length + 1;
  const head = [...before];
  const tail = [...text.slice(at)];
  const from = head.length > SHOWN ? `…${head.slice(-SHOWN).join("")}` : before;
  const to = tail.length > SHOWN ? `${tail.slice(0, SHOWN).join("")}…` : tail.join("");
  const place = `${onOneLine(from)}▸${onOneLine(to)}`;
  return new UserError(
    `That query cannot be read at line ${line}, column ${column}: ${what}. Here: ${place}`,
  );
}

/** Something of the query within a sentence: short, on one line, with nothing a terminal or a browser acts on. */
export function quoted(text: string): string {
  const chars = [...onOneLine(text)];
  return `"${chars.length > SHOWN ? `${chars.slice(0, SHOWN).join("")}…` : chars.join("")}"`;
}

function onOneLine(text: string): string {
  return cleaned(text).replace(/\s+/g, " ");
}
