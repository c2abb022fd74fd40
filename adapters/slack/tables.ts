import type { types } from "@slack/bolt";
import type { Text } from "../../src/chat/card.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { MAX_TABLE_CHARS, MAX_TABLE_COLUMNS } from "./limits.ts";
import { literalText, oneLine } from "./markup.ts";
import { inline, richText } from "./richText.ts";

type Rows = readonly (readonly Text[])[];

/** Whether Slack takes it as a table. */
export function hasTableRoom(columns: readonly string[], rows: Rows): boolean {
  const chars = [...columns, ...rows.flat().map(inlineText)].reduce((sum, cell) => sum + cell.length, 0);
  return columns.length > 0 && columns.length <= MAX_TABLE_COLUMNS && chars <= MAX_TABLE_CHARS;
}

export function tableBlock(columns: readonly string[], rows: Rows): types.TableBlock {
  return {
    type: "table",
    rows: [columns.map((column) => cell([{ strong: column }])), ...rows.map((row) => row.map(cell))],
    column_settings: columns.map((_, at) => ({
      align: isFigures(rows.map((row) => inlineText(row[at] ?? ""))) ? "right" : "left",
      is_wrapped: true,
    })),
  };
}

/** Slack takes no empty cell. */
function cell(text: Text): types.RichTextBlock | types.RawTextElement {
  const isPlain = typeof text === "string" || text.every((piece) => typeof piece === "string");
  const block = isPlain ? undefined : richText().line(inline(text)).block();
  if (block !== undefined) return block;
  const plain = literalText(inlineText(text));
  return { type: "raw_text", text: plain === "" ? "–" : plain };
}

/** Numbers line up at the right. */
function isFigures(cells: readonly string[]): boolean {
  const filled = cells.filter((text) => text.trim() !== "");
  return filled.length > 0 && filled.every((text) => /^[+\-−×~≈]?[\d.,\s]+\s?[×%a-z/]{0,6}$/i.test(text));
}

/** In fixed width, where there is no table: in the Home tab, for a second one, or one that is too large. */
export function preformattedTable(columns: readonly string[], rows: Rows): types.RichTextBlock | undefined {
  const all = [columns, ...rows.map((row) => row.map(inlineText))].map((row) => row.map(oneLine));
  const widths = columns.map((_, at) =>
    Math.min(MAX_PADDED_CHARS, Math.max(...all.map((row) => (row[at] ?? "").length))),
  );
  const lines = all.map((row) =>
    row.map((text, at) => (at === row.length - 1 ? text : text.padEnd(widths[at] ?? 0))).join("  "),
  );
  return richText().log(lines).block();
}

/** Wider cells would push all others out of sight. */
const MAX_PADDED_CHARS = 40;
