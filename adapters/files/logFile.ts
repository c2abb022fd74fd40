import type { ServiceRef } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import { type Bytes, openFile, readSome, Vanished } from "./bytes.ts";
import { Content } from "./content.ts";
import type { Reading } from "./dating.ts";
import type { Found } from "./discover.ts";
import type { EntryTables } from "./entryTables.ts";
import { type Indexed, NOTHING, readOn } from "./readOn.ts";
import type { SeriesTable } from "./series.ts";
import type { SpoolRoom } from "./spoolRoom.ts";
import { isWorthWaiting, type Progress, progressOf, type Step, type Work } from "./work.ts";

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
/** A file that is another each time it was read is left as it is until somebody asks again. */
const MOST_TRIES = 3;

/** One log file under its identity: it may be renamed, grow, or be emptied and begun again. */
export class LogFile {
  found: Found;
  /** Rank among lines of the same time. */
  readonly order: number;
  /** The lines that are shown. Replaced, never changed: a query keeps the ones it began with. */
  blocks: readonly Block[] = [];
  /** The number of the look that they are as of: all that stood in the file when it began is in them. */
  asOf = 0;
  readonly content: Content;
  /** Why it cannot be read just now: one sentence. */
  trouble: string | undefined;
  /** The file of which this is a copy, as rotation makes them for a moment: its lines would stand twice. */
  copyOf: LogFile | undefined;
  /** How often it was emptied or replaced under the same name. */
  restarts = 0;
  /** What is being done with it: meanwhile looks leave the file alone. */
  work: Work | undefined;
  readonly #around: Surroundings;
  readonly #readingOf: (found: Found) => Reading;
  #seen: Found | undefined;
  #lookedAt = 0;
  /** What was read, which the next look shows. */
  #indexed: Indexed = NOTHING;
  #indexedAsOf = 0;
  /** Since when there is something that was not read, by `performance.now()`. */
  #unreadSinceMs: number | undefined;
  #tries = 0;
  /** Nothing was being done with it when the last look came by. */
  #isSettled = false;
  #over: Promise<void> | undefined;

  constructor(found: Found, order: number, readingOf: (found: Found) => Reading, around: Surroundings) {
    this.found = found;
    this.order = order;
    this.#readingOf = readingOf;
    this.#around = around;
    this.content = new Content(around.room);
  }

