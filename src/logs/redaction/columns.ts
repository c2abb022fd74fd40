import { CELL_CHARS, columnOf, isColumnSecret, ROWS, type Span, type Take, takeRow } from "./cells.ts";
import { KEY_HINT } from "./keyNames.ts";
import type { Mark } from "./mark.ts";
import { takeInserted, takeParameters } from "./statements.ts";

/**
 * Replaces values that are named by their column: `insert into users (name, password) values ('bob', 'x')`,
 * the parameters of a statement, and the rows of a table whose first line names the columns.
 */
export function redactColumns(text: string, mark: Mark): string {
  return HINT.test(text) ? redactNamedByColumns(text, mark) : text;
}

/** A list of values, of parameters or of rows. */
const HINT = /values|param|args|bind|;\s{0,4}\[|\)\s{0,4}=\s{0,4}\(|\n/i;

function redactNamedByColumns(text: string, mark: Mark): string {
  let findings: Map<number, { to: number; kind: string }> | undefined;
  const take: Take = (span, column) => {
    if (!isColumnSecret(text.slice(span.from, span.to), column)) return;
    findings ??= new Map();
    findings.set(span.from, { to: span.to, kind: column.meaning.kind });
  };
  takeInserted(text, take);
  takeParameters(text, take);
  if (text.includes("\n")) takeTables(text, take);
  if (findings === undefined) return text;
  let out = "";
  let kept = 0;
  for (const [from, { to, kind }] of [...findings].sort(([a], [b]) => a - b)) {
    if (from < kept) continue;
    out += text.slice(kept, from) + mark(kind, text.slice(from, to));
    kept = to;
  }
  return out + text.slice(kept);
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
