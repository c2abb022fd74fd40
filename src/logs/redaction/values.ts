import { GAP_CHARS, isBlank, type Key, OPENER_STARTS, QUOTES } from "./keyBefore.ts";
import type { KeyMeaning } from "./keyNames.ts";
import type { Separator } from "./separators.ts";
import { isWordlike } from "./wordlike.ts";

export interface Value {
  from: number;
  to: number;
  text: string;
  quoted: boolean;
  /** White space stands between the separator and it. */
  spaced: boolean;
  /** It stands in a list, of which it is the first. */
  listed: boolean;
}

/** How far the end of a quoted value is looked for beyond its line. */
const MANY_LINES_CHARS = 2_048;

/** The value behind a separator, without the quotes, brackets and calls around it. */
export function valueAfter(
  text: string,
  separator: Separator,
  meaning: KeyMeaning | undefined,
  maxChars = Number.POSITIVE_INFINITY,
): Value | undefined {
  if (separator.kind === "tag") return taggedValue(text, separator);
  const start = valueStart(text, separator);
  const spaced = start > separator.to;
  if (separator.kind === "bar") return cellValue(text, start);
  // `password⇥=⇥x`: the tab only stands before the separator.
  if (separator.kind === "tab" && /[=:|]/.test(text.charAt(start))) return undefined;
  let from = withoutWrapping(text, start);
  const listed = text.charAt(start) === "[" || text.charAt(start) === "(";
  const quoted = quotedFrom(text, from, maxChars);
  if (quoted !== undefined) return { ...quoted, quoted: true, spaced, listed };
  if (separator.kind === "comma") return undefined;
  const personal = meaning === undefined ? undefined : personalFrom(text, from, meaning.kind);
  if (personal !== undefined) return { ...personal, quoted: false, spaced, listed };
  let to = unquotedEnd(text, from, maxChars);
  if (to === from) return undefined;
  // `Authorization: Digest username="bob", …, response="…"`: what is secret in it has its own name.
  if (meaning?.kind === "authorization" && /^Digest \w/i.test(text.slice(from, from + 8))) return undefined;
  // `Authorization: Scheme credentials`
  if (meaning?.kind === "authorization" && text.charAt(to) === " " && isWordlike(text.slice(from, to))) {
    from = to + 1;
    to = unquotedEnd(text, from);
  }
  if (meaning?.trust === "certain" && !listed) to = continuedEnd(text, to);
  return { from, to, text: text.slice(from, to), quoted: false, spaced, listed };
}

