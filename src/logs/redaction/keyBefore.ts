import type { Separator } from "./separators.ts";

/** Longest key that is looked at. A bound: the key is read backwards from every separator. */
const KEY_CHARS = 64;
/** Widest gap in an aligned listing. */
export const GAP_CHARS = 64;
/** How far before its end a tag is looked for. */
const TAG_CHARS = 200;

/** Quotes as they are written plainly, in print, in a URL, in HTML and as an escape. */
export const QUOTES = [
  ['"""', '"""'],
  ["'''", "'''"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["”", "”"],
  ["„", "“"],
  ["‘", "’"],
  ["’", "’"],
  ["«", "»"],
  ["‹", "›"],
  ["「", "」"],
  ["＂", "＂"],
  ["%22", "%22"],
  ["%27", "%27"],
  ["%2522", "%2522"],
  ["&quot;", "&quot;"],
  ["&ldquo;", "&rdquo;"],
  ["&#8220;", "&#8221;"],
  ["&apos;", "&apos;"],
  ["&#34;", "&#34;"],
  ["&#39;", "&#39;"],
  ["&#x22;", "&#x22;"],
  ["&#x27;", "&#x27;"],
  ["u0022", "u0022"],
  ["u0027", "u0027"],
  ["x22", "x22"],
  ["x27", "x27"],
] as const;
/** The first characters of those that open. */
export const OPENER_STARTS: ReadonlySet<number> = new Set(QUOTES.map(([quote]) => quote.charCodeAt(0)));
const CLOSERS = QUOTES.map(([, close]) => close);
const CLOSER_ENDS: ReadonlySet<number> = new Set(CLOSERS.map((close) => close.charCodeAt(close.length - 1)));

export interface Key {
  name: string;
  /** Where the name begins. */
  from: number;
  /** A quote stands between it and its separator. */
  quoted: boolean;
}

/** The key before a separator; before a comma only one in quotes or after a brace, before a bar only a whole cell. */
export function keyBefore(text: string, separator: Separator): Key | undefined {
  if (separator.kind === "tag") return tagBefore(text, separator);
  let end = separator.from;
  // `password != 'x'`
  if (separator.mark.startsWith("=") && text.charAt(end - 1) === "!") end--;
  const gap = Math.max(0, end - GAP_CHARS);
  if (separator.kind !== "tab") while (end > gap && isBlank(text.charCodeAt(end - 1))) end--;
  end = withoutAside(text, end);
  const bare = withoutClosers(text, withoutIndex(text, end));
  const quoted = bare !== end;
  const from = firstWordBefore(text, bare);
  if (from === bare) return undefined;
  if (separator.kind === "comma" && !(quoted ? beginsQuoted(text, from) : text.charAt(from - 1) === "{"))
    return undefined;
  if ((separator.kind === "bar" || separator.kind === "tab") && !beginsCell(text, from, separator))
    return undefined;
  return { name: text.slice(from, bare), from, quoted };
}

/** Steps back over dots that lead to the value, and over a remark: `password ....:`, `password (old):`. */
function withoutAside(text: string, end: number): number {
  const last = text.charAt(end - 1);
  if (last !== "." && last !== ")") return end;
  const aside = /(?:[ \t]{1,8}\.{2,60}|\.{3,60}|[ \t]{0,8}\([\w ]{1,24}\))$/.exec(
    text.slice(Math.max(0, end - 80), end),
  );
  return aside === null ? end : end - aside[0].length;
}

/** Steps back over `[]`, `[0]` and their escaped forms. */
function withoutIndex(text: string, end: number): number {
  if (text.charAt(end - 1) === "]") {
    const index = /(?:\[\d{0,4}|(?::\\{0,7}"[\w\\]{1,48}")?:(?:protected|private))\]$/.exec(
      text.slice(Math.max(0, end - 72), end),
    );
    return index === null ? end - 1 : end - index[0].length;
  }
  if (text.charAt(end - 2) !== "5") return end;
  const escaped = /(?:%(?:25)?5B\d{0,4})?%(?:25)?5D$/i.exec(text.slice(Math.max(0, end - 14), end));
  return escaped === null ? end : end - escaped[0].length;
}

/** Steps back over quotes, backslashes and a closing bracket. */
function withoutClosers(text: string, end: number): number {
  let to = end;
  const last = text.charCodeAt(to - 1);
  if (isKeyChar(last) && !(last >= 48 && last <= 57)) return to;
  for (const quote of CLOSER_ENDS.has(last) ? CLOSERS : []) {
    if (text.endsWith(quote, to)) {
      to -= quote.length;
      break;
    }
  }
  for (let i = 0; i < 15 && text.charAt(to - 1) === "\\"; i++) to--;
  // `["password"]=>` and `[password] =>`
  if (to > 0 && text.charAt(to - 1) === "]") to--;
  return to;
}

/** Words that mean something only with the one before: `API key`, `Mot de passe`. */
const WITH_FORMER = /^(?:keys?|passe|phrase|number|no|sandi|id)$/i;
const FORMER =
  /(?:\b(?:api|access|secret|private|auth|client|master|account|encryption|signing|license|shared|session|seed|recovery|phone|passport|card|kata)|mot de) $/i;

function firstWordBefore(text: string, end: number): number {
  const from = wordBefore(text, end);
  if (end - from > 6 || text.charCodeAt(from - 1) !== 32 || !WITH_FORMER.test(text.slice(from, end)))
    return from;
  const former = FORMER.exec(text.slice(Math.max(0, from - 20), from));
  return former === null ? from : from - former[0].length;
}

function wordBefore(text: string, end: number): number {
  let from = end;
  const least = Math.max(0, end - KEY_CHARS);
  while (from > least && isKeyChar(text.charCodeAt(from - 1))) from--;
  return from;
}

/** A name that ends a quoted sentence is no key. */
function beginsQuoted(text: string, from: number): boolean {
  return /(?:["'`“‘«:]|&quot;|&#3[49];|%2[27]|u002[27])$/.test(text.slice(Math.max(0, from - 6), from));
}

function beginsCell(text: string, from: number, separator: Separator): boolean {
  let at = from;
  const least = Math.max(0, from - GAP_CHARS);
  while (at > least && text.charCodeAt(at - 1) === 32) at--;
  const before = text.charAt(at - 1);
  if (at === 0 || before === "\n" || before === "\t") return true;
  if (before !== "|" && before !== "│") return false;
  // `a|password|b` are alternatives, `| password | x |` is a table.
  return (
    isBlank(text.charCodeAt(separator.from - 1)) ||
    isBlank(text.charCodeAt(separator.to)) ||
    at === 1 ||
    text.charAt(at - 2) === "\n"
  );
}

/** `<password>`, `<ns:password type="x">`, `<property name="password">`, also escaped. */
function tagBefore(text: string, separator: Separator): Key | undefined {
  const begin = Math.max(0, separator.from - TAG_CHARS);
  const before = text.slice(begin, separator.from);
  const escaped = separator.mark !== ">";
  const opening = escaped
    ? Math.max(before.lastIndexOf("&lt;"), before.lastIndexOf("003c"), before.lastIndexOf("003C"))
    : before.lastIndexOf("<");
  if (opening < 0) return undefined;
  const inner = before.slice(opening + (escaped ? 4 : 1));
  const tag = /^(?:(?!redacted:)\w{1,16}:)?([\w.-]{1,64})(?:\s[^<>]{0,190})?$/.exec(inner);
  if (tag === null || inner.startsWith("redacted:")) return undefined;
  const named = /\s(?:name|key|id)\s{0,2}=\s{0,2}\\{0,7}["']?([\w.-]{1,64})/i.exec(inner);
  return { name: named?.[1] ?? tag[1] ?? "", from: begin + opening, quoted: true };
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 0xa0 || code === 0x3000 || code === 0x202f;
}

/** Letters of any language; not the quotes, marks and blanks of the higher planes. */
function isKeyChar(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    ((code | 32) >= 97 && (code | 32) <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    (code >= 0xc0 &&
      !(code >= 0x2000 && code <= 0x2fff) &&
      !(code >= 0x3000 && code <= 0x303f) &&
      code < 0xd800) ||
    // Full width.
    (code >= 0xff10 && code <= 0xff5a && code !== 0xff1a && code !== 0xff1d)
  );
}
