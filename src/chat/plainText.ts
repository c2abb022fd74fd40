import type { Block, Card, Inline, Text } from "./card.ts";

/** A whole card as plain text: the fallback where nothing else can be shown, and the file that holds what did not fit. */
export function plainText(card: Card): string {
  const heading = card.badge === undefined ? card.title : `[${card.badge}] ${card.title}`;
  const parts = [heading, ...card.body.map(blockText)];
  if (card.footnote !== undefined) parts.push(inlineText(card.footnote));
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A run of text without its marks. Times are written in UTC and say so: a file has no reader's zone. */
export function inlineText(text: Text): string {
  return typeof text === "string" ? text : text.map(pieceText).join("");
}

function pieceText(piece: Inline): string {
  if (typeof piece === "string") return piece;
  if ("strong" in piece) return piece.strong;
  if ("code" in piece) return piece.code;
  if ("channel" in piece) return `#${piece.channel}`;
  const iso = new Date(piece.atMs).toISOString();
  return piece.show.startsWith("time")
    ? `${iso.slice(11, 19)} UTC`
    : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "text":
      return inlineText(block.text);
    case "facts":
      return block.facts.map((fact) => `${fact.label}: ${inlineText(fact.value)}`).join("\n");
    case "items":
      return block.items
        .map((item) => {
          const number = item.number === undefined ? "-" : `[${item.number}]`;
          const lines = [`${number} ${inlineText(item.heading)}`];
          if (item.detail !== undefined) lines.push(`    ${inlineText(item.detail)}`);
          for (const line of item.log ?? []) lines.push(`    ${line}`);
          return lines.join("\n");
        })
        .join("\n");
    case "log":
      return [...(block.caption === undefined ? [] : [inlineText(block.caption)]), ...block.lines].join("\n");
    case "table":
      return [block.columns, ...block.rows.map((row) => row.map(inlineText))]
        .map((row) => row.join("\t"))
        .join("\n");
    case "chart":
      return `[chart] ${block.alt}`;
    case "links":
      return block.links.map((link) => `${link.label}: ${link.url}`).join("\n");
    case "progress":
      return block.steps.map((step) => `${PROGRESS_MARK[step.state]} ${inlineText(step.label)}`).join("\n");
  }
}

const PROGRESS_MARK = { done: "[x]", now: "[>]", next: "[ ]" } as const;
