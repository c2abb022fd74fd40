import { isSecret } from "./judge.ts";
import { KEY_HINT, type KeyMeaning, meaningOf } from "./keyNames.ts";
import { quotedFrom } from "./values.ts";

/** A part of a text. */
interface Span {
  from: number;
  to: number;
}

/** Bounds of what is read behind one list of columns. */
const ROWS = 200;
const CELLS = 64;
const CELL_CHARS = 1_024;

/**
 * Replaces values that are named by their column: `insert into users (name, password) values ('bob', 'x')`,
 * and the rows of a table whose first line names the columns.
 */
export function redactColumns(text: string): string {
  const findings = new Map<number, { to: number; kind: string }>();
  const take = (span: Span, column: Column): void => {
    if (isColumnSecret(text.slice(span.from, span.to), column)) {
      findings.set(span.from, { to: span.to, kind: column.meaning.kind });
    }
  };
  if (!KEY_HINT.test(text)) return text;
  if (/values|parameters/i.test(text)) takeInserted(text, INSERT, take);
  if (text.includes("=")) takeInserted(text, CONFLICT, take);
  if (text.includes("\n")) takeTables(text, take);
  if (findings.size === 0) return text;
  let out = "";
  let kept = 0;
  for (const [from, { to, kind }] of [...findings].sort(([a], [b]) => a - b)) {
    if (from < kept) continue;
    out += `${text.slice(kept, from)}<redacted:${kind}>`;
    kept = to;
  }
  return out + text.slice(kept);
}

type Take = (span: Span, column: Column) => void;

interface Column {
  name: string;
  meaning: KeyMeaning;
}

/** Nothing for one that holds no secret. */
function columnOf(name: string): Column | undefined {
  const meaning = meaningOf(name);
  return meaning === undefined ? undefined : { name, meaning };
}

function isColumnSecret(value: string, { name, meaning }: Column): boolean {
  if (/^[-=+]+$/.test(value) || /^\d{1,2}$/.test(value) || STAND_IN.test(value)) return false;
  const key = { name, from: 0, quoted: true };
  const separator = { kind: "equals", from: 0, to: 0, mark: "=" } as const;
  const whole = { from: 0, to: value.length, text: value, quoted: true, spaced: false, listed: false };
  return isSecret({ text: value, key, separator, value: whole }, meaning);
}

