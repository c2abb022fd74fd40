import type { types } from "@slack/bolt";
import type { Text } from "../../src/chat/card.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { literalText } from "./markup.ts";

/**
 * Cards are shown as rich text: its text elements are literal, whereas Slack reads mark-up, mentions, links and emoji
 * out of every other text (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
 */
export interface RichText {
  /** Adds one line of its own. */
  line(...pieces: types.RichTextElement[][]): RichText;
  /** Adds lines of a log, in fixed width. */
  log(lines: readonly string[]): RichText;
  /** Undefined where nothing was added: Slack takes no empty block. */
  block(): types.RichTextBlock | undefined;
}

export function richText(): RichText {
  const elements: types.RichTextBlockElement[] = [];
  let open: types.RichTextSection | undefined;

  return {
    line(...pieces) {
      const added = pieces.flat();
      if (added.length === 0) return this;
      if (open === undefined) {
        open = { type: "rich_text_section", elements: [] };
        elements.push(open);
      } else {
        // Two sections may stand beside each other in a client: one with line ends cannot.
        open.elements.push(...words("\n"));
      }
      open.elements.push(...added);
      return this;
    },
    log(lines) {
      const text = lines.map(logLine).join("\n");
      if (lines.length === 0) return this;
      open = undefined;
      // Slack takes no empty text.
      const element: types.RichTextText = { type: "text", text: text === "" ? " " : text };
      elements.push({ type: "rich_text_preformatted", elements: [element] });
      return this;
    },
    block() {
      return elements.length === 0 ? undefined : { type: "rich_text", elements };
    },
  };
}

/** A line with line ends in it stays one line with an indent, and cannot pass for two. */
function logLine(line: string): string {
  return literalText(line).replaceAll("\n", "\n    ");
}

/** Literal text; nothing where there is none. */
export function words(text: string, style?: types.RichTextStyleable["style"]): types.RichTextElement[] {
  if (text === "") return [];
  return [{ type: "text", text: literalText(text), ...(style !== undefined && { style }) }];
}

/** A run of a card's text. */
export function inline(text: Text, style?: types.RichTextStyleable["style"]): types.RichTextElement[] {
  if (typeof text === "string") return words(text, style);
  return text.flatMap((piece): types.RichTextElement[] => {
    if (typeof piece === "string") return words(piece, style);
    if ("strong" in piece) return words(piece.strong, { ...style, bold: true });
    if ("code" in piece) return words(piece.code, { ...style, code: true });
    if ("channel" in piece) {
      if (!CHANNEL_ID.test(piece.channel)) return words(inlineText([piece]), style);
      return [{ type: "channel", channel_id: piece.channel }];
    }
    const fallback = inlineText([piece]);
    return [
      { type: "date", timestamp: Math.floor(piece.atMs / 1000), format: FORMATS[piece.show], fallback },
    ];
  });
}

/** What is no id of Slack's is somebody else's channel, or somebody's mistake. */
const CHANNEL_ID = /^[CGD][A-Z0-9]{2,20}$/;

/** In the reader's own zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
const FORMATS = {
  time: "{time_secs}",
  "time with seconds": "{time_secs}",
  "date and time": "{date_short_pretty}, {time_secs}",
  relative: "{ago}",
} as const;
