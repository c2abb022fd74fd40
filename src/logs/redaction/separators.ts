/** How a key and its value are kept apart; what counts as a secret depends on it. */
export type SeparatorKind = "equals" | "colon" | "tag" | "comma" | "tab" | "bar";

export interface Separator {
  kind: SeparatorKind;
  from: number;
  to: number;
  /** As it stands in the text. */
  mark: string;
}

/** Written plainly, in full width, in a URL, as an entity and as a unicode escape. `;` only between PHP's serialised strings. */
const SEPARATORS =
  /=>|={1,3}|->|→|<-|(?<=[\p{L}\d"'_]) {3,}(?=[^\s=:|,>│])|:=|:{1,2}|>|,|\t|\||│|＝|：|;(?=s:\d)|%(?:25)?3[AD]|\\{1,15}(?:u003[ADE]|x3[ADE])|&(?:#(?:0?6[12]|0?58|x3[ADE])|equals|colon|gt);/giu;

const AT_SEPARATOR = new RegExp(SEPARATORS.source, "iuy");

const TAB = 9;
const SPACE = 32;
const COMMA = 44;
const COLON = 58;
const EQUALS = 61;
const GREATER = 62;
const BAR = 124;
/** What may begin a separator. Looking for one by the pattern alone took twice as long as all the rest. */
const BEGINNERS = Uint8Array.from({ length: 128 }, (_, code) =>
  "=-<: >,\t|;%\\&".includes(String.fromCharCode(code)) ? 1 : 0,
);

/** The next separator at or after `at`. */
export function separatorFrom(text: string, at: number): Separator | undefined {
  for (let from = at; from < text.length; from++) {
    const code = text.charCodeAt(from);
    if (code > 127) return searchedFrom(text, from);
    if (BEGINNERS[code] === 0 || (code === SPACE && text.charCodeAt(from + 1) !== SPACE)) continue;
    const found = plainAt(text, from, code) ?? patternAt(text, from);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The frequent ones of one character, where none of two can stand. */
function plainAt(text: string, from: number, code: number): Separator | undefined {
  if (code === COMMA) return { kind: "comma", from, to: from + 1, mark: "," };
  if (code === TAB) return { kind: "tab", from, to: from + 1, mark: "\t" };
  if (code === BAR) return { kind: "bar", from, to: from + 1, mark: "|" };
  if (code !== COLON && code !== EQUALS) return undefined;
  const next = text.charCodeAt(from + 1);
  if (next === EQUALS || next === GREATER || next === COLON) return undefined;
  return code === COLON
    ? { kind: "colon", from, to: from + 1, mark: ":" }
    : { kind: "equals", from, to: from + 1, mark: "=" };
}

function patternAt(text: string, from: number): Separator | undefined {
  AT_SEPARATOR.lastIndex = from;
  return separatorOf(AT_SEPARATOR.exec(text));
}

function searchedFrom(text: string, from: number): Separator | undefined {
  SEPARATORS.lastIndex = from;
  return separatorOf(SEPARATORS.exec(text));
}

function separatorOf(found: RegExpExecArray | null): Separator | undefined {
  if (found === null) return undefined;
  const mark = found[0];
  return { kind: kindOf(mark), from: found.index, to: found.index + mark.length, mark };
}

function kindOf(mark: string): SeparatorKind {
  switch (mark) {
    case "=":
    case "==":
    case "===":
    case "=>":
    case "->":
    case "→":
    case "<-":
    case ":=":
    case "＝":
      return "equals";
    case ":":
    case "::":
    case "：":
      return "colon";
    case ">":
      return "tag";
    case ",":
    case ";":
      return "comma";
    case "\t":
      return "tab";
    case "|":
    case "│":
      return "bar";
  }
  if (mark.startsWith("  ")) return "tab";
  // What is left is escaped: 3A and 58 are a colon, 3E and 62 end a tag.
  if (/3A$|58;$|x3a;$|colon;$/i.test(mark)) return "colon";
  return /3E$|62;$|x3e;$|gt;$/i.test(mark) ? "tag" : "equals";
}

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
