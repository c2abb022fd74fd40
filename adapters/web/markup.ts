/** HTML that was made here. Whatever else comes near a template is text, and is escaped. */
export class Markup {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  toString(): string {
    return this.source;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

/** A template whose values are escaped, in text and between attribute quotes alike; lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let source = strings[0] as string;
  values.forEach((value, at) => {
    source += partSource(value) + (strings[at + 1] as string);
  });
  return new Markup(source);
}

function partSource(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.source;
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") return String(part);
  return part.map(partSource).join("");
}

/** Literal text as HTML. What would be invisible, reorder its neighbours or forge a line gets a visible stand-in. */
export function escapeText(text: string): string {
  // Most texts have nothing to escape, and a card is measured by this function many times.
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replace(ESCAPED, (char) => ENTITIES[char] ?? standIn(char));
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * `& < > " '`; control characters but tab and newline; U+2028, U+2029; the bidirectional controls and marks that make
 * text read differently from what it is (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters);
 * lone surrogates. HTML parsers turn CR into a newline and NUL into nothing good, so they must not arrive.
 */
const ESCAPED =
  /[&<>"'\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;
const NEEDS_ESCAPE = new RegExp(ESCAPED.source, "u");

function standIn(char: string): string {
  const code = char.charCodeAt(0);
  // U+2400 begins the pictures of the control characters: ␀ ␛ ␍.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