function valueStart(text: string, separator: Separator): number {
  let from = separator.to;
  while (from - separator.to < GAP_CHARS && isBlank(text.charCodeAt(from))) from++;
  // `["password"]=>⏎  string(7) "x"`, `"password":⏎  "x"`, `;s:7:"x"`
  const before = /^(?:\s{0,40}(?:string|int)\(\d{1,6}\)\s|s:\d{1,6}:)|^\s{1,40}(?=["'])/.exec(
    text.slice(from, from + 48),
  );
  if (before !== null) return from + before[0].length;
  // YAML's types and anchors.
  const noted =
    separator.kind === "colon"
      ? /^(?:!{1,2}[\w/]{1,20}|&\w{1,20}) {1,4}/.exec(text.slice(from, from + 28))
      : null;
  return noted === null ? from : from + noted[0].length;
}

/** What is written around a value: `[value]`, `{value}`, `Some("value")`, `b'value'`, `Optional[value]`. */
function withoutWrapping(text: string, start: number): number {
  let from = start;
  for (let depth = 0; depth < 3; depth++) {
    const rest = text.slice(from, from + 40);
    const list = /^(?:[[(](?![A-Z_ ]{4,20}\])\s{0,8}(?![[{(\]]))/.exec(rest);
    const braced = /^\{(?=[^\s{}:="']{3,38}={0,2}\})/.exec(rest);
    const called =
      /^(?:[A-Za-z_]\w{0,15}\((?=\\*["'])|[bruBRUN]\\*(?=["'])|(?:Some|Just|Optional|Secret|SecretStr|String|Password|Token)[([])/.exec(
        rest,
      );
    // Go's spew, Erlang's binaries.
    const typed =
      /^(?:\((?:\*{0,2}[a-z][\w.]{0,24}|len=\d{1,6})\)[ ]{0,4}(?=[("])|<<(?=")|<(?=[^<>\s:]{6,64}>))/.exec(
        rest,
      );
    const wrapping = braced ?? called ?? typed ?? list;
    if (wrapping === null) break;
    from += wrapping[0].replace(/\\+$/, "").length;
  }
  return from;
}

/** All between a tag and the next one. */
function taggedValue(text: string, separator: Separator): Value | undefined {
  const cdata = /^\s{0,40}(?:<!\[CDATA\[)?\s{0,40}/.exec(text.slice(separator.to, separator.to + 100));
  const from = separator.to + (cdata?.[0].length ?? 0);
  const end = /^[^<\n&\\]{0,1024}(?=<\/|\]\]>|\s{0,40}\n\s{0,40}<\/|&lt;|\\u003c)/i.exec(
    text.slice(from, from + 1_100),
  );
  if (end !== null)
    return {
      ...spanOf(text, from, from + end[0].trimEnd().length),
      quoted: true,
      spaced: false,
      listed: false,
    };
  // A line that was cut.
  const to = unquotedEnd(text, from);
  if (from !== separator.to || to !== text.length || isWordlike(text.slice(from, to))) return undefined;
  return { ...spanOf(text, from, to), quoted: true, spaced: false, listed: false };
}

/** A table's cell; only one without blanks is a value. */
function cellValue(text: string, from: number): Value | undefined {
  const cell = /^([^\s|│]{1,512})[ \t]{0,64}(?=[|│\n]|$)/.exec(text.slice(from, from + 580));
  if (cell?.[1] === undefined) return undefined;
  return { ...spanOf(text, from, from + cell[1].length), quoted: false, spaced: true, listed: false };
}

/** Telephone numbers and their like are written with blanks: `+49 (0)30 / 123 45 67`. */
function personalFrom(text: string, from: number, kind: string): Span | undefined {
  const form = PERSONAL_FORMS[kind];
  const found = form?.exec(text.slice(from, from + 60));
  return found === null || found === undefined ? undefined : spanOf(text, from, from + found[0].length);
}

const PERSONAL_FORMS: Readonly<Record<string, RegExp | undefined>> = {
  phone: /^[+(]{0,2}\d(?:[\s()./\u2010-\u2013-]{0,3}\d){6,16}/,
  card: /^\d(?:[\s.-]?\d){11,18}/,
  ssn: /^\d{3}[\s.-]?\d{2}[\s.-]?\d{4}(?!\d)/,
  iban: /^[A-Z]{2}\d{2}(?:[\s-]?[A-Z0-9]{4}){2,7}(?:[\s-]?[A-Z0-9]{1,3})?(?![A-Z0-9])/i,
};

interface Span {
  from: number;
  to: number;
  text: string;
}

function spanOf(text: string, from: number, to: number): Span {
  return { from, to, text: text.slice(from, to) };
}

/** What stands between the quotes that open at `at`, at whatever depth of escaping. */
export function quotedFrom(text: string, at: number, maxChars = Number.POSITIVE_INFINITY): Span | undefined {
  let open = at;
  while (open - at < 15 && text.charAt(open) === "\\") open++;
  if (!OPENER_STARTS.has(text.charCodeAt(open))) return undefined;
  const pair = QUOTES.find(([quote]) => text.startsWith(quote, open));
  if (pair === undefined) return undefined;
  const [quote, close] = pair;
  if ((quote.startsWith("x") || quote.startsWith("u")) && open === at) return undefined;
  const depth = open - at;
  const from = open + quote.length;
  if (quote.length === 3 && quote.charAt(0) === quote.charAt(1)) {
    const end = text.indexOf(close, from);
    if (end >= 0 && end - from <= MANY_LINES_CHARS) return spanOf(text, from, end);
  }
  let to = from;
  let slashes = 0;
  const last = Math.min(text.length, from + maxChars);
  for (; to < last; to++) {
    const char = text.charAt(to);
    if (char === "\\") {
      slashes++;
      continue;
    }
    if (char === close.charAt(0) && text.startsWith(close, to) && closes(slashes, depth)) {
      if (depth > 0 || !isDoubled(text, from, to)) return spanOf(text, from, to - slashes);
      to++;
    }
    if (char === "\n") return spanOf(text, from, endBeyondLine(text, to, close) ?? to);
    slashes = 0;
  }
  // Never closed: a line that was cut. All of it belongs to the value.
  return spanOf(text, from, to);
}

/** SQL and CSV write a quote within quotes twice: `'it''s'`. What follows belongs to the value, up to the quote that closes it on its line or to where the line was cut. */
function isDoubled(text: string, from: number, at: number): boolean {
  const quote = text.charAt(at);
  if (at === from || (quote !== "'" && quote !== '"') || text.charAt(at + 1) !== quote) return false;
  const next = text.charAt(at + 2);
  if (next === "" || /[\s,;:=)\]}&|<>]/.test(next)) return false;
  const end = text.indexOf(quote, at + 2);
  return end < 0 || !text.slice(at + 2, end).includes("\n");
}

function closes(slashes: number, depth: number): boolean {
  return depth === 0 ? slashes % 2 === 0 : slashes <= depth;
}

/** A value of many lines ends at the next quote, if that one looks like closing rather than opening. */
function endBeyondLine(text: string, newline: number, close: string): number | undefined {
  const rest = text.slice(newline, newline + MANY_LINES_CHARS);
  const end = rest.indexOf(close);
  const after = rest.slice(end + close.length, end + close.length + 1);
  if (end < 1 || !/^[\s,;)}\]<]?$/.test(after)) return undefined;
  const opens = /[=:,([{\s]/.test(rest.charAt(end - 1)) && after !== "\n" && after !== "";
  return opens ? undefined : newline + end;
}

/** Where a value without quotes ends. A bracket ends it only where no more of a word follows. */
function unquotedEnd(text: string, from: number, maxChars = Number.POSITIVE_INFINITY): number {
  const last = Math.min(text.length, from + maxChars);
  for (let at = from; at < last; at++) {
    const char = text.charAt(at);
    if (char <= " " || "\"'`,;<>\\|\u00a0│".includes(char)) return at;
    if (")]}".includes(char) && (at + 1 === text.length || /[\s,;:)\]}"'.<]/.test(text.charAt(at + 1))))
      return at;
    if (
      char === "&" &&
      /^&(?:amp;|quot;|apos;|lt;|#3[49];|#x2[27];|[\w.[\]%-]{1,40}=)/.test(text.slice(at, at + 48))
    )
      return at;
    if (char === "%" && /^%(?:25)?(?:26|2[27]|2C|7D|0A|0D|20)/i.test(text.slice(at, at + 5))) return at;
  }
  return last;
}

/** A password may have a comma in it: what follows it at once is no name and no other pair. */
function continuedEnd(text: string, end: number): number {
  let to = end;
  for (let part = 0; part < 4; part++) {
    const next = /^[,;|]([^\s=:"'`<>(){}[\]\\,;|&]{2,64}={0,2})(?=[\s,;|]|$)/.exec(text.slice(to, to + 68));
    if (next?.[1] === undefined || isWordlike(next[1]) || /^[\d.]+$/.test(next[1])) break;
    to += next[0].length;
  }
  return to;
}

/** Whether a value is all that stands on its line besides its key, as in YAML. */
export function isWholeLine(text: string, key: Key, value: Value): boolean {
  const before = text.slice(Math.max(0, key.from - 80), key.from);
  if (!/(?:^|\n|\\n)[\s"'-]{0,80}$/.test(before) || (key.from > 80 && !/\n|\\n/.test(before))) return false;
  return /^[ \t]{0,8}(?:$|\r?\n|\\r|\\n|#)/.test(text.slice(value.to, value.to + 12));
}
