import type { Block, Card, Text } from "./card.ts";

/** Whether a card shows log lines that are never kept. */
export function hasTransient(card: Card): boolean {
  return card.body.some((block) => block.kind === "log" && block.transient === true);
}

export function transientLines(card: Card): string[] {
  return card.body.flatMap((block) => (block.kind === "log" && block.transient === true ? block.lines : []));
}

/** What may be kept of a card: in the place of transient lines stands that they are not kept. */
export function withoutTransient(card: Card, note = ASK_AGAIN): Card {
  if (!hasTransient(card)) return card;
  const body = card.body.map((block): Block => {
    if (block.kind !== "log" || block.transient !== true) return block;
    const caption = runsOf(block.caption);
    return { kind: "text", text: caption.length === 0 ? note : [...caption, `. ${note}`] };
  });
  return { ...card, body };
}

const ASK_AGAIN = "The lines themselves are not kept: ask again to see them.";

function runsOf(text: Text | undefined) {
  if (text === undefined) return [];
  return typeof text === "string" ? [text] : text;
}
