import type { Mark } from "./mark.ts";

/** A tenant's own form of a secret, or of what is none: `CUST-########`, `*@example.com`. */
export interface Pattern {
  /** As it was written. */
  text: string;
  /** Where it stands in a text, with nothing of a word around it. */
  anywhere: RegExp;
  isWhole(value: string): boolean;
}

/** Fewer characters that are no wildcards would be in every other line; with so many digits one letter is enough. */
const LEAST_FIXED = 3;
const LEAST_DIGITS = 4;
const MOST_CHARS = 100;
/** How far one star reaches. */
const STAR_CHARS = 128;
const OF_VALUE = "[^\\s\"'<>,;()]";

/**
 * Reads a pattern: `*` stands for any characters without blanks and quotes, `#` for one digit, all else for itself, in any case.
 * @returns what is wrong with it, in a sentence, where it cannot be used
 */
export function readPattern(text: string): Pattern | string {
  if (text.length > MOST_CHARS) return `A pattern has at most ${MOST_CHARS} characters.`;
  if (/[\s"'<>,;()]/.test(text))
    return "A pattern has no blanks, quotes, commas, semicolons, brackets < > or ( ).";
  const fixed = text.replace(/[*#]/g, "").length;
  const digits = text.split("#").length - 1;
  if (fixed < (digits >= LEAST_DIGITS ? 1 : LEAST_FIXED)) {
    return `A pattern needs ${LEAST_FIXED} characters beside * and #, or one and ${LEAST_DIGITS} digits, or it would match too much.`;
  }
  const source = sourceOf(text);
  const whole = new RegExp(`^${source}$`, "iu");
  return {
    text,
    anywhere: new RegExp(`(?<=^|${border(text.charAt(0))})${source}`, "giu"),
    isWhole: (value) => value.length <= MOST_CHARS * STAR_CHARS && whole.test(value),
  };
}

/** A star at the beginning begins where a value does, so that it is tried once for each; a word is not begun within one. */
function border(first: string): string {
  if (first === "*") return `[\\s"'<>,;()]`;
  return /[\p{L}\d#]/u.test(first) ? "[^\\p{L}\\d]" : "[^]";
}

/**
 * Each star takes as little as it can and never gives back (a lookahead that was left is not entered again), since what
 * follows the first place where the rest stands can follow all others as well: the time is linear.
 */
function sourceOf(text: string): string {
  const parts = text.split(/\*+/);
  const last = parts.length - 1;
  const end = text.endsWith("*") ? "" : "(?![\\p{L}\\d])";
  return parts
    .map((part, i) => {
      const fixed = [...part].map(charSource).join("") + (i === last ? end : "");
      if (i === 0) return fixed;
      return part === ""
        ? `${OF_VALUE}{0,${STAR_CHARS}}`
        : `(?=(${OF_VALUE}{0,${STAR_CHARS}}?${fixed}))\\${i}`;
    })
    .join("");
}

function charSource(char: string): string {
  return char === "#" ? "\\d" : char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

export function replacePatterns(text: string, patterns: readonly Pattern[], mark: Mark): string {
  let out = text;
  for (const { anywhere } of patterns) {
    // What stands in brackets is a mark already.
    out = out
      .split(/(<redacted:[\w#-]{1,40}>)/)
      .map((part, i) => (i % 2 === 1 ? part : part.replace(anywhere, (value) => mark("custom", value))))
      .join("");
  }
  return out;
}
