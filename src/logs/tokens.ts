/** A word of a message with what stands around it. */
export interface Token {
  text: string;
  /** White space stands between it and the token before. */
  spaced: boolean;
  /** It begins a line. */
  startsLine: boolean;
  /** An opening bracket stands between it and the token before, without white space: `call(arg`. */
  called: boolean;
  /** How it is the value of the token before: `k=v`, `k: v`, `k:v`. */
  valueBy: "=" | ": " | ":" | undefined;
  /** An equals sign follows, so it is a key. */
  isKey: boolean;
  /** A bracket, comma, quote or the like, or the end, follows rather than a space. */
  closed: boolean;
  /** A bracket, comma, quote or the like stands between it and the token before. */
  opened: boolean;
  /** It stands in quotes, alone; or is a quoted value, spaces and all. */
  quoted: boolean;
}

const WORD = 0;
const SPACE = 1;
const DELIMITER = 2;
const DOT = 3;
const COLON = 4;
const EQUALS = 61;
const CLASS = new Uint8Array(128);
for (let code = 0; code <= 32; code++) CLASS[code] = SPACE;
CLASS[127] = SPACE;
for (const char of "()[]{}<>\"'`,;=|") CLASS[char.charCodeAt(0)] = DELIMITER;
CLASS[46] = DOT;
CLASS[58] = COLON;

/** How far a quoted value may reach. A bound, so that many open quotes do not make the scan quadratic. */
const QUOTED_CHARS = 256;

/**
 * Splits a message at white space and brackets in one pass over its characters. Punctuation at a
 * word's edge is dropped; `..` and `::` divide; `key:value` is two tokens, `http://…`, `C:\\…` and
 * `10:30` are one.
 * @param limit at most this many tokens
 */
export function tokensOf(text: string, limit: number): Token[] {
  const tokens: Token[] = [];
  let gap = gapAfter(undefined);
  gap.startsLine = true;
  let at = 0;
  while (at < text.length && tokens.length < limit) {
    const kind = classOf(text.charCodeAt(at));
    if (kind === WORD) {
      const { end, colon } = wordEnd(text, at);
      const token = tokenOf(text.slice(at, trimmedEnd(text, at, end)), gap);
      token.quoted = isQuote(text.charCodeAt(at - 1)) && text.charCodeAt(at - 1) === text.charCodeAt(end);
      tokens.push(token);
      gap = gapAfter(colon);
      at = colon === undefined ? end : end + 1;
    } else if (kind === DELIMITER) {
      const quoted = quotedValue(text, at, gap);
      if (quoted !== undefined) {
        tokens.push({ ...tokenOf(quoted, gap), quoted: true });
        gap = gapAfter(undefined);
        at += quoted.length + 2;
      } else {
        at += delimit(text, at, gap, tokens.at(-1));
      }
    } else {
      if (kind === SPACE) space(text.charCodeAt(at), gap);
      at++;
    }
  }
  const last = tokens.at(-1);
  if (last !== undefined && at >= text.length) last.closed = true;
  return tokens;
}

/** What has been passed over since the last token. */
interface Gap {
  spaced: boolean;
  delimited: boolean;
  startsLine: boolean;
  called: boolean;
  valueBy: Token["valueBy"];
}

function gapAfter(valueBy: Token["valueBy"]): Gap {
  return { spaced: false, delimited: false, startsLine: false, called: false, valueBy };
}

function tokenOf(text: string, gap: Gap): Token {
  const { spaced, delimited: opened, startsLine, called, valueBy } = gap;
  return { text, spaced, opened, startsLine, called, valueBy, isKey: false, closed: false, quoted: false };
}

function classOf(code: number): number {
  if (code < 128) return CLASS[code] ?? WORD;
  return code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0xfeff ? SPACE : WORD;
}

function space(code: number, gap: Gap): void {
  if (code === 10 || code === 13) {
    gap.startsLine = true;
    gap.valueBy = undefined;
  }
  // `list=[] next`: the brackets were the value.
  if (gap.valueBy === "=" && gap.delimited) gap.valueBy = undefined;
  gap.spaced = true;
}

/** @returns how many characters were read. */
function delimit(text: string, at: number, gap: Gap, last: Token | undefined): number {
  const code = text.charCodeAt(at);
  if (code === EQUALS) {
    const next = text.charCodeAt(at + 1);
    // `==` and `=>` compare and map; they do not name a value.
    if (next === EQUALS || next === 62) return 2;
    if (last !== undefined && !gap.delimited) {
      last.isKey = true;
      gap.valueBy = "=";
    }
    return 1;
  }
  if (last !== undefined && !gap.spaced) {
    last.closed = true;
    if (code === 40 && !gap.delimited) gap.called = true;
  }
  // A comma ends a pair whose value was empty: `a=,b=1`.
  if (code === 44 || code === 59) gap.valueBy = undefined;
  gap.delimited = true;
  return 1;
}

/** The inside of the quotes that begin at `at`, when they are the value of a key. */
function quotedValue(text: string, at: number, gap: Gap): string | undefined {
  const quote = text.charCodeAt(at);
  if (!isQuote(quote) || gap.valueBy !== "=" || gap.delimited || gap.spaced) return undefined;
  const end = Math.min(text.length, at + QUOTED_CHARS);
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === quote) return i > at + 1 ? text.slice(at + 1, i) : undefined;
    else if (code === 10) return undefined;
  }
  return undefined;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** Where the word that begins at `at` ends, and whether a colon there makes it a key. */
function wordEnd(text: string, at: number): { end: number; colon: Token["valueBy"] } {
  let name = true;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = classOf(code);
    if (kind === SPACE || kind === DELIMITER) return { end: i, colon: undefined };
    if (kind === DOT && text.charCodeAt(i + 1) === code) return { end: i, colon: undefined };
    if (kind === COLON) {
      const next = text.charCodeAt(i + 1);
      if (next === code) return { end: i, colon: undefined };
      const nextKind = Number.isNaN(next) ? SPACE : classOf(next);
      if (nextKind === SPACE || nextKind === DELIMITER) return { end: i, colon: ": " };
      if (name && next !== 47 && next !== 92) return { end: i, colon: ":" };
    }
    if (isDigit(code) || code === 47 || code === 92 || code === 64) name = false;
  }
  return { end: text.length, colon: undefined };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Where the word ends without the punctuation after it. */
function trimmedEnd(text: string, from: number, end: number): number {
  let to = end;
  while (to > from && ".!?,:".includes(text.charAt(to - 1))) to--;
  return to;
}
