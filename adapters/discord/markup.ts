import { withStandIns } from "../../src/chat/standIns.ts";

/**
 * Literal text as Discord's Markdown. A backslash takes the meaning from any mark of punctuation
 * (https://discord.com/developers/docs/reference#message-formatting); an `@` is parted from what follows it, so that
 * no client makes a mention of the two.
 * @param before what stands before it in the same text: marks of lists and headings mean something at the start of
 *   a line only.
 */
export function escapeText(text: string, before = ""): string {
  const clean = withStandIns(text);
  if (!SPECIAL.test(clean)) return clean;
  return clean.replace(SPECIAL_EACH, (char, at: number) => {
    if (char === "@") return `@${UNSEEN}`;
    if (ALWAYS.has(char)) return `\\${char}`;
    const line = lineBefore(clean, at, before);
    return (char === "." ? /^\s*\d+$/ : /^\s*$/).test(line) ? `\\${char}` : char;
  });
}

/** Between an `@` and a name, and between two marks that would run together: it has no width. */
export const UNSEEN = "\u200b";

/**
 * A colon makes a link of `https://`, an emoji of `:smile:` and, with `<`, commands and times; a number sign at the end
 * of a heading may be taken for a part of its mark.
 */
const ALWAYS: ReadonlySet<string> = new Set("\\*_~`|[]<:#");
/** The others are marks of lists, headings, quotes and small print at the start of a line, or after a number there. */
const SPECIAL = /[\\*_~`|[\]<:@#>+.-]/;
const SPECIAL_EACH = new RegExp(SPECIAL.source, "g");

/** What stands before it in its line, as far back as it may matter: nobody indents a list by more. */
function lineBefore(text: string, at: number, before: string): string {
  const near =
    at >= NEAR_CHARS ? text.slice(at - NEAR_CHARS, at) : before.slice(-NEAR_CHARS) + text.slice(0, at);
  return near.slice(near.lastIndexOf("\n") + 1);
}

const NEAR_CHARS = 40;

/** A run of text in bold. What is between its marks is read as if a line began there. */
export function strong(text: string, before = ""): string {
  const words = text.trim();
  if (words === "") return escapeText(text, before);
  const at = text.indexOf(words);
  return `${text.slice(0, at)}**${escapeText(words)}**${text.slice(at + words.length)}`;
}

/** A run of text as code; one that code cannot hold as it is stays literal text. */
export function code(text: string, before = ""): string {
  if (text.trim() === "" || /[`\n]/.test(text)) return escapeText(text, before);
  return `\`${parted(withStandIns(text))}\``;
}

/**
 * Lines in a code block that nothing in them can close. A line that holds line breaks goes on with an indent, so that
 * it cannot pass for two.
 */
export function codeBlock(lines: readonly string[]): string {
  const text = lines.map((line) => parted(withStandIns(line).replaceAll("\n", "\n  "))).join("\n");
  return `\`\`\`\n${text.trim() === "" ? UNSEEN : text}\n\`\`\``;
}

/** In code nothing is escaped: what could end it, what looks like a mention, and what outside of code would hide a link is parted. */
function parted(text: string): string {
  return text.replace(/[`@]|\](?=\()/g, (char) => char + UNSEEN);
}

/** Text where Discord reads no Markdown: labels of buttons, descriptions of pictures, fields of forms. */
export function plain(text: string): string {
  return withStandIns(text).replace(/@/g, `@${UNSEEN}`);
}

/** On one line, as headings and small print are. */
export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
