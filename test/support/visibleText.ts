import type { Block, Card, Text } from "../../src/chat/card.ts";
import { inlineText } from "../../src/chat/plainText.ts";

/**
 * A text without what platforms may show differently: white space, and characters that are invisible, for which
 * they put a stand-in or nothing. What is left must arrive letter by letter.
 */
export function visible(text: string): string {
  return text.replace(
    /[\s\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\u2400-\u2421\ufffd]|\p{Surrogate}/gu,
    "",
  );
}

/** All texts of a card that stand in its message, in the order in which they are read. */
export function textsOf(card: Card): string[] {
  const texts = [
    card.title,
    ...(card.badge === undefined ? [] : [card.badge]),
    ...card.body.flatMap(textsOfBlock),
  ];
  return [...texts, ...(card.footnote === undefined ? [] : readable(card.footnote))];
}

function textsOfBlock(block: Block): string[] {
  switch (block.kind) {
    case "text":
      return readable(block.text);
    case "facts":
      return block.facts.flatMap((fact) => [fact.label, ...readable(fact.value)]);
    case "items":
      return block.items.flatMap((item) => [
        ...(item.number === undefined ? [] : [String(item.number)]),
        ...readable(item.heading),
        ...readable(item.detail ?? ""),
        ...(item.log ?? []),
      ]);
    case "log":
      return [...readable(block.caption ?? ""), ...block.lines];
    case "table":
      return [...block.columns, ...block.rows.flat().flatMap(readable)];
    case "chart":
      return [];
    case "links":
      return block.links.map((link) => link.label);
    case "progress":
      return block.steps.flatMap((step) => readable(step.label));
  }
}

/** Without its times: every platform words those for its reader. */
function readable(text: Text): string[] {
  if (typeof text === "string") return [text];
  return text
    .filter((piece) => typeof piece === "string" || !("atMs" in piece))
    .map((piece) => inlineText([piece]));
}
