import { type KeyMeaning, meaningOf } from "./keyNames.ts";
import { isPlaceholder, isWordlike } from "./wordlike.ts";

/** Longest key that is looked at. A bound: the key is read backwards from every separator. */
const KEY_CHARS = 64;
/** Quotes as they are written plainly, in a URL, in HTML and as a unicode escape. */
const QUOTES = ['"', "'", "`", "%22", "%27", "&quot;", "&#34;", "&#39;", "u0022", "u0027"] as const;

/**
 * Replaces the values of keys that are named like a secret: `k=v`, `k: v`, `k => v`, `"k":"v"` however
 * often escaped, `k%3Dv`, `<k>v</k>`, `('k', 'v')`, `k=[v]`.
 * One pass from separator to separator; a value once read is never read again.
 */
export function redactKeyed(text: string): string {
  let out = "";
  let kept = 0;
  let at = 0;
  const meanings = new Map<string, KeyMeaning | undefined>();
  while (at < text.length) {
    const separator = separatorAt(text, at);
    if (separator === 0) {
      at++;
      continue;
    }
    const key = keyBefore(text, at, text.charCodeAt(at));
    const meaning = key === undefined ? undefined : remembered(meanings, key);
    if (meaning === undefined) {
      at += separator;
      continue;
    }
    const value = valueAfter(text, at, at + separator, meaning);
    if (value !== undefined && isSecret(value, meaning)) {
      out += `${text.slice(kept, value.from)}<redacted:${meaning.kind}>`;
      kept = value.to;
    }
    at = Math.max(at + separator, value?.to ?? 0);
  }
  return kept === 0 ? text : out + text.slice(kept);
}

function remembered(meanings: Map<string, KeyMeaning | undefined>, key: string): KeyMeaning | undefined {
  if (!meanings.has(key)) meanings.set(key, meaningOf(key));
  return meanings.get(key);
}

const EQUALS = 61;
const COLON = 58;
const GREATER = 62;
const COMMA = 44;
const PERCENT = 37;

/** How long the separator at `at` is; 0 where there is none. */
function separatorAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === EQUALS) {
    const next = text.charCodeAt(at + 1);
    return next === GREATER || next === EQUALS ? 2 : 1;
  }
  if (code === COLON) {
    const next = text.charCodeAt(at + 1);
    return next === COLON || next === EQUALS ? 2 : 1;
  }
  if (code === GREATER) return 1;
  if (code === COMMA) return 1;
  if (code !== PERCENT || text.charCodeAt(at + 1) !== 51) return 0;
  const escaped = text.charCodeAt(at + 2) | 32;
  return escaped === 100 || escaped === 97 ? 3 : 0;
}

/** The key whose separator is at `at`; for XML only a whole tag, for a comma only a quoted word. */
function keyBefore(text: string, at: number, separator: number): string | undefined {
  let end = at;
  if (separator !== GREATER) {
    for (let i = 0; i < 3 && isBlank(text.charCodeAt(end - 1)); i++) end--;
  }
  const spaceless = end;
  if (separator !== GREATER) end = withoutClosers(text, end);
  if (separator === COMMA && end === spaceless) return undefined;
  let from = end;
  const least = Math.max(0, end - KEY_CHARS);
  while (from > least && isKeyChar(text.charCodeAt(from - 1))) from--;
  if (from === end) return undefined;
  if (
    separator === GREATER &&
    !/<(?:(?!redacted:)\w{1,16}:)?$/.test(text.slice(Math.max(0, from - 18), from))
  )
    return undefined;
  return text.slice(from, end);
}

