import type { Block, Card, Inline, Text } from "../chat/card.ts";
import { inlineText } from "../chat/plainText.ts";

/**
 * What a card says, for whoever is told later what was said: the prose of it. Of evidence that it shows there are the numbers, since
 * whoever reads them has the evidence, and the lines of a log are not what the bot says.
 */
export function saidOf({ body }: Card): string {
  return body
    .map(saidIn)
    .filter((said) => said !== "")
    .join("\n");
}

function saidIn(block: Block): string {
  switch (block.kind) {
    case "text":
      return withQuotes(block.text);
    case "facts":
      return block.facts.map(({ label, value }) => `${label}: ${withQuotes(value)}`).join("\n");
    case "table":
      return block.rows.map((row) => row.map(withQuotes).join(", ")).join("\n");
    case "items": {
      const numbers = block.items.flatMap(({ number }) => (number === undefined ? [] : [`[${number}]`]));
      return numbers.length === 0 ? "" : `Shown: ${numbers.join(", ")}.`;
    }
    case "log":
    case "chart":
    case "links":
    case "progress":
      return "";
  }
}

/** What a card shows as code was quoted, and is known for a quote by its marks alone. */
function withQuotes(text: Text): string {
  const marked = (piece: Inline) =>
    typeof piece === "object" && "code" in piece ? `"${piece.code}"` : inlineText([piece]);
  return typeof text === "string" ? text : text.map(marked).join("");
}
