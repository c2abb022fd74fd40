import type { types } from "@slack/bolt";
import type { Block, Button, Card, Link, Text, Tone } from "../../src/chat/card.ts";
import { encodeAction } from "../../src/chat/card.ts";
import type { FittedCard, TextFile } from "../../src/chat/fit.ts";
import { clip } from "../../src/chat/limits.ts";
import { inlineText, plainText } from "../../src/chat/plainText.ts";
import { withStandIns } from "../../src/chat/standIns.ts";
import { escapedChars, FALLBACK_CHARS, MAX_URL_CHARS } from "./limits.ts";
import { escapeText, literalText, mentionText, oneLine } from "./markup.ts";
import { inline, richText, words } from "./richText.ts";
import { hasTableRoom, preformattedTable, tableBlock } from "./tables.ts";

/**
 * Where a card is shown, and with it where the whole text of a card that was cut is: under a message, in the person's
 * own messages with the bot, or nowhere. The Home tab takes no table.
 */
export type Surface = "message" | "private" | "unshared" | "home";

export interface RenderedCard {
  /** What notifications and screen readers get: escaped, since Slack reads mark-up out of it. */
  text: string;
  blocks: types.KnownBlock[];
  files: TextFile[];
}

/**
 * A fitted card as Slack's blocks. Never cuts and never throws.
 * @param pictures the ids of uploaded files by the place of their chart in the body; others are shown in words.
 */
export function renderCard(
  { card, files }: FittedCard,
  pictures: ReadonlyMap<number, string>,
  surface: Surface = "message",
): RenderedCard {
  let mayHaveTable = surface !== "home";
  const body = card.body.map((block, at) => {
    if (block.kind !== "table") return renderBlock(block, pictures.get(at));
    // A message takes one table block: https://docs.slack.dev/reference/block-kit/blocks/table-block
    const asBlock = mayHaveTable && hasTableRoom(block.columns, block.rows);
    if (asBlock) mayHaveTable = false;
    return asBlock ? tableBlock(block.columns, block.rows) : preformattedTable(block.columns, block.rows);
  });
  const blocks = [
    title(card.title),
    badgeLine(card),
    mentioned(card.mentions ?? []),
    ...body,
    buttons(card.actions ?? []),
    card.footnote === undefined ? undefined : footnote(card.footnote),
    files.length === 0 ? undefined : small(CUT[surface]),
  ];
  return { text: fallbackText(card), blocks: blocks.filter((block) => block !== undefined), files };
}

export const CUT: Record<Surface, string> = {
  message: "Shortened here: the file in the thread has the whole text.",
  private: "Shortened here: the file in your direct messages with LogHunter has the whole text.",
  unshared: "Shortened here: the file with the whole text could not be shared.",
  home: "Shortened here: /loghunter status and /loghunter anomalies show all.",
};

/** Each differs in shape, not in colour alone. */
const TONES: Record<Tone, { symbol: string; word: string } | undefined> = {
  neutral: undefined,
  working: { symbol: "⏳", word: "Working" },
  good: { symbol: "✅", word: "Good" },
  warning: { symbol: "⚠️", word: "Warning" },
  critical: { symbol: "🛑", word: "Critical" },
};

function title(text: string): types.KnownBlock | undefined {
  const line = oneLine(text);
  // Whether a header decodes `&lt;` is documented nowhere: a title that has any of them is rich text, which is literal.
  if (!/[&<>]/.test(line) && line.trim() !== "") {
    return { type: "header", text: { type: "plain_text", text: line, emoji: false } };
  }
  return richText()
    .line(words(line, { bold: true }))
    .block();
}

function badgeLine({ tone, badge }: Card): types.KnownBlock | undefined {
  const look = TONES[tone];
  const word = badge ?? look?.word ?? "";
  const symbol = look === undefined ? "" : `${look.symbol} `;
  return word === ""
    ? undefined
    : richText()
        .line(words(symbol), words(oneLine(word), { bold: true }))
        .block();
}

