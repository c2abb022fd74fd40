import { isSecret } from "./judge.ts";
import { type KeyMeaning, meaningOf } from "./keyNames.ts";
import { quotedFrom } from "./values.ts";

/** Bounds of what is read behind one list of columns. */
export const ROWS = 200;
export const CELL_CHARS = 1_024;
const CELLS = 64;

/** A part of a text. */
export interface Span {
  from: number;
  to: number;
}

export type Take = (span: Span, column: Column) => void;

export interface Column {
  name: string;
  meaning: KeyMeaning;
}

/** Nothing for one that holds no secret. */
export function columnOf(name: string): Column | undefined {
  const meaning = meaningOf(name);
  return meaning === undefined ? undefined : { name, meaning };
}

export function isColumnSecret(value: string, { name, meaning }: Column): boolean {
  if (/^[-=+]+$/.test(value) || /^\d{1,2}$/.test(value) || STAND_IN.test(value)) return false;
  const key = { name, from: 0, quoted: true };
  const separator = { kind: "equals", from: 0, to: 0, mark: "=" } as const;
  const whole = { from: 0, to: value.length, text: value, quoted: true, spaced: false, listed: false };
  return isSecret({ text: value, key, separator, value: whole }, meaning);
}

/** What a statement's own values stand for when they come apart from it. */
const STAND_IN = /^(?:\$\d{1,4}|\?|%s|:\w{1,64}|@\w{1,64})$/;

export function takeRow(cells: readonly Span[], columns: readonly (Column | undefined)[], take: Take): void {
  columns.forEach((column, index) => {
    const cell = cells[index];
    if (column !== undefined && cell !== undefined) take(cell, column);
  });
}

/** The values of a list in brackets that opened before `at`; quotes and a function's call are not part of them. */
export function tupleFrom(text: string, at: number): { spans: Span[]; to: number } {
  const spans: Span[] = [];
  let to = at;
  while (spans.length < CELLS) {
    const before = /^\s{0,40}(\w{1,24}\()?[bnBNE]?/.exec(text.slice(to, to + 90));
    const called = before?.[1] !== undefined;
    const wrapped = to + (before?.[0].length ?? 0);
    const quoted = quotedFrom(text, wrapped, CELL_CHARS);
    const span = quoted ?? bareCell(text, to);
    spans.push({ from: span.from, to: span.to });
    const end = quoted === undefined && called ? CALL : called ? CALL_END : CELL_END;
    to = span.to + lengthOf(end, text.slice(span.to, span.to + 200));
    if (text.charAt(to) !== ",") break;
    to++;
  }
  return { spans, to };
}

function lengthOf(pattern: RegExp, text: string): number {
  return pattern.exec(text)?.[0].length ?? 0;
}

/** Over the quote and the cast behind a value, and over the other arguments of its function. */
const CELL_END = /^\\{0,7}["'`]?(?:::\w{1,24})?\s{0,8}/;
const CALL_END = /^\\{0,7}["'`]?(?:[^()]{0,80}(?:\([^()]{0,80}\)[^()]{0,20})?\))?\s{0,8}/;
const CALL = /^\([^()]{0,80}(?:\([^()]{0,80}\)[^()]{0,80}){0,2}\)\s{0,8}/;

export function bareCell(text: string, at: number): Span {
  const cell = /^[^,()[\]\n]{0,512}/.exec(text.slice(at, at + 512))?.[0] ?? "";
  const from = at + cell.length - cell.trimStart().length;
  return { from, to: from + cell.trim().length };
}
