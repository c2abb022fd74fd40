import type { Block } from "./blocks.ts";

/** The entries of one block: where each begins, of when it is, and what it counts as. */
export interface EntryTable {
  at: Float64Array;
  atNs: BigInt64Array;
  /** HIDDEN for what is no line: nothing but spaces, or without any time. */
  series: Int32Array;
}

export const HIDDEN = -1;

/** Room at first; blocks of lines of usual length have 1,000 to 3,000 entries. */
const FIRST_ROOM = 2_048;

/** Collects the entries of a block in their order, and then those of the next: its room is used again. */
export class EntryTableBuilder {
  #count = 0;
  #at = new Float64Array(FIRST_ROOM);
  #atNs = new BigInt64Array(FIRST_ROOM);
  #series = new Int32Array(FIRST_ROOM);

  /** Hidden entries in a row are as one: nothing is asked of them but where they end what stands before. */
  add(at: number, atNs: bigint, series: number): void {
    const count = this.#count;
    if (series === HIDDEN && count > 0 && this.#series[count - 1] === HIDDEN) return;
    if (count === this.#at.length) this.#grow();
    this.#at[count] = at;
    this.#atNs[count] = atNs;
    this.#series[count] = series;
    this.#count++;
  }

  take(): EntryTable {
    const count = this.#count;
    this.#count = 0;
    return {
      at: this.#at.slice(0, count),
      atNs: this.#atNs.slice(0, count),
      series: this.#series.slice(0, count),
    };
  }

  #grow(): void {
    const [at, atNs, series] = [this.#at, this.#atNs, this.#series];
    this.#at = new Float64Array(2 * at.length);
    this.#atNs = new BigInt64Array(2 * at.length);
    this.#series = new Int32Array(2 * at.length);
    this.#at.set(at);
    this.#atNs.set(atNs);
    this.#series.set(series);
  }
}

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
