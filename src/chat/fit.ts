import type { Block, Card, Item, Text } from "./card.ts";
import { inlineText, plainText } from "./plainText.ts";

/** How much a platform takes, as data. Every number is in `adapters/x/limits.ts` beside the page that states it. */
export interface Limits {
  titleChars: number;
  /** Of one paragraph, heading, detail, fact, caption or cell. */
  textChars: number;
  /** Of all lines of one log block or item together. */
  logChars: number;
  blocks: number;
  facts: number;
  items: number;
  tableRows: number;
  progressSteps: number;
  links: number;
  buttons: number;
  buttonLabelChars: number;
  altChars: number;
  /** Of the whole card. */
  totalChars: number;
  /** What a literal text costs once it is escaped for this platform. At least one per UTF-16 unit. */
  cost(text: string): number;
}

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

/** The longest start of `text` that costs at most `max`, ending in "…" when it is not all of it. */
export function clip(text: string, max: number, cost: (text: string) => number): string {
  if (cost(text) <= max) return text;
  const ellipsis = cost("…");
  // Escaping is per character, so the cost of a start is monotone and can be searched by halves.
  let low = 0;
  let high = Math.min(text.length, max);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (cost(text.slice(0, middle)) + ellipsis <= max) low = middle;
    else high = middle - 1;
  }
  const splitsPair = low > 0 && /[\uD800-\uDBFF]/.test(text.charAt(low - 1));
  return `${text.slice(0, splitsPair ? low - 1 : low)}…`;
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
        lines: clipLines(block.lines, limits.logChars, cost),
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
    case "progress":
      return {
        ...block,
        steps: block.steps.slice(0, limits.progressSteps).map((step) => ({
          ...step,
          label: clip(step.label, Math.floor(textChars / limits.progressSteps), cost),
        })),
      };
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

/** Takes from what is longest until the whole card fits: log lines first, then long lists, then the last blocks. */
function shrinkToTotal(card: Card, limits: Limits): Card {
  let current = card;
  while (sizeOf(current, limits) > limits.totalChars) {
    const smaller = takeFromLongestLog(current) ?? takeLastOfLongestList(current) ?? takeLastBlock(current);
    if (smaller === undefined)
      return { ...current, title: clip(current.title, limits.totalChars, limits.cost) };
    current = smaller;
  }
  return current;
}

/** Characters of a card as a platform counts them: everything that is written, and a little for each mark-up. */
export function sizeOf(card: Card, limits: Pick<Limits, "cost">): number {
  const buttons = (card.actions ?? []).reduce((sum, button) => sum + limits.cost(button.label), 0);
  const links = card.body.reduce(
    (sum, block) =>
      sum + (block.kind === "links" ? block.links.reduce((s, link) => s + link.url.length, 0) : 0),
    0,
  );
  return limits.cost(plainText(card)) + buttons + links + card.body.length * 16;
}

function takeFromLongestLog(card: Card): Card | undefined {
  let longest: { length: number; replace: () => Card } | undefined;
  const consider = (lines: readonly string[], replace: (shorter: string[]) => Block, at: number) => {
    if (lines.length < 2 || lines.length <= (longest?.length ?? 0)) return;
    const shorter = lines.slice(0, Math.max(1, Math.floor(lines.length / 2)));
    longest = { length: lines.length, replace: () => withBlock(card, at, replace(shorter)) };
  };
  card.body.forEach((block, at) => {
    if (block.kind === "log") consider(block.lines, (lines) => ({ ...block, lines }), at);
    if (block.kind !== "items") return;
    block.items.forEach((item, nth) => {
      if (item.log === undefined) return;
      const replace = (log: string[]): Block => ({
        ...block,
        items: block.items.map((other, i) => (i === nth ? { ...other, log } : other)),
      });
      consider(item.log, replace, at);
    });
  });
  return longest?.replace();
}

function takeLastOfLongestList(card: Card): Card | undefined {
  let longest: { length: number; replace: () => Card } | undefined;
  card.body.forEach((block, at) => {
    const [length, shorter] = withoutLast(block);
    if (length < 2 || length <= (longest?.length ?? 0)) return;
    longest = { length, replace: () => withBlock(card, at, shorter) };
  });
  return longest?.replace();
}

function withoutLast(block: Block): [length: number, shorter: Block] {
  switch (block.kind) {
    case "items":
      return [block.items.length, { ...block, items: block.items.slice(0, -1) }];
    case "facts":
      return [block.facts.length, { ...block, facts: block.facts.slice(0, -1) }];
    case "table":
      return [block.rows.length, { ...block, rows: block.rows.slice(0, -1) }];
    case "links":
      return [block.links.length, { ...block, links: block.links.slice(0, -1) }];
    case "text":
    case "log":
    case "chart":
    case "progress":
      return [0, block];
  }
}

function takeLastBlock(card: Card): Card | undefined {
  if (card.body.length > 0) return { ...card, body: card.body.slice(0, -1) };
  if (card.footnote === undefined) return undefined;
  const { footnote: _, ...rest } = card;
  return rest;
}

function withBlock(card: Card, at: number, block: Block): Card {
  return { ...card, body: card.body.map((other, i) => (i === at ? block : other)) };
}
