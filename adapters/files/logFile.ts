import { type Block, indexBlocks } from "./blocks.ts";
import { type Bytes, openFile, readSome, Vanished } from "./bytes.ts";
import type { Reading } from "./dating.ts";
import type { Found } from "./discover.ts";
import type { EntryTables } from "./entryTables.ts";
import type { SeriesTable } from "./series.ts";
import { SNIFFED_BYTES, sniff } from "./sniff.ts";
import { type Spool, unpack } from "./spool.ts";
import type { SpoolRoom } from "./spoolRoom.ts";

/** What all files of a source share. */
export interface Surroundings {
  now: () => number;
  isClosed: () => boolean;
  table: SeriesTable;
  tables: EntryTables;
  room: SpoolRoom;
}

/** A last line without a line end may still be being written; after this long it is taken for finished. */
const SETTLED_MS = 5_000;
/** So much of a file's beginning, and of its end as indexed, tells whether it is still the same log. */
const REMEMBERED_BYTES = 4096;
const NEWLINE = 10;
/** Less room than that comes and goes by itself. */
const WORTHWHILE_BYTES = 64 * 1024;

/** One log file under its identity: it may be renamed, grow, or be emptied and begun again. */
export class LogFile {
  found: Found;
  /** Rank among lines of the same time. */
  readonly order: number;
  /** The lines as of the last look. Replaced, never changed: a query keeps the ones it began with. */
  blocks: readonly Block[] = [];
  /** Why none of it is read, as the end of a sentence about it. */
  refused: string | undefined;
  /** Why it cannot be read just now: one sentence. */
  trouble: string | undefined;
  /** The file of which this is a copy, as rotation makes them for a moment: its lines would stand twice. */
  copyOf: LogFile | undefined;
  /** How many bytes of lines there are, unpacked. */
  size = 0;
  spool: Spool | undefined;
  /** The first bytes, to know the log by. */
  beginning: Buffer = Buffer.alloc(0);
  /** How often it was emptied or replaced under the same name. */
  restarts = 0;
  readonly #around: Surroundings;
  readonly #readingOf: (found: Found) => Reading;
  #seen: Found | undefined;
  #end: { at: number; bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) };
  #indexedTo = 0;
  /** The last line has no end yet, and is not counted until it has or is old. */
  #mayGoOn = false;

  constructor(found: Found, order: number, readingOf: (found: Found) => Reading, around: Surroundings) {
    this.found = found;
    this.order = order;
    this.#readingOf = readingOf;
    this.#around = around;
  }

  /** Takes note of what was found, and sees whether it still is the same log. @throws Vanished */
  async look(found: Found): Promise<void> {
    this.found = found;
    const seen = this.#seen;
    const isUnchanged = seen?.size === found.size && seen.mtimeNs === found.mtimeNs;
    if (isUnchanged && !(await this.#hasMoreRoom())) return;
    const bytes = await openFile(found.path, found);
    try {
      const isLog = seen !== undefined && this.spool === undefined && this.refused === undefined;
      const isSame = isLog && (await this.#isSame(bytes));
      if (isLog && !isSame) this.restarts++;
      if (!isSame) await this.#begin(bytes, found);
      this.size = this.spool?.size ?? found.size;
      this.beginning = await readSome(this.spool ?? bytes, 0, Math.min(this.size, REMEMBERED_BYTES));
      this.#seen = found;
      this.trouble = undefined;
    } finally {
      await bytes.close();
    }
  }

  /** Reads what was not read yet. @throws Vanished */
  async index(): Promise<void> {
    if (this.refused !== undefined || (this.#indexedTo === this.size && !this.#mayGoOn)) return;
    const bytes = await this.open();
    try {
      const endAt = Math.max(0, this.size - REMEMBERED_BYTES);
      const end = await readSome(bytes, endAt, this.size - endAt);
      const isUnfinished = this.spool === undefined && end.length > 0 && end.at(-1) !== NEWLINE;
      const mayGoOn = isUnfinished && this.#isFresh();
      const blocks = await this.#indexTo(this.size, !mayGoOn, bytes);
      if (this.#around.isClosed()) return;
      if (!end.equals(await readSome(bytes, endAt, this.size - endAt))) throw new Vanished(this.found.path);
      this.blocks = blocks;
      this.#mayGoOn = mayGoOn;
      this.#indexedTo = this.size;
      this.#end = { at: endAt, bytes: end };
    } finally {
      await bytes.close();
    }
  }

  /** The lines' bytes, for one reading. @throws Vanished */
  async open(): Promise<Bytes> {
    if (this.spool) return { read: this.spool.read, close: async () => {} };
    const bytes = await openFile(this.found.path, this.found);
    const beginning = await readSome(bytes, 0, this.beginning.length);
    if (beginning.equals(this.beginning)) return bytes;
    await bytes.close();
    throw new Vanished(this.found.path);
  }

  /** Leaves the file out until it can be read again. */
  fail(trouble: string): void {
    this.forget();
    this.trouble = trouble;
    this.#seen = undefined;
  }

  /** Drops the lines; the next index reads them again. */
  forget(): void {
    for (const block of this.blocks) this.#around.tables.drop(block);
    this.blocks = [];
    this.#indexedTo = 0;
    this.#mayGoOn = false;
    this.#end = { at: 0, bytes: Buffer.alloc(0) };
  }

  async close(): Promise<void> {
    const spool = this.spool;
    this.spool = undefined;
    await spool?.close();
  }

  /** The last block is read anew, since its last entry may have gone on. */
  async #indexTo(size: number, takeLast: boolean, bytes: Bytes): Promise<Block[]> {
    const redone = this.blocks.at(-1);
    const span = { from: redone?.at ?? 0, to: size, takeLast, carriedNs: redone?.carriedNs };
    const indexed = await indexBlocks(bytes, span, this.#readingOf(this.found), this.#around);
    if (redone !== undefined) this.#around.tables.drop(redone);
    for (const { block, entries } of indexed) this.#around.tables.keep(block, entries);
    return this.blocks.slice(0, -1).concat(indexed.map(({ block }) => block));
  }

  async #begin(bytes: Bytes, found: Found): Promise<void> {
    this.forget();
    await this.close();
    const kind = sniff(await readSome(bytes, 0, Math.min(found.size, SNIFFED_BYTES)));
    this.refused = typeof kind === "object" ? kind.refused : undefined;
    if (kind !== "gzip") return;
    this.spool = await unpack(found.path, this.#around.room, this.#around.isClosed);
    const inner = sniff(await readSome(this.spool, 0, Math.min(this.spool.size, SNIFFED_BYTES)));
    if (inner !== "text") this.refused = typeof inner === "object" ? inner.refused : "is packed twice";
  }

  /** Whether so much room was freed since it was unpacked in part that unpacking it anew is worth the time. */
  async #hasMoreRoom(): Promise<boolean> {
    if (this.spool === undefined || !this.spool.isStarved) return false;
    return (await this.#around.room.share(this.spool.size)) > 1.25 * this.spool.size + WORTHWHILE_BYTES;
  }

  /** Whether the file still begins and goes on as it did: an emptied one may have grown past its old size since. */
  async #isSame(bytes: Bytes): Promise<boolean> {
    const beginning = await readSome(bytes, 0, this.beginning.length);
    if (!beginning.equals(this.beginning)) return false;
    const end = await readSome(bytes, this.#end.at, this.#end.bytes.length);
    return end.equals(this.#end.bytes);
  }

  #isFresh(): boolean {
    return Math.abs(this.#around.now() - Number(this.found.mtimeNs / 1_000_000n)) < SETTLED_MS;
  }
}
