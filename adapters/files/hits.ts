import type { LogLine } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import { describe } from "./dating.ts";
import { type Entry, readEntries } from "./entries.ts";
import type { LogFile } from "./logFile.ts";
import type { Match } from "./match.ts";
import type { SeriesTable } from "./series.ts";

/** A line and where it stands in its file, which decides between lines of the same time. */
export interface Hit {
  at: number;
  line: LogLine;
}

/** The lines of a block that match, in the order of the file. @throws Vanished */
export async function readHits(
  file: LogFile,
  block: Block,
  match: Match,
  table: SeriesTable,
  isClosed: () => boolean,
): Promise<Hit[]> {
  const entries: Entry[] = [];
  const reader = { entry: (entry: Entry) => entries.push(entry) };
  const span = { from: block.at, to: block.end, takeLast: true };
  const bytes = await file.open();
  try {
    await readEntries(bytes, span, reader, { cut: 0, holes: 0 }, isClosed);
  } finally {
    await bytes.close();
  }

  const hits: Hit[] = [];
  for (const [index, { at, text }] of entries.entries()) {
    // Before parsing, which costs ten times as much; a line that is passed over here is still there to take a time from.
    if (!containsAll(text, match.contains)) continue;
    const described = describe(text, block.reading);
    const atNs = described.atNs ?? timeBefore(entries, index, block);
    if (atNs === undefined || atNs < match.fromNs || atNs >= match.toNs) continue;
    if (!match.accepts(table.idOf(described))) continue;
    const { level, service, namespace } = described;
    hits.push({ at, line: { atNs, level, service, namespace, text } });
  }
  return hits;
}

function containsAll(text: string, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const lower = text.toLowerCase();
  return wanted.every((one) => lower.includes(one));
}

function timeBefore(entries: readonly Entry[], index: number, block: Block): bigint | undefined {
  for (let before = index - 1; before >= 0; before--) {
    const atNs = describe(entries[before]?.text ?? "", block.reading).atNs;
    if (atNs !== undefined) return atNs;
  }
  return block.carriedNs;
}
