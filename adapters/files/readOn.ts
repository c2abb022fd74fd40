import { type Block, indexBlocks } from "./blocks.ts";
import { type Bytes, readSome } from "./bytes.ts";
import type { Reading } from "./dating.ts";
import type { EntryTables } from "./entryTables.ts";
import type { SeriesTable } from "./series.ts";
import { followed, type Work } from "./work.ts";

/** What is known of a file from its start up to a place. */
export interface Indexed {
  blocks: readonly Block[];
  to: number;
  /** The last line has no end yet, and is not counted until it has or is old. */
  mayGoOn: boolean;
  /** The last bytes read, to know the log by. */
  end: { at: number; bytes: Buffer };
}

export const NOTHING: Indexed = {
  blocks: [],
  to: 0,
  mayGoOn: false,
  end: { at: 0, bytes: Buffer.alloc(0) },
};

interface Around {
  isClosed: () => boolean;
  table: SeriesTable;
  tables: EntryTables;
}

const REMEMBERED_BYTES = 4096;
const NEWLINE = 10;

/**
 * Reads what was not read yet, up to `size`. The last block is read anew, since its last entry may have gone on.
 * @param isFresh whether a last line without an end may still be being written
 * @returns "changed" where the file became another meanwhile; nothing where the work was cancelled
 */
export async function readOn(
  bytes: Bytes,
  known: Indexed,
  { size, isFresh, reading }: { size: number; isFresh: boolean; reading: Reading },
  work: Work,
  { table, tables, isClosed }: Around,
): Promise<Indexed | "changed" | undefined> {
  const endAt = Math.max(0, size - REMEMBERED_BYTES);
  const end = await readSome(bytes, endAt, size - endAt);
  const mayGoOn = isFresh && end.length > 0 && end.at(-1) !== NEWLINE;
  const redone = known.blocks.at(-1);
  const span = { from: redone?.at ?? 0, to: size, takeLast: !mayGoOn, carriedNs: redone?.carriedNs };
  const isOver = () => work.isCancelled || isClosed();
  const made: Block[] = [];
  let outcome: Indexed | "changed" | undefined;
  try {
    const source = followed(bytes, work, known.to);
    await indexBlocks(source, span, reading, { table, isClosed: isOver }, ({ block, entries }) => {
      made.push(block);
      for (let cell = 1; cell < block.cells.length; cell += 3) work.series.add(block.cells[cell] ?? 0);
      // At once, so that however many there are no more is held than the tables have room for.
      tables.keep(block, entries);
    });
    if (isOver()) return undefined;
    const isSame = end.equals(await readSome(bytes, endAt, size - endAt));
    const blocks = known.blocks.slice(0, -1).concat(made);
    outcome = isSame ? { blocks, to: size, mayGoOn, end: { at: endAt, bytes: end } } : "changed";
  } finally {
    // Blocks that nobody will ask for.
    const unused = typeof outcome === "object" ? [redone] : made;
    for (const block of unused) if (block !== undefined) tables.drop(block);
  }
  return outcome;
}