  /** Takes note of what was found, and sees whether it still is the same log. @throws Vanished */
  async look(found: Found, number: number): Promise<void> {
    this.found = found;
    this.#isSettled = this.work === undefined;
    if (this.work !== undefined) {
      // What was added is for the next look; of what is not there any more nothing has to be read.
      if (this.#isOther(found)) this.work.isCancelled = true;
      return;
    }
    this.#lookedAt = number;
    const seen = this.#seen;
    const isUnchanged = seen?.size === found.size && seen.mtimeNs === found.mtimeNs;
    const { content } = this;
    if (isUnchanged && !(await content.hasMoreRoom())) return;
    const bytes = await openFile(found.path, found);
    try {
      const isLog = seen !== undefined && !content.isPacked && content.refused === undefined;
      const isSame = isLog && (await this.#isSame(bytes));
      if (isLog && !isSame) this.restarts++;
      if (!isSame) {
        this.forget();
        await content.begin(bytes, found);
      }
      if (!content.isPacked) await content.measure(bytes, found.size);
      this.#seen = found;
      this.trouble = undefined;
    } finally {
      await bytes.close();
    }
  }

  /** What has to be done before all of it can be shown. */
  get step(): Step | undefined {
    const { refused, isPacked, spool, size } = this.content;
    if (refused !== undefined || this.trouble !== undefined || this.copyOf !== undefined) return undefined;
    if (isPacked && spool === undefined) return "unpack";
    return this.#indexed.to !== size || this.#indexed.mayGoOn ? "read" : undefined;
  }

  /** Whether lines of it are shown, or will be when this look is over. */
  get isRead(): boolean {
    return this.blocks.length > 0 || (this.#isSettled && this.#indexed.blocks.length > 0);
  }

  get unreadBytes(): number {
    return Math.max(0, this.content.size - this.#indexed.to);
  }

  get progress(): Progress {
    const { size, spool, isPacked } = this.content;
    const known = { size, readTo: this.#indexed.to, isUnpacked: spool !== undefined };
    return progressOf(known, isPacked ? this.found.size : undefined, this.work);
  }

  /** The services whose lines it holds, as far as that was seen; before any was, the one that its path speaks of. */
  get places(): ServiceRef[] {
    const { place, namespace } = this.#readingOf(this.found);
    const seen = [...(this.work?.series ?? [])].map((id) => this.#around.table.at(id));
    return seen.length > 0 ? seen : [{ ...place, namespace: namespace ?? place.namespace }];
  }

  isWaitedFor(): boolean {
    return isWorthWaiting(this.unreadBytes, this.isRead, this.#unreadSinceMs ?? performance.now());
  }

  /**
   * Shows what was read, at the end of a look and of all files at once: what became ready while it was going on is for
   * the next one, which knows whether it is a copy.
   */
  show(copyOf: LogFile | undefined): void {
    this.copyOf = copyOf;
    if (copyOf !== undefined) this.forget();
    const { step } = this;
    this.#unreadSinceMs = step === undefined ? undefined : (this.#unreadSinceMs ?? performance.now());
    if (copyOf !== undefined) this.blocks = [];
    if (!this.#isSettled) return;
    this.blocks = this.#indexed.blocks;
    if (step === undefined) this.#indexedAsOf = this.#lookedAt;
    this.asOf = this.#indexedAsOf;
  }

  /** Does the next step: unpacks it, or reads what was not read yet. @throws Vanished */
  async goOn(): Promise<void> {
    const { step } = this;
    if (step === undefined) return;
    const total = step === "unpack" ? this.found.size : this.unreadBytes;
    this.work = { step, done: 0, total, isCancelled: false, series: new Set() };
    this.#over = this.#do(this.work).finally(() => {
      this.work = undefined;
    });
    await this.#over;
  }

  /** The lines' bytes, for one reading. @throws Vanished */
  open(): Promise<Bytes> {
    return this.content.open(this.found);
  }

  /** Leaves the file out until it can be read again. */
  fail(trouble: string): void {
    this.forget();
    this.blocks = [];
    this.trouble = trouble;
    this.#seen = undefined;
    this.#indexedAsOf = this.#lookedAt;
  }

  /** Drops the lines; the next reading begins at the start. */
  forget(): void {
    if (this.work !== undefined) this.work.isCancelled = true;
    for (const block of this.#indexed.blocks) this.#around.tables.drop(block);
    this.#indexed = NOTHING;
    this.#indexedAsOf = 0;
  }

  async close(): Promise<void> {
    if (this.work !== undefined) this.work.isCancelled = true;
    await this.#over?.catch(() => {});
    await this.content.close();
  }

  async #do(work: Work): Promise<void> {
    const asOf = this.#lookedAt;
    try {
      if (work.step === "unpack") {
        await this.content.unpack(this.found, work, this.#around.isClosed);
        return;
      }
      const read = await this.#read(work);
      if (read === undefined) return;
      this.#indexed = read;
      this.#indexedAsOf = asOf;
      this.#tries = 0;
    } catch (error) {
      // Nothing more is tried until somebody asks again.
      if (!(error instanceof Vanished) || ++this.#tries % MOST_TRIES === 0) this.#indexedAsOf = asOf;
      throw error;
    }
  }

  async #read(work: Work): Promise<Indexed | undefined> {
    const bytes = await this.open();
    try {
      const isFresh = !this.content.isPacked && this.#isFresh();
      const to = { size: this.content.size, isFresh, reading: this.#readingOf(this.found) };
      const read = await readOn(bytes, this.#indexed, to, work, this.#around);
      if (read === "changed") throw new Vanished(this.found.path);
      return read;
    } finally {
      await bytes.close();
    }
  }

  /** Whether what is being read of it is not there any more: a .gz is another with every change, a log if it is shorter. */
  #isOther(found: Found): boolean {
    if (!this.content.isPacked) return found.size < this.content.size;
    return this.#seen?.size !== found.size || this.#seen.mtimeNs !== found.mtimeNs;
  }

  /** Whether the file still begins and goes on as it did: an emptied one may have grown past its old size since. */
  async #isSame(bytes: Bytes): Promise<boolean> {
    if (!(await this.content.beginsAs(bytes))) return false;
    const { at, bytes: known } = this.#indexed.end;
    return known.equals(await readSome(bytes, at, known.length));
  }

  #isFresh(): boolean {
    return Math.abs(this.#around.now() - Number(this.found.mtimeNs / 1_000_000n)) < SETTLED_MS;
  }
}
