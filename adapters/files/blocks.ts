import type { Bytes } from "./bytes.ts";
import { describe, type Reading } from "./dating.ts";
import { type Entry, readEntries } from "./entries.ts";
import { type EntryTable, EntryTableBuilder, HIDDEN } from "./entryTables.ts";
import type { LineFaults, Span } from "./physicalLines.ts";
import { ownCopy, type Series, type SeriesTable } from "./series.ts";

/** A stretch of a file, of whole entries, and what is known of it without reading it again. */
export interface Block extends LineFaults {
  at: number;
  end: number;
  reading: Reading;
  /** The time that an undated entry at the block's start takes: that of the last dated one before it. */
  carriedNs: bigint | undefined;
  /** The earliest and latest time in it; the entries between need not be in order. */
  firstNs: bigint;
  lastNs: bigint;
  /** Entries that have a time, their own or a carried one. */
  lines: number;
  /** Of these, the ones with a carried time. */
  carried: number;
  /** Entries that have no time and none before them: not shown, but reported. */
  undated: number;
  /** Entries whose time names a zone that is not known, and the first such name. */
  zoneless: number;
  zone: string | undefined;
  /** Entries that name a service beyond the number told apart, and count as their file's. */
  crowded: number;
  /** Triples: minute since the epoch, series, lines. 12 bytes each. */
  cells: Int32Array;
}

/** A block with the table of its entries. */
export interface IndexedBlock {
  block: Block;
  entries: EntryTable;
}

/**
 * Reads a span of a file into blocks, and hands each over as soon as it is made: whoever takes them decides how many
 * tables are held at once. The last block can be taken off and read anew when the file has grown.
 */
export async function indexBlocks(
  bytes: Bytes,
  span: Span & { carriedNs: bigint | undefined },
  reading: Reading,
  { table, isClosed }: { table: SeriesTable; isClosed: () => boolean },
  take: (made: IndexedBlock) => void,
): Promise<void> {
  const faults = { cut: 0, holes: 0 };
  const entries = new EntryTableBuilder();
  let builder = new BlockBuilder(span.from, reading, span.carriedNs, table, entries);
  const reader = {
    entry: (entry: Entry) => builder.add(entry),
    block(at: number) {
      take(builder.build(at, faults));
      builder = new BlockBuilder(at, reading, builder.carriedNs, table, entries);
      faults.cut = 0;
      faults.holes = 0;
    },
  };
  await readEntries(bytes, span, reader, faults, isClosed);
  take(builder.build(builder.end, faults));
}

const MINUTE_NS = 60_000_000_000n;
/** Below it a series fits beside the minute in one exact number: 2^22 series times 2^31 minutes. */
const SERIES_ROOM = 2 ** 22;

class BlockBuilder {
  readonly at: number;
  end: number;
  carriedNs: bigint | undefined;
  readonly #reading: Reading;
  readonly #table: SeriesTable;
  readonly #startedWithNs: bigint | undefined;
  readonly #cells = new Map<number, number>();
  #firstNs: bigint | undefined;
  #lastNs = 0n;
  #lines = 0;
  #carried = 0;
  #undated = 0;
  #zoneless = 0;
  #zone: string | undefined;
  #crowded = 0;
  readonly #entries: EntryTableBuilder;
  #minute = 0;
  #minuteFromNs = 0n;
  #minuteToNs = 0n;

  constructor(
    at: number,
    reading: Reading,
    carriedNs: bigint | undefined,
    table: SeriesTable,
    entries: EntryTableBuilder,
  ) {
    this.at = at;
    this.end = at;
    this.carriedNs = carriedNs;
    this.#startedWithNs = carriedNs;
    this.#reading = reading;
    this.#table = table;
    this.#entries = entries;
  }

  add({ text, at, end }: Entry): void {
    this.end = end;
    const isBlank = text.trim() === "";
    const described = isBlank ? undefined : describe(text, this.#reading);
    const atNs = described?.atNs ?? this.carriedNs;
    if (described === undefined || atNs === undefined) {
      if (!isBlank) this.#undated++;
      this.#entries.add(at, 0n, HIDDEN);
      return;
    }
    if (described.atNs === undefined) this.#carried++;
    if (described.unknownZone !== undefined) {
      this.#zoneless++;
      this.#zone ??= ownCopy(described.unknownZone);
    }
    this.carriedNs = atNs;
    this.#lines++;
    if (this.#firstNs === undefined || atNs < this.#firstNs) this.#firstNs = atNs;
    if (this.#lines === 1 || atNs > this.#lastNs) this.#lastNs = atNs;
    const series = this.#table.idOf(described) ?? this.#crowd(described);
    this.#entries.add(at, atNs, series);
    const cell = this.#minuteOf(atNs) * SERIES_ROOM + series;
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + 1);
  }

  #crowd({ level }: Series): number {
    this.#crowded++;
    const { place, namespace: given } = this.#reading;
    return this.#table.idOfPlace({ ...place, namespace: given ?? place.namespace }, level);
  }

  build(end: number, faults: LineFaults): IndexedBlock {
    const cells = new Int32Array(this.#cells.size * 3);
    let next = 0;
    for (const [cell, lines] of this.#cells) {
      // Not `%`: its sign is the minute's, and minutes before 1970 are negative.
      const minute = Math.floor(cell / SERIES_ROOM);
      cells[next++] = minute;
      cells[next++] = cell - minute * SERIES_ROOM;
      cells[next++] = lines;
    }
    const block = {
      at: this.at,
      end,
      reading: this.#reading,
      carriedNs: this.#startedWithNs,
      firstNs: this.#firstNs ?? 0n,
      lastNs: this.#lastNs,
      lines: this.#lines,
      carried: this.#carried,
      undated: this.#undated,
      zoneless: this.#zoneless,
      zone: this.#zone,
      crowded: this.#crowded,
      ...faults,
      cells,
    };
    return { block, entries: this.#entries.take() };
  }

  /** Most lines are in the minute of the line before, and comparing bigints is cheaper than dividing them. */
  #minuteOf(atNs: bigint): number {
    if (atNs < this.#minuteFromNs || atNs >= this.#minuteToNs) {
      const minute = atNs / MINUTE_NS - (atNs < 0n && atNs % MINUTE_NS !== 0n ? 1n : 0n);
      this.#minute = Number(minute);
      this.#minuteFromNs = minute * MINUTE_NS;
      this.#minuteToNs = this.#minuteFromNs + MINUTE_NS;
    }
    return this.#minute;
  }
}
