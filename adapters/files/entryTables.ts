import type { Block } from "./blocks.ts";

/** The entries of one block: where each begins, of when it is, and what it counts as. */
export interface EntryTable {
  at: Float64Array;
  atNs: BigInt64Array;
  /** HIDDEN for what is no line: nothing but spaces, or without any time. */
  series: Int32Array;
}

export const HIDDEN = -1;

/** 20 bytes an entry, so three million lines: all of some 300 MB of logs, and the part asked for last of more. */
const REMEMBERED_BYTES = 64 * 1024 * 1024;

/**
 * The tables of the blocks used last. Joining and parsing lines takes some 25 times as long as reading
 * them, so what the index or a query found out is kept as long as there is room.
 */
export class EntryTables {
  readonly #tables = new Map<Block, EntryTable>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes = REMEMBERED_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get(block: Block): EntryTable | undefined {
    const table = this.#tables.get(block);
    if (table === undefined) return undefined;
    // To the end of the line: a Map keeps the order of insertion.
    this.#tables.delete(block);
    this.#tables.set(block, table);
    return table;
  }

  keep(block: Block, table: EntryTable): void {
    this.drop(block);
    this.#tables.set(block, table);
    this.#bytes += bytesOf(table);
    for (const oldest of this.#tables.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.drop(oldest);
    }
  }

  /** For blocks that are no more. */
  drop(block: Block): void {
    const table = this.#tables.get(block);
    if (table === undefined) return;
    this.#tables.delete(block);
    this.#bytes -= bytesOf(table);
  }
}

function bytesOf({ at, atNs, series }: EntryTable): number {
  return at.byteLength + atNs.byteLength + series.byteLength;
}
