import { type Block, type Card, type Item, MAX_MENTION_CHARS, MAX_MENTIONS, type Text } from "./card.ts";
import { clip, type Limits } from "./limits.ts";
import { inlineText, plainText } from "./plainText.ts";
import { shrinkToTotal } from "./shrink.ts";

export interface FittedCard {
  card: Card;
  /** The whole card as text, where something was cut: too long becomes a file, never lost. */
  files: TextFile[];
}

export interface TextFile {
  name: string;
  text: string;
}

/** Makes a card small enough for a platform. Log lines are cut by whole lines, everything else by whole characters. */
export function fitCard(card: Card, limits: Limits): FittedCard {
  const fitted = shrinkToTotal(fitParts(card, limits), limits);
  const cut = plainText(fitted) !== plainText(card) || fitted.body.length !== card.body.length;
  return { card: fitted, files: cut ? [{ name: "details.txt", text: plainText(card) }] : [] };
}

function fitParts(card: Card, limits: Limits): Card {
  const { cost } = limits;
  return {
    ...card,
    title: clip(card.title, limits.titleChars, cost),
    body: card.body.slice(0, limits.blocks).map((block) => fitBlock(block, limits)),
    ...(card.actions && {
      actions: card.actions
        .slice(0, limits.buttons)
        .map((button) => ({ ...button, label: clip(button.label, limits.buttonLabelChars, cost) })),
    }),
    ...(card.mentions && {
      mentions: card.mentions.filter((id) => id.length <= MAX_MENTION_CHARS).slice(0, MAX_MENTIONS),
    }),
    ...(card.footnote !== undefined && { footnote: clipText(card.footnote, limits.textChars, cost) }),
  };
}

function fitBlock(block: Block, limits: Limits): Block {
  const { cost, textChars } = limits;
  switch (block.kind) {
    case "text":
      return { ...block, text: clipText(block.text, textChars, cost) };
    case "facts":
      return {
        ...block,
        facts: block.facts.slice(0, limits.facts).map((fact) => {
          const label = clip(fact.label, Math.floor(textChars / 4), cost);
          return { label, value: clipText(fact.value, textChars - cost(label), cost) };
        }),
      };
    case "items":
      return { ...block, items: block.items.slice(0, limits.items).map((item) => fitItem(item, limits)) };
    case "log":
      return {
        ...block,
        lines: block.newestLast
          ? clipLines(block.lines.toReversed(), limits.logChars, cost).reverse()
          : clipLines(block.lines, limits.logChars, cost),
        ...(block.caption !== undefined && { caption: clipText(block.caption, textChars, cost) }),
      };
    case "table":
      return {
        ...block,
        columns: block.columns.map((column) => clip(column, textChars, cost)),
        rows: block.rows
          .slice(0, limits.tableRows)
          .map((row) => row.map((cell) => clipText(cell, textChars, cost))),
      };
    case "chart":
      return { ...block, alt: clip(block.alt, limits.altChars, cost) };
    case "links":
      return { ...block, links: block.links.slice(0, limits.links) };
    case "progress": {
      const steps = block.steps.slice(0, limits.progressSteps);
      // All of them together have the room of one text.
      const room = Math.floor(textChars / Math.max(1, steps.length));
      return {
        ...block,
        steps: steps.map((step) => ({ ...step, label: clipText(step.label, room, cost) })),
      };
    }
  }
}

function fitItem(item: Item, limits: Limits): Item {
  // Heading and detail are shown together on every platform, so they share one text's room.
  const heading = clipText(item.heading, Math.floor(limits.textChars / 2), limits.cost);
  return {
    ...item,
    heading,
    ...(item.detail !== undefined && {
      detail: clipText(item.detail, Math.floor(limits.textChars / 2), limits.cost),
    }),
    ...(item.log && { log: clipLines(item.log, limits.logChars, limits.cost) }),
  };
}

function clipText(text: Text, max: number, cost: (text: string) => number): Text {
  if (typeof text === "string") return clip(text, max, cost);
  const kept: Exclude<Text, string>[number][] = [];
  let left = max;
  for (const piece of text) {
    const needed = cost(inlineText([piece])) + MARK_COST;
    if (needed <= left) {
      kept.push(piece);
      left -= needed;
      continue;
    }
    if (typeof piece === "string") kept.push(clip(piece, Math.max(left, 1), cost));
    else kept.push("…");
    break;
  }
  return kept;
}

/** What a mark adds at most: Slack's `<!date^1732417200^{date_short} {time_secs}|…>` around a time is the longest. */
const MARK_COST = 64;

/** Where not all lines have room, longer ones are cut to this, so that others are seen beside them: the file has all. */
const CROWDED_LINE_CHARS = 500;

/** Whole lines from the start, as many as there is room for; of a single one that is too long as much. */
function clipLines(lines: readonly string[], max: number, cost: (text: string) => number): string[] {
  if (lines.reduce((sum, line) => sum + cost(line) + 1, 0) <= max) return [...lines];
  const each = lines.length === 1 ? max - 1 : Math.min(max - 1, CROWDED_LINE_CHARS);
  const kept: string[] = [];
  let left = max;
  for (const line of lines.map((whole) => clip(whole, each, cost))) {
    left -= cost(line) + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return kept;
}
