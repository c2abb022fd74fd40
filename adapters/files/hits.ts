import type { LogLine } from "../../src/logs/source.ts";
import { type Block, indexBlocks } from "./blocks.ts";
import { withoutEmptyEnd } from "./entries.ts";
import { type EntryTable, HIDDEN } from "./entryTables.ts";
import type { LogFile, Surroundings } from "./logFile.ts";
import type { Match } from "./match.ts";
import { readLines } from "./physicalLines.ts";

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
  around: Surroundings,
): Promise<Hit[]> {
  const entries = await entriesOf(file, block, around);
  const wanted = matching(entries, match);
  const first = wanted[0];
  const last = wanted.at(-1);
  if (first === undefined || last === undefined) return [];

  const from = entries.at[first] ?? block.at;
  const to = entries.at[last + 1] ?? block.end;
  const hits: Hit[] = [];
  let next = 0;
  let lines: string[] = [];

  function finish(): void {
    const index = wanted[next++] ?? 0;
    const text = withoutEmptyEnd(lines.join("\n"));
    lines = [];
    const { level, service, namespace } = around.table.at(entries.series[index] ?? HIDDEN);
    const line = { atNs: entries.atNs[index] ?? 0n, level, service, namespace, text };
    if (match.holds(line)) hits.push({ at: entries.at[index] ?? 0, line });
  }

  function take(text: string, at: number): void {
    if (lines.length > 0 && at >= (entries.at[(wanted[next] ?? 0) + 1] ?? block.end)) finish();
    const index = wanted[next];
    if (index !== undefined && at >= (entries.at[index] ?? 0)) lines.push(text);
  }

  const bytes = await file.open();
  try {
    await readLines(bytes, { from, to, takeLast: true }, take, { cut: 0, holes: 0 }, around.isClosed);
  } finally {
    await bytes.close();
  }
  if (lines.length > 0) finish();
  return hits;
}

/** What the block's entries are: from memory, or found out again. @throws Vanished */
export async function entriesOf(file: LogFile, block: Block, around: Surroundings): Promise<EntryTable> {
  const known = around.tables.get(block);
  if (known !== undefined) return known;
  const bytes = await file.open();
  try {
    const span = { from: block.at, to: block.end, takeLast: true, carriedNs: block.carriedNs };
    let again: EntryTable | undefined;
    await indexBlocks(bytes, span, block.reading, around, ({ entries }) => {
      again ??= entries;
    });
    if (again === undefined) throw new RangeError("a span without a block");
    around.tables.keep(block, again);
    return again;
  } finally {
    await bytes.close();
  }
}

/** The numbers of the entries that match but for their text. */
export function matching({ at, atNs, series }: EntryTable, match: Match): number[] {
  const found: number[] = [];
  for (let index = 0; index < at.length; index++) {
    const id = series[index] ?? HIDDEN;
    const ns = atNs[index] ?? 0n;
    if (id !== HIDDEN && ns >= match.fromNs && ns < match.toNs && match.accepts(id)) found.push(index);
  }
  return found;
}
