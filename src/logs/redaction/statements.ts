import { bareCell, type Column, columnOf, ROWS, type Span, type Take, takeRow, tupleFrom } from "./cells.ts";
import { quotedFrom } from "./values.ts";

const INSERT = /\b(?:insert|replace|merge)\b[^()]{1,200}\(([^()]{1,2000})\)[^()]{0,80}?\bvalues\s{0,8}/gi;
/** PostgreSQL's detail of a conflict: `Key (name, token)=(bob, x) already exists.` */
const CONFLICT = /\(([^()]{1,400})\)\s{0,4}=\s{0,4}(?=\()/g;

/** Takes the values that a statement or a conflict lists behind the names of their columns. */
export function takeInserted(text: string, take: Take): void {
  // `matchAll` makes a new pattern each time, which takes longer than looking whether it can match.
  if (/values/i.test(text)) takeRows(text, INSERT, take);
  if (/\)\s{0,4}=\s{0,4}\(/.test(text)) takeRows(text, CONFLICT, take);
}

function takeRows(text: string, form: RegExp, take: Take): void {
  for (const { columns, cells } of rowsOf(text, form)) takeRow(cells, columns, take);
}

function* rowsOf(text: string, form: RegExp): Generator<{ columns: (Column | undefined)[]; cells: Span[] }> {
  for (const found of text.matchAll(form)) {
    const columns = (found[1] ?? "").split(",").map((name) => columnOf(name.replace(/[^\p{L}\d_.-]/gu, "")));
    if (columns.every((column) => column === undefined)) continue;
    let at = found.index + found[0].length;
    for (let row = 0; row < ROWS && text.charAt(at) === "("; row++) {
      const cells = tupleFrom(text, at + 1);
      yield { columns, cells: cells.spans };
      const next = /^\)\s{0,8},\s{0,8}/.exec(text.slice(cells.to, cells.to + 24));
      if (next === null) break;
      at = cells.to + next[0].length;
    }
  }
}

/** How much before a list of parameters is read as its statement. */
const STATEMENT_CHARS = 2_000;
/** How far before a parameter its column stands. */
const COLUMN_CHARS = 120;
/** `params: ["x", 4]`, `values: ['x']`, `…; ["x"]`, `DETAIL: parameters: $1 = 'x', $2 = '4'`. */
const LIST =
  /;\s{0,4}(?=\[\s{0,4}\\{0,7}["'\d])|\b(?:parameters|params|args|bindings|values|binds?)\\{0,7}["']?(?:\s{0,4}[:=]\s{0,4}(?=[[(]|\$\d)|\s{0,4}(?=\[))/gi;
const LIST_HINT = /;\s{0,4}\[|param|args|bind|values/i;
const STAND_INS = /\$\d{1,3}|\?|%s|(?<![\w:]):\w{1,64}|(?<!\w)@[a-z]\w{0,63}/gi;
/** The column before a parameter: `password = crypt($1, …)`, `s."token" in (?)`. */
const COMPARED =
  /([a-z_]\w{0,63})\\{0,7}["'`\]]?\s{0,4}(?:=|<>|!=|\b(?:like|ilike|in)\b)\s{0,4}(?:\w{1,24}\s?)?\(?\s{0,2}$/i;

/** Takes the parameters that come apart from their statement, by the columns that it puts them in. */
export function takeParameters(text: string, take: Take): void {
  if (!LIST_HINT.test(text)) return;
  let before = 0;
  for (const found of text.matchAll(LIST)) {
    const at = found.index + found[0].length;
    const columns = parametersOf(text.slice(Math.max(before, found.index - STATEMENT_CHARS), found.index));
    before = at;
    if (columns.size === 0) continue;
    for (const [number, span] of parametersFrom(text, at)) {
      const column = columns.get(number);
      if (column !== undefined) take(span, column);
    }
  }
}

/** Which parameters of a statement are secrets, by their number from 1. */
function parametersOf(statement: string): ReadonlyMap<number, Column> {
  const columns = new Map<number, Column>();
  const inserted = [...rowsOf(statement, INSERT)];
  let ordinal = 0;
  for (const found of statement.matchAll(STAND_INS)) {
    ordinal++;
    const number = found[0].startsWith("$") ? Number(found[0].slice(1)) : ordinal;
    const name = COMPARED.exec(statement.slice(Math.max(0, found.index - COLUMN_CHARS), found.index))?.[1];
    const column = name === undefined ? columnAt(inserted, found.index) : columnOf(name);
    if (column !== undefined) columns.set(number, column);
  }
  return columns;
}

function columnAt(
  rows: readonly { columns: (Column | undefined)[]; cells: Span[] }[],
  at: number,
): Column | undefined {
  for (const { columns, cells } of rows) {
    const index = cells.findIndex(({ from, to }) => at >= from && at < to);
    if (index >= 0) return columns[index];
  }
  return undefined;
}

function* parametersFrom(text: string, at: number): Generator<[number: number, value: Span]> {
  if (text.charAt(at) !== "$") {
    for (const [index, span] of tupleFrom(text, at + 1).spans.entries()) yield [index + 1, span];
    return;
  }
  const numbered = /(?:\\{0,7}["'])?(?:\s{0,4},\s{0,4})?\$(\d{1,3})\s{0,4}=\s{0,4}/y;
  numbered.lastIndex = at;
  for (let found = numbered.exec(text); found !== null; found = numbered.exec(text)) {
    const from = numbered.lastIndex;
    const span = quotedFrom(text, from) ?? bareCell(text, from);
    yield [Number(found[1]), span];
    numbered.lastIndex = span.to;
  }
}
