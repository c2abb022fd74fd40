import type { Block, Fact, Item, Link, Text } from "../../src/chat/card.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { code, codeBlock, escapeText, oneLine, strong, UNSEEN } from "./markup.ts";

/** With marks, or with none where there is no room for them: then nothing is longer than the card's plain text. */
export type Look = "pretty" | "bare";

/** One block as Markdown; "" where it shows nothing. */
export function blockMarkdown(block: Block, look: Look): string {
  switch (block.kind) {
    case "text":
      return textMarkdown(block.text, look);
    case "facts":
      return block.facts.map((fact) => factMarkdown(fact, look)).join("\n");
    case "items":
      return block.items.map((item) => itemMarkdown(item, look)).join("\n");
    case "log": {
      const lines = logMarkdown(block.lines, look);
      return block.caption === undefined ? lines : `${textMarkdown(block.caption, look)}\n${lines}`;
    }
    case "table":
      return tableMarkdown(block.columns, block.rows, look);
    case "chart":
      return escapeText(block.alt);
    case "links":
      return block.links.map(linkMarkdown).join("\n");
    case "progress":
      return block.steps
        .map(({ label, state }) => `${STEPS[state]} ${stepMarkdown(label, state === "now", look)}`)
        .join("\n");
  }
}

/** On its line; the one that is being done stands out. */
function stepMarkdown(label: Text, isNow: boolean, look: Look): string {
  if (typeof label !== "string")
    return textMarkdown(
      label.map((piece) => (typeof piece === "string" ? oneLine(piece) : piece)),
      look,
      "x",
    );
  const text = oneLine(label);
  return isNow && look === "pretty" ? strong(text, "x") : escapeText(text, "x");
}

const STEPS = { done: "✓", now: "▸", next: "○" } as const;

/** What is no id of Discord's is somebody else's channel, or somebody's mistake. */
const CHANNEL_ID = /^\d{15,20}$/;

/** A run of text. */
export function textMarkdown(text: Text, look: Look, before = ""): string {
  if (typeof text === "string" || look === "bare") return escapeText(inlineText(text), before);
  let shown = "";
  let raw = before;
  let marked = false;
  for (const piece of text) {
    let next: string;
    if (typeof piece === "string") next = escapeText(piece, raw);
    else if ("strong" in piece) next = strong(piece.strong, raw);
    else if ("code" in piece) next = code(piece.code, raw);
    else if ("channel" in piece)
      next = CHANNEL_ID.test(piece.channel) ? `<#${piece.channel}>` : escapeText(inlineText([piece]), raw);
    else next = `<t:${Math.floor(piece.atMs / 1000)}:${TIMES[piece.show]}>`;
    const isMark = typeof piece !== "string";
    // `**a****b**` would be read otherwise.
    shown += marked && isMark ? UNSEEN + next : next;
    raw += typeof piece === "string" ? piece : "x";
    if (next !== "") marked = isMark;
  }
  return shown;
}

/** Shown in the reader's own zone: https://discord.com/developers/docs/reference#message-formatting-timestamp-styles */
const TIMES = { time: "t", "time with seconds": "T", "date and time": "f", relative: "R" } as const;

/** Small print; on one line, for a line break would end it. */
export function footnoteMarkdown(text: Text, look: Look): string {
  const shown = oneLine(textMarkdown(text, look));
  return shown.trim() === "" ? "" : `-# ${shown}`;
}

function factMarkdown({ label, value }: Fact, look: Look): string {
  const shown = look === "pretty" ? strong(oneLine(label)) : escapeText(oneLine(label));
  return `${shown} ${textMarkdown(value, look, label)}`;
}

function itemMarkdown({ number, heading, detail, log }: Item, look: Look): string {
  const mark = number === undefined ? "•" : look === "pretty" ? `**\\[${number}\\]**` : `\\[${number}\\]`;
  const parts = [`${mark} ${textMarkdown(heading, look, "x")}`];
  if (detail !== undefined) {
    parts.push(look === "pretty" ? footnoteMarkdown(detail, look) : textMarkdown(detail, look));
  }
  if (log !== undefined && log.length > 0) parts.push(logMarkdown(log, look));
  return parts.filter((part) => part !== "").join("\n");
}

function logMarkdown(lines: readonly string[], look: Look): string {
  if (lines.length === 0) return "";
  return look === "pretty"
    ? codeBlock(lines)
    : lines.map((line) => escapeText(line.replaceAll("\n", "\n  "))).join("\n");
}

/** In columns where a phone shows a row in one line; as lines where it would not, or where a cell holds a time. */
function tableMarkdown(columns: readonly string[], rows: readonly (readonly Text[])[], look: Look): string {
  const cells = [columns, ...rows.map((row) => row.map(inlineText))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => lengthOf(row[at] ?? ""))));
  const fits = widths.reduce((sum, width) => sum + width + 2, 0) <= TABLE_CHARS;
  const isPlain = !rows.some((row) => row.some(holdsTime)) && !cells.some((row) => row.some(breaksLine));
  if (look === "pretty" && fits && isPlain) {
    const padded = cells.map((row) =>
      row.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - lengthOf(cell))).join("  "),
    );
    return codeBlock(padded.map((row) => row.trimEnd()));
  }
  const shown = [columns, ...rows].map((row, nth) =>
    row
      .map((cell, at) =>
        nth === 0 && look === "pretty"
          ? strong(inlineText(cell))
          : textMarkdown(cell, look, at === 0 ? "" : "x"),
      )
      .join(" · "),
  );
  return shown.join("\n");
}

/** What a code block shows in one line on a phone held upright is less; held sideways it is about this. */
const TABLE_CHARS = 64;

const lengthOf = (text: string) => Array.from(text).length;
const breaksLine = (text: string) => /[\n\t]/.test(text);
const holdsTime = (text: Text) =>
  typeof text !== "string" && text.some((piece) => typeof piece !== "string" && "atMs" in piece);

/** A label with brackets of its own would not be read as one, nor one that looks like an address. */
function linkMarkdown({ label, url }: Link): string {
  const address = httpUrl(url);
  if (address === undefined) return `${escapeText(label)}: ${escapeText(url, "x")}`;
  if (label.trim() === "" || /[[\]\n]|:\/\//.test(label)) return `${escapeText(label)} [open](<${address}>)`;
  return `[${escapeText(label)}](<${address}>)`;
}

/** The address as it may stand in a link; undefined where it is none of the web. */
export function httpUrl(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).href.replace(
    /[()<>\s\\]/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
