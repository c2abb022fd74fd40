import type { types } from "@slack/bolt";

/** What a person reads of blocks. */
export interface Shown {
  text: string;
  buttons: { label: string; value: string; actionId: string }[];
  links: string[];
  pings: string[];
  pictures: { alt: string; file: string }[];
}

export function readBlocks(blocks: readonly types.KnownBlock[]): Shown {
  const shown: Shown = { text: "", buttons: [], links: [], pings: [], pictures: [] };
  const parts: string[] = [];
  for (const block of blocks) {
    switch (block.type) {
      case "header":
        parts.push(block.text.text);
        break;
      case "context":
        parts.push(block.elements.map((element) => ("text" in element ? element.text : "")).join(" "));
        break;
      case "section":
        if (block.text?.type !== "mrkdwn") break;
        shown.pings.push(...pingsOf(block.text.text));
        parts.push(asShown(block.text.text));
        break;
      case "rich_text":
        parts.push(richText(block, shown));
        break;
      case "table":
        parts.push(
          block.rows
            .map((row) =>
              row
                .map((cell) =>
                  cell.type === "rich_text" ? richText(cell, shown) : String("text" in cell ? cell.text : ""),
                )
                .join("\t"),
            )
            .join("\n"),
        );
        break;
      case "image":
        if ("slack_file" in block && "id" in block.slack_file) {
          shown.pictures.push({ alt: block.alt_text, file: block.slack_file.id ?? "" });
        }
        break;
      case "actions":
        for (const element of block.elements) {
          if (element.type !== "button") continue;
          const { text, value = "", action_id: actionId = "" } = element;
          shown.buttons.push({ label: text.text, value, actionId });
        }
        break;
    }
  }
  return { ...shown, text: parts.join("\n") };
}

function richText(block: types.RichTextBlock, shown: Shown): string {
  return block.elements
    .map((element) =>
      element.elements
        .map((piece) => {
          switch (piece.type) {
            case "text":
              return piece.text;
            case "link":
              shown.links.push(piece.url);
              return piece.text ?? piece.url;
            case "channel":
              return `#${piece.channel_id}`;
            case "date":
              return piece.fallback ?? "";
            default:
              throw new Error(`not literal: ${piece.type}`);
          }
        })
        .join(""),
    )
    .join("\n");
}

/** Whom mark-up mentions; groups with & before, as cards have them. */
export function pingsOf(markup: string): string[] {
  return [...markup.matchAll(/<(?:@([^<>|]*)|!([^<>|]*))(?:\|[^<>]*)?>/g)].map(([, user, special = ""]) => {
    if (user !== undefined) return user;
    return special.startsWith("subteam^") ? `&${special.slice("subteam^".length)}` : "everybody";
  });
}

/** What a client shows of a `text`. */
export function asShown(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What a person's message is sent to apps as. */
export function asTyped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
