/** A bit of a pattern: how much of it was read and what it is in JavaScript, or why Go refuses it. */
type Piece = { length: number; source: string } | { why: string };

const SPACE = "\\t\\n\\f\\r ";
const NOT_SPACE = "\\0-\\x08\\x0b\\x0e-\\x1f\\x21-\\u{10ffff}";
const CONTROLS = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);
const POSIX = new Map([
  ["alnum", "0-9A-Za-z"],
  ["alpha", "A-Za-z"],
  ["ascii", "\\0-\\x7f"],
  ["blank", "\\t "],
  ["cntrl", "\\0-\\x1f\\x7f"],
  ["digit", "0-9"],
  ["graph", "!-~"],
  ["lower", "a-z"],
  ["print", " -~"],
  ["punct", "!-\\/:-@\\[-`\\{-~"],
  ["space", "\\t\\n\\v\\f\\r "],
  ["upper", "A-Z"],
  ["word", "0-9A-Za-z_"],
  ["xdigit", "0-9A-Fa-f"],
]);

/** A character as itself, or in both cases under `(?i)`. */
export function literal(character: string, ignoreCase: boolean): string {
  const forms = ignoreCase ? casesOf(character) : [character];
  const [only = ""] = forms;
  return forms.length === 1 ? escaped(only) : `[${forms.map(escaped).join("")}]`;
}

function casesOf(character: string): string[] {
  const one = (form: string) => [...form].length === 1;
  return [...new Set([character, character.toLowerCase(), character.toUpperCase()])].filter(one);
}

function escaped(character: string): string {
  if (/^[\^$\\.*+?()[\]{}|/-]$/.test(character)) return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return character;
}

/** What a backslash begins outside of brackets. */
export function escapeOf(rest: string, ignoreCase: boolean): Piece {
  const next = rest[1] ?? "";
  switch (next) {
    case "d":
    case "D":
    case "w":
    case "W":
    case "b":
    case "B":
      return { length: 2, source: next === "b" || next === "B" ? `(?:\\${next})` : `\\${next}` };
    case "s":
      return { length: 2, source: `[${SPACE}]` };
    case "S":
      return { length: 2, source: `[^${SPACE}]` };
    case "A":
      return { length: 2, source: "(?:^)" };
    case "z":
      return { length: 2, source: "(?:$)" };
    case "p":
    case "P":
      return property(rest);
    default: {
      const one = characterEscape(rest);
      return "why" in one ? one : { length: one.length, source: literal(one.character, ignoreCase) };
    }
  }
}

/** The next item in brackets: a class, a character, or a range of them. */
export function classItem(rest: string, ignoreCase: boolean): Piece {
  const [posix, negated, name = ""] = /^\[:(\^?)(\w+):\]/.exec(rest) ?? [];
  if (posix !== undefined) {
    const members = POSIX.get(name);
    if (members === undefined || negated === "^")
      return { why: `invalid character class range: \`${posix}\`` };
    return { length: posix.length, source: members };
  }
  if (/^\\[dDwW]/.test(rest)) return { length: 2, source: rest.slice(0, 2) };
  if (rest.startsWith("\\s")) return { length: 2, source: SPACE };
  if (rest.startsWith("\\S")) return { length: 2, source: NOT_SPACE };
  if (/^\\p/i.test(rest)) return property(rest);
  const from = classCharacter(rest);
  if ("why" in from) return from;
  const behind = rest.slice(from.length);
  if (!/^-[^\]]/s.test(behind))
    return { length: from.length, source: range(from.character, from.character, ignoreCase) };
  const to = classCharacter(behind.slice(1));
  if ("why" in to) return to;
  const length = from.length + 1 + to.length;
  if ((from.character.codePointAt(0) ?? 0) > (to.character.codePointAt(0) ?? 0)) {
    return { why: `invalid character class range: \`${rest.slice(0, length)}\`` };
  }
  return { length, source: range(from.character, to.character, ignoreCase) };
}

function range(from: string, to: string, ignoreCase: boolean): string {
  const written = (a: string, b: string) => (a === b ? escaped(a) : `${escaped(a)}-${escaped(b)}`);
  if (!ignoreCase) return written(from, to);
  if (from === to) return casesOf(from).map(escaped).join("");
  // Ranges are of ASCII letters in practice; others keep the case they are written in.
  const turned = /^[a-z]{2}$/.test(from + to)
    ? written(from.toUpperCase(), to.toUpperCase())
    : /^[A-Z]{2}$/.test(from + to)
      ? written(from.toLowerCase(), to.toLowerCase())
      : "";
  return written(from, to) + turned;
}

type Character = { length: number; character: string } | { why: string };

function classCharacter(rest: string): Character {
  if (rest.startsWith("\\")) return characterEscape(rest);
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return { length: character.length, character };
}

function characterEscape(rest: string): Character {
  const next = String.fromCodePoint(rest.codePointAt(1) ?? 0);
  if (rest.length < 2) return { why: "trailing backslash at end of expression: ``" };
  const control = CONTROLS.get(next);
  if (control !== undefined) return { length: 2, character: String.fromCodePoint(control) };
  const [hex, short, long = ""] = /^\\x(?:([\da-fA-F]{2})|\{([\da-fA-F]{1,6})\})/.exec(rest) ?? [];
  if (hex !== undefined) {
    return { length: hex.length, character: String.fromCodePoint(Number.parseInt(short ?? long, 16)) };
  }
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
  if (octal !== null) {
    return { length: octal[0].length, character: String.fromCodePoint(Number.parseInt(octal[1] ?? "0", 8)) };
  }
  if (/^[!-/:-@[-`{-~]$/.test(next) && next !== "_") return { length: 2, character: next };
  return { why: `invalid escape sequence: \`\\${next}\`` };
}

/** `\pL`, `\p{Greek}`, `\P{^Lu}`. */
function property(rest: string): Piece {
  const [all, sign, letter, caret, name] = /^\\([pP])(?:(\p{L})|\{(\^?)(\w+)\})/u.exec(rest) ?? [];
  if (all === undefined) return { why: `invalid character class range: \`${rest.slice(0, 3)}\`` };
  const what = letter ?? name ?? "";
  const negative = (sign === "P") !== (caret === "^");
  const category = what.length <= 2 ? what : `Script=${what}`;
  return { length: all.length, source: `\\${negative ? "P" : "p"}{${category}}` };
}