/** Steps back over quotes, backslashes and a closing bracket. */
function withoutClosers(text: string, end: number): number {
  let to = end;
  if (text.charAt(to - 1) === "]") to--;
  for (const quote of QUOTES) {
    if (text.endsWith(quote, to)) {
      to -= quote.length;
      break;
    }
  }
  for (let i = 0; i < 15 && text.charAt(to - 1) === "\\"; i++) to--;
  return to;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function isKeyChar(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    ((code | 32) >= 97 && (code | 32) <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}

interface Value {
  from: number;
  to: number;
  text: string;
  quoted: boolean;
  /** White space stands between the separator and it. */
  spaced: boolean;
  separator: number;
}

function valueAfter(text: string, at: number, after: number, meaning: KeyMeaning): Value | undefined {
  const separator = text.charCodeAt(at);
  let from = after;
  while (from - after < 4 && isBlank(text.charCodeAt(from))) from++;
  const spaced = from > after;
  // `[value]`, `Some("value")`, `b'value'`
  if (text.charAt(from) === "[" && !/^\[[A-Z]/.test(text.slice(from, from + 2))) from++;
  else if (text.charAt(from) === "[" && text.charAt(from - 1) === "=") from++;
  const wrapped = /^(?:[A-Za-z]{1,16}\(|[bru](?=["']))/.exec(text.slice(from, from + 20));
  if (wrapped !== null && /["'\\]/.test(text.charAt(from + wrapped[0].length))) from += wrapped[0].length;
  const quoted = quotedFrom(text, from);
  if (quoted !== undefined) return { ...quoted, quoted: true, spaced, separator };
  if (separator === COMMA) return undefined;
  let to = unquotedEnd(text, from);
  if (to === from) return undefined;
  // `Authorization: Scheme credentials`
  if (meaning.kind === "authorization" && text.charAt(to) === " " && isWordlike(text.slice(from, to))) {
    from = to + 1;
    to = unquotedEnd(text, from);
  }
  return { from, to, text: text.slice(from, to), quoted: false, spaced, separator };
}

/** What stands between the quotes that open at `at`, at whatever depth of escaping. */
function quotedFrom(text: string, at: number): { from: number; to: number; text: string } | undefined {
  let open = at;
  while (open - at < 15 && text.charAt(open) === "\\") open++;
  const quote = QUOTES.find((each) => text.startsWith(each, open));
  if (quote === undefined) return undefined;
  const depth = open - at;
  const from = open + quote.length;
  let to = from;
  let slashes = 0;
  for (; to < text.length; to++) {
    const char = text.charAt(to);
    if (char === "\\") {
      slashes++;
      continue;
    }
    if (char === quote.charAt(0) && text.startsWith(quote, to) && closes(slashes, depth)) {
      return { from, to: to - slashes, text: text.slice(from, to - slashes) };
    }
    if (char === "\n") break;
    slashes = 0;
  }
  // Never closed: a line that was cut. All of it belongs to the value.
  return { from, to, text: text.slice(from, to) };
}

function closes(slashes: number, depth: number): boolean {
  return depth === 0 ? slashes % 2 === 0 : slashes <= depth;
}

/** Where a value without quotes ends. A bracket ends it only where no more of a word follows. */
function unquotedEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char <= " " || "\"'`,;<>\\|".includes(char)) return at;
    if (")]}".includes(char) && (at + 1 === text.length || /[\s,;:)\]}"'.<]/.test(text.charAt(at + 1))))
      return at;
    if (char === "&" && /^&(?:amp;|quot;|#3[49];|[\w.[\]%-]{1,40}=)/.test(text.slice(at, at + 48))) return at;
    if (char === "%" && /^%(?:26|2[27]|2C|7D|0A|0D|20)/i.test(text.slice(at, at + 3))) return at;
  }
  return text.length;
}

function isSecret(value: Value, meaning: KeyMeaning): boolean {
  const { text, separator } = value;
  if (isPlaceholder(text) || /^[{[(]/.test(text) || text.includes("<redacted:")) return false;
  if (meaning.kind === "phone") return (text.match(/\d/g)?.length ?? 0) >= 7 && /^[\d\s().+-]+$/.test(text);
  if (meaning.kind === "pin" || meaning.kind === "otp" || meaning.kind === "card-code")
    return /^\d{3,8}$/.test(text);
  if (meaning.trust === "likely" || separator === COMMA) return text.length >= 6 && !isWordlike(text);
  if (value.quoted || separator === EQUALS || separator === GREATER || separator === PERCENT) return true;
  // `password: must be long` is a sentence, `password: x7Kp` is not.
  return !(isWordlike(text) && !/\d/.test(text)) || !value.spaced;
}
