import { quoted } from "./fault.ts";
import { bytesOf, floatOf, queryDuration } from "./units.ts";
import { unquoted } from "./unquote.ts";

interface Written {
  /** As it stands in the query. */
  text: string;
  /** UTF-16 indexes into the query. */
  at: number;
  end: number;
}

export type Token = Written &
  (
    | { kind: "name" | "op" | "flag" | "end" }
    | { kind: "string"; value: string }
    /** Durations in nanoseconds. */
    | { kind: "number" | "duration" | "bytes"; amount: number }
    /** What cannot be a token. Reading ends here, and it is an error only once the parser gets so far. */
    | { kind: "fault"; what: string }
  );

type Bare = Token extends infer One ? (One extends Written ? Omit<One, keyof Written> : never) : never;

/** Go's white space, and Loki's comments, which only a line feed ends. */
const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const FLAG = /--[a-zA-Z-]*/y;
const AMOUNT = /(?:\d|\.\d)(?:(?<=[eE])[+-](?=\d)|[\w.µμ])*/y;
const OP = /=~|!~|!=|!>|\|=|\|~|\|>|==|>=|<=|[{}()[\],|=><+\-*/%^]/y;

/**
 * Splits a query as Loki's lexer does. Nothing outside strings is taken that LogQL's log queries cannot hold:
 * what passes here reads the same there.
 */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = spaceEnd(text, 0); ; ) {
    const { end, ...bare } = tokenAt(text, at);
    const token: Token = { ...bare, text: text.slice(at, end), at, end };
    tokens.push(token);
    if (token.kind === "end" || token.kind === "fault") return tokens;
    at = spaceEnd(text, end);
  }
}

type Found = Bare & { end: number };

function tokenAt(text: string, at: number): Found {
  if (at >= text.length) return { kind: "end", end: at };
  const char = text.charAt(at);
  if (char === '"') return doubleQuoted(text, at);
  if (char === "`") return rawString(text, at);
  const name = matchAt(NAME, text, at);
  if (name !== undefined) return { kind: "name", end: at + name.length };
  const amount = matchAt(AMOUNT, text, at);
  if (amount !== undefined) return amountOf(amount, at + amount.length);
  const negative = char === "-" ? negativeDuration(text, at) : undefined;
  if (negative !== undefined) return negative;
  const flag = matchAt(FLAG, text, at);
  if (flag !== undefined) return flagOf(flag, at + flag.length);
  const op = matchAt(OP, text, at);
  if (op !== undefined) return { kind: "op", end: at + op.length };
  return strange(text, at);
}

function doubleQuoted(text: string, at: number): Found {
  let end = at + 1;
  while (text.charAt(end) !== '"') {
    if (end >= text.length || text.charAt(end) === "\n") {
      return fault(at, 'the closing " of this text is missing; write a line break in it as \\n');
    }
    end += text.charAt(end) === "\\" && text.charAt(end + 1) !== "\n" ? 2 : 1;
  }
  const body = text.slice(at + 1, end);
  const read = unquoted(body);
  if ("wrongEscape" in read) {
    return fault(at, `${quoted(read.wrongEscape)} stands for nothing in a text; write a backslash as \\\\`);
  }
  return body.includes("\0") ? nul(at) : { kind: "string", value: read.value, end: end + 1 };
}

function rawString(text: string, at: number): Found {
  const end = text.indexOf("`", at + 1);
  if (end < 0) return fault(at, "the closing ` of this text is missing");
  const value = text.slice(at + 1, end);
  return value.includes("\0") ? nul(at) : { kind: "string", value, end: end + 1 };
}

/** Go's scanner takes no query with one. */
function nul(at: number): Found {
  return fault(at, "this text holds a character zero; write it as \\x00");
}

function amountOf(text: string, end: number): Found {
  const number = floatOf(text);
  if (number !== undefined) return { kind: "number", amount: number, end };
  const duration = queryDuration(text);
  if (duration !== undefined) return { kind: "duration", amount: duration, end };
  // A query's sizes stop at peta, and their letters are told apart by case, other than a log line's.
  const bytes = /^[\d.]+(?:B|[kKMGTP]i?B?)$/.test(text) ? bytesOf(text) : undefined;
  if (bytes !== undefined) return { kind: "bytes", amount: bytes, end };
  return fault(end, `${quoted(text)} is no number, duration (1m30s) or size (5MB)`);
}

/** A minus before a number is a token of its own. */
function negativeDuration(text: string, at: number): Found | undefined {
  const written = matchAt(AMOUNT, text, at + 1);
  if (written === undefined || floatOf(written) !== undefined) return undefined;
  const amount = queryDuration(written);
  return amount === undefined
    ? undefined
    : { kind: "duration", amount: -amount, end: at + 1 + written.length };
}

function flagOf(text: string, end: number): Found {
  if (text === "--strict" || text === "--keep-empty") return { kind: "flag", end };
  return fault(end, `${quoted(text)} is not known: logfmt takes --strict and --keep-empty`);
}

function strange(text: string, at: number): Found {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === "'")
    return fault(at, `a text stands in double quotes ("…") or backticks, not in single quotes`);
  if (char === "!") return fault(at, `"!" is expected only as a part of "!=", "!~" or "!>"`);
  if (/[\p{L}\p{N}]/u.test(char)) {
    return fault(at, `a name is of the letters a to z, digits and "_", so not ${quoted(char)}`);
  }
  return fault(at, `${quoted(char)} is not expected outside of a text in double quotes`);
}

function fault(end: number, what: string): Found {
  return { kind: "fault", what, end };
}

function spaceEnd(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.length ?? 0);
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