/** In mark-up, the one place of a card: that those named in it are told is documented of mark-up only. */
function mentioned(ids: readonly string[]): types.SectionBlock | undefined {
  const text = mentionText(ids);
  return text === "" ? undefined : { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

function renderBlock(
  block: Exclude<Block, { kind: "table" }>,
  picture: string | undefined,
): types.KnownBlock | undefined {
  switch (block.kind) {
    case "text":
      return richText().line(inline(block.text)).block();
    case "facts": {
      const text = richText();
      for (const { label, value } of block.facts) {
        text.line(words(label, { bold: true }), words(label === "" ? "" : ": "), inline(value));
      }
      return text.block();
    }
    case "items": {
      const text = richText();
      for (const { number, heading, detail, log } of block.items) {
        text.line(words(number === undefined ? "• " : `[${number}] `), inline(heading));
        if (detail !== undefined && inlineText(detail) !== "") text.line(words("     "), inline(detail));
        text.log(log ?? []);
      }
      return text.block();
    }
    case "log":
      return richText()
        .line(inline(block.caption ?? ""))
        .log(block.lines)
        .block();
    case "chart":
      return picture === undefined ? inWords(block.alt) : image(picture, block.alt);
    case "links":
      return richText()
        .line(...block.links.map((link, at) => [...words(at === 0 ? "" : "   "), ...renderLink(link)]))
        .block();
    case "progress": {
      const text = richText();
      for (const { state, label } of block.steps) {
        text.line(words(`${STEPS[state]} `), inline(label, state === "now" ? { bold: true } : undefined));
      }
      return text.block();
    }
  }
}

const STEPS = { done: "✓", now: "▶", next: "○" } as const;

function image(id: string, alt: string): types.ImageBlock {
  const text = oneLine(alt);
  return { type: "image", slack_file: { id }, alt_text: text.trim() === "" ? "Chart" : text };
}

/** A picture that could not be shown is told in words. */
function inWords(alt: string): types.KnownBlock | undefined {
  return richText()
    .line(words("📈 "), words(alt === "" ? "Chart" : alt))
    .block();
}

/** Only http and https, and no longer than Slack takes: any other address is shown, not linked. */
function renderLink({ label, url }: Link): types.RichTextElement[] {
  const text = label.trim() === "" ? url : label;
  if (!/^https?:\/\//i.test(url) || url.length > MAX_URL_CHARS || withStandIns(url) !== url) {
    return words(label === "" ? url : `${label}: ${url}`);
  }
  return [{ type: "link", url, text: literalText(text) }];
}

function buttons(all: readonly Button[]): types.ActionsBlock | undefined {
  if (all.length === 0) return undefined;
  return {
    type: "actions",
    elements: all.map(({ label, style, action }, at) => ({
      type: "button",
      text: { type: "plain_text", text: oneLine(label), emoji: false },
      // Unique in the message; what is to be done travels in the value.
      action_id: `${PRESS}${at}`,
      value: encodeAction(action),
      ...(style !== "plain" && { style }),
    })),
  };
}

/** How the action ids of a card's buttons begin. */
export const PRESS = "press:";

function footnote(text: Text): types.KnownBlock | undefined {
  const plain = inlineText(text);
  const hasMarks = typeof text !== "string" && text.some((piece) => typeof piece !== "string");
  if (hasMarks || /[&<>]/.test(plain)) return richText().line(inline(text)).block();
  return plain.trim() === "" ? undefined : small(plain);
}

/** In small grey letters. */
function small(text: string): types.ContextBlock {
  return { type: "context", elements: [{ type: "plain_text", text: literalText(text), emoji: false }] };
}

function fallbackText(card: Card): string {
  const symbol = TONES[card.tone]?.symbol;
  const { title, badge, body } = card;
  const told = body.flatMap((block): Block[] => {
    if (block.kind === "log" || block.kind === "links" || block.kind === "table") return [];
    return block.kind === "items"
      ? [{ ...block, items: block.items.map((item) => ({ ...item, log: (item.log ?? []).slice(0, 1) })) }]
      : [block];
  });
  const text = plainText({ title, tone: card.tone, ...(badge !== undefined && { badge }), body: told });
  const whole = symbol === undefined ? text : `${symbol} ${text}`;
  const escaped = escapeText(clip(whole, FALLBACK_CHARS, escapedChars));
  const mentions = mentionText(card.mentions ?? []);
  return mentions === "" ? escaped : `${escaped}\n\n${mentions}`;
}
