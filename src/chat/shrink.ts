import type { Block, Card } from "./card.ts";
import { clip, type Limits } from "./limits.ts";
import { plainText } from "./plainText.ts";

/** Takes from what is longest until the whole card fits: log lines first, then long lists, then the last blocks. */
export function shrinkToTotal(card: Card, limits: Limits): Card {
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
  const mentions = (card.mentions ?? []).reduce((sum, id) => sum + id.length + MENTION_MARKS, 0);
  return limits.cost(plainText(card)) + buttons + links + mentions + card.body.length * 16;
}

/** Slack's `<!subteam^…> ` around an id is the longest. */
const MENTION_MARKS = 12;

function takeFromLongestLog(card: Card): Card | undefined {
  let longest: { length: number; replace: () => Card } | undefined;
  const consider = (
    lines: readonly string[],
    replace: (shorter: string[]) => Block,
    at: number,
    last = false,
  ) => {
    if (lines.length < 2 || lines.length <= (longest?.length ?? 0)) return;
    const half = Math.max(1, Math.floor(lines.length / 2));
    const shorter = last ? lines.slice(-half) : lines.slice(0, half);
    longest = { length: lines.length, replace: () => withBlock(card, at, replace(shorter)) };
  };
  card.body.forEach((block, at) => {
    if (block.kind === "log") consider(block.lines, (lines) => ({ ...block, lines }), at, block.newestLast);
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
