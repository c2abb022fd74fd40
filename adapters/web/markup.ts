import { withStandIns } from "../../src/chat/standIns.ts";

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

/** Literal text as HTML; what would be invisible or forge a line gets a visible stand-in. */
export function escapeText(text: string): string {
  const seen = withStandIns(text);
  // HTML parsers turn CR into a newline and NUL into nothing good: neither is among what is seen.
  return NEEDS_ESCAPE.test(seen) ? seen.replace(ESCAPED, (char) => ENTITIES[char] as string) : seen;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const ESCAPED = /[&<>"']/g;
const NEEDS_ESCAPE = /[&<>"']/;