const INSERT = /\b(?:insert|replace|merge)\b[^()]{1,200}\(([^()]{1,2000})\)[^()]{0,80}?\bvalues\s{0,8}/gi;
/** PostgreSQL's detail of a conflict: `Key (name, token)=(bob, x) already exists.` */
const CONFLICT = /\(([^()]{1,400})\)\s{0,4}=\s{0,4}(?=\()/g;
/** What a statement's own values stand for when they come apart from it. */
const STAND_IN = /^(?:\$\d{1,4}|\?|%s|:\w{1,64}|@\w{1,64})$/;
const PARAMETERS = /\b(?:parameters|params|args|bindings|values|binds)\\{0,7}["']?\s{0,4}[:=]?\s{0,4}[[(]/gi;

function takeInserted(text: string, statement: RegExp, take: Take): void {
  for (const found of text.matchAll(statement)) {
    const columns = (found[1] ?? "").split(",").map((name) => columnOf(name.replace(/[^\p{L}\d_.-]/gu, "")));
    if (columns.every((column) => column === undefined)) continue;
    let at = found.index + found[0].length;
    for (let row = 0; row < ROWS && text.charAt(at) === "("; row++) {
      const cells = tupleFrom(text, at + 1);
      takeRow(cells.spans, columns, take);
      if (STAND_IN.test(text.slice(cells.spans[0]?.from, cells.spans[0]?.to)))
        takeParameters(text, cells.to, columns, take);
      const next = /^\)\s{0,8},\s{0,8}/.exec(text.slice(cells.to, cells.to + 24));
      if (next === null) break;
      at = cells.to + next[0].length;
    }
  }
}

function takeParameters(
  text: string,
  from: number,
  columns: readonly (Column | undefined)[],
  take: Take,
): void {
  PARAMETERS.lastIndex = 0;
  const found = PARAMETERS.exec(text.slice(from, from + 400));
  if (found !== null) takeRow(tupleFrom(text, from + found.index + found[0].length).spans, columns, take);
}

function takeRow(cells: readonly Span[], columns: readonly (Column | undefined)[], take: Take): void {
  columns.forEach((column, index) => {
    const cell = cells[index];
    if (column !== undefined && cell !== undefined) take(cell, column);
  });
}

/** The values of a list in brackets that opened before `at`; quotes and a function's call are not part of them. */
function tupleFrom(text: string, at: number): { spans: Span[]; to: number } {
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

function bareCell(text: string, at: number): Span {
  const cell = /^[^,()[\]\n]{0,512}/.exec(text.slice(at, at + 512))?.[0] ?? "";
  const from = at + cell.length - cell.trimStart().length;
  return { from, to: from + cell.trim().length };
}

/** How the cells of a line are told apart; the first that is in the line counts. */
const DIVIDERS: readonly RegExp[] = [/[|│┃]/g, /\t+/g, /;/g, /,/g, / {2,}/g];
/** A name has no blanks between commas, where sentences have theirs, and at most two elsewhere. */
const COLUMN_NAME = /^["'`]?[\p{L}\d_.#-]{1,40}(?: [\p{L}\d_.#-]{1,20}){0,2}["'`]?$/u;
const CSV_NAME = /^(["'`]?)[\p{L}\d_.#-]{1,40}\1$/u;

function takeTables(text: string, take: Take): void {
  let at = 0;
  while (at < text.length) {
    const end = endOfLine(text, at);
    const line = text.slice(at, Math.min(end, at + CELL_CHARS));
    at = KEY_HINT.test(line) ? (rowsBelow(text, at, end, line, take) ?? end + 1) : end + 1;
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** @returns where the table ends, or nothing if the line begins none */
function rowsBelow(text: string, at: number, end: number, line: string, take: Take): number | undefined {
  const divider = DIVIDERS.find((each) => line.trim().search(each) >= 0);
  if (divider === undefined) return undefined;
  const names = cellsOf(line, at, divider);
  const form = isList(divider) ? CSV_NAME : COLUMN_NAME;
  if (names.length < 2 || !names.every((cell) => form.test(text.slice(cell.from, cell.to)))) return undefined;
  const columns = names.map((cell) =>
    columnOf(text.slice(cell.from, cell.to).replace(/["'`]/g, "").replace(/ /g, "_")),
  );
  if (columns.every((column) => column === undefined)) return undefined;
  let next = end + 1;
  for (let row = 0; row < ROWS && next < text.length; row++) {
    const rowEnd = endOfLine(text, next);
    const content = text.slice(next, Math.min(rowEnd, next + CELL_CHARS));
    const cells = cellsOf(content, next, divider);
    const isRule = /^[\s|+:=─┼├┤-]+$/.test(content);
    if (!isRule && cells.length !== names.length) break;
    if (!isRule) takeRow(cells, columns, take);
    next = rowEnd + 1;
  }
  return next;
}

/** Divided by commas, the first and the last cell may be empty. */
function isList(divider: RegExp): boolean {
  return divider.source === "," || divider.source === ";";
}

function cellsOf(line: string, at: number, divider: RegExp): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const found of line.matchAll(divider)) {
    spans.push(trimmed(line, from, found.index, at));
    from = found.index + found[0].length;
  }
  spans.push(trimmed(line, from, line.length, at));
  if (isList(divider)) return spans;
  // The border of a table, and the indentation of a listing.
  return spans.filter((span, index) => span.to > span.from || (index > 0 && index < spans.length - 1));
}

function trimmed(line: string, from: number, to: number, at: number): Span {
  const cell = line.slice(from, to);
  const inner = cell.trim();
  const begin = at + from + cell.length - cell.trimStart().length;
  const quoted = /^(["'`]).*\1$/.test(inner) && inner.length > 2 ? 1 : 0;
  return { from: begin + quoted, to: begin + inner.length - quoted };
}
