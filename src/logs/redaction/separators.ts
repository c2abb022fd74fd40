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
