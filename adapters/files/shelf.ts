import type { Log } from "../../src/log.ts";
import { codeOf, Vanished } from "./bytes.ts";
import { copiesAmong } from "./copies.ts";
import type { Reading } from "./dating.ts";
import { discover, type Found, idOf, unusable } from "./discover.ts";
import { Lane, type Piece } from "./lane.ts";
import { LogFile, type Surroundings } from "./logFile.ts";
import { isOrdinary } from "./work.ts";

export interface ShelfOptions {
  patterns: readonly string[];
  readingOf: (found: Found) => Reading;
  around: Surroundings;
  log: Log;
}

/** Files renamed between listing and opening show under their new name at the next try. */
const MOST_TRIES = 3;
/** Looking again to show what was read meanwhile may take a fifth of the time: 0.15 s for 5,000 files each time. */
const LOOK_SHARE = 0.2;
/** Whoever waits sees so often whether that is still worth it. */
const RECONSIDERED_MS = 100;

/**
 * All files that are read, kept up to date without a watcher: whoever asks has them looked at first. Reading goes on
 * beside the looks, a file of ordinary size never behind a large one, and what it found is shown by the next look,
 * of all files at once.
 */
export class Shelf {
  /** What the patterns do not lead to, one sentence each. */
  problems: readonly string[] = [];
  /** Files that were read and are not there any more. */
  gone = 0;
  /** All that was there at some look was read. */
  isReady = false;
  readonly #files = new Map<string, LogFile>();
  readonly #options: ShelfOptions;
  readonly #unpacking = new Lane();
  readonly #short = new Lane();
  readonly #long = new Lane();
  readonly #lanes = [this.#unpacking, this.#short, this.#long];
  #born = 0;
  #looks = 0;
  #lookedAtMs = 0;
  #lookTookMs = 0;
  /** The last look that somebody asked for: what was added since then need not be read yet. */
  #wanted = 0;
  #isWanted = false;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<number> | undefined;
  /** What went wrong beside the looks, for whoever asks next. */
  #failure: { error: unknown } | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** In the order in which they were found. */
  get files(): readonly LogFile[] {
    return [...this.#files.values()];
  }

  /**
   * Reads what was not read yet, and waits for it: for all of it, or for what a question waits for.
   * @returns the files that are left out for now, or of which the newest lines are
   */
  async refresh(patience: "for all" | "for what is quick"): Promise<LogFile[]> {
    const number = await this.#lookSoon(true);
    for (;;) {
      this.#throwFailure();
      const missing = this.files.filter(({ asOf }) => asOf < number);
      const isWorthIt = patience === "for all" || missing.some((file) => file.isWaitedFor());
      if (missing.length === 0 || !isWorthIt || this.#options.around.isClosed()) return missing;
      await this.#lookOrAWhile();
    }
  }

  /** Finds the files, looks at their first bytes, and has read what was not; it does not wait for that. */
  look(): Promise<number> {
    return this.#lookSoon(true);
  }

  /** Lets what runs come to its end, and frees what is open. */
  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#running.catch(() => {});
    for (const lane of this.#lanes) await lane.drained();
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }

  /**
   * Whoever calls while a look runs waits for one more, shared with all who call meanwhile: only a look that began
   * after the call is sure to see what was written before it.
   */
  #lookSoon(isWanted: boolean): Promise<number> {
    this.#isWanted ||= isWanted;
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        const look = this.#look().finally(() => this.#wake());
        this.#running = look;
        return look;
      });
    return this.#next;
  }

  async #look(): Promise<number> {
    const startedAtMs = performance.now();
    const number = ++this.#looks;
    if (this.#isWanted) this.#wanted = number;
    this.#isWanted = false;
    for (const lane of this.#lanes) lane.pause();
    for (let tries = 1; !this.#options.around.isClosed(); tries++) {
      const { found, problems } = await discover(this.#options.patterns);
      this.problems = problems;
      await this.#drop(found);
      let isSteady = true;
      for (const one of found) isSteady = (await this.#lookAt(one, number)) && isSteady;
      if (isSteady || tries === MOST_TRIES) break;
    }
    const copies = await copiesAmong(this.files);
    // From here on without a pause: between two files nobody must see a line twice or not at all.
    for (const file of this.files) file.show(copies.get(file));
    for (const lane of this.#lanes) lane.plan(this.#piecesOf(lane));
    this.isReady ||= this.files.every(({ step, isRead }) => step === undefined || isRead);
    this.#lookedAtMs = performance.now();
    this.#lookTookMs = this.#lookedAtMs - startedAtMs;
    return number;
  }

  async #lookAt(found: Found, number: number): Promise<boolean> {
    const file = this.#fileOf(found);
    // What went wrong would go wrong again, over and over, if nobody had to ask for another try.
    if (file.trouble !== undefined && file.asOf >= this.#wanted) return true;
    return this.#try(file, () => file.look(found, number));
  }

  #piecesOf(lane: Lane): Piece[] {
    return this.files
      .filter((file) => file.work === undefined && file.asOf < this.#wanted && this.#laneOf(file) === lane)
      .map((file) => ({
        bytes: file.step === "unpack" ? file.found.size : file.unreadBytes,
        run: () => this.#do(file, lane),
      }));
  }

  #laneOf({ step, unreadBytes }: LogFile): Lane | undefined {
    if (step === undefined) return undefined;
    if (step === "unpack") return this.#unpacking;
    return isOrdinary(unreadBytes) ? this.#short : this.#long;
  }

  async #do(file: LogFile, lane: Lane): Promise<void> {
    if (this.#options.around.isClosed()) return;
    try {
      await this.#try(file, () => file.goOn());
    } catch (error) {
      this.#failure = { error };
    }
    this.#lookAgain(lane);
  }

  /** Shows what was read, and has read on where that is wanted: at once where a lane has nothing left to do. */
  #lookAgain(lane: Lane): void {
    if (this.#options.around.isClosed()) {
      this.#wake();
      return;
    }
    const isDue = (performance.now() - this.#lookedAtMs) * LOOK_SHARE > this.#lookTookMs;
    if (!isDue && !lane.isDone) return;
    this.#lookSoon(false).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    const { error } = this.#failure;
    this.#failure = undefined;
    throw error;
  }

  #lookOrAWhile(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RECONSIDERED_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #fileOf(found: Found): LogFile {
    const id = idOf(found);
    let file = this.#files.get(id);
    if (file === undefined) {
      file = new LogFile(found, this.#born++, this.#options.readingOf, this.#options.around);
      this.#files.set(id, file);
    }
    return file;
  }

  async #drop(found: readonly Found[]): Promise<void> {
    const there = new Set(found.map(idOf));
    for (const [id, file] of this.#files) {
      if (there.has(id)) continue;
      this.#files.delete(id);
      if (file.copyOf === undefined && file.blocks.length > 0) this.gone++;
      const closing = file.close();
      // What is being done with it ends soon, and the room that it frees is for later.
      if (file.work === undefined) await closing;
    }
  }

  /** False where the file vanished under the work and another look may find it. */
  async #try(file: LogFile, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Vanished) return false;
      if (codeOf(error) === undefined) throw error;
      if (file.trouble === undefined) this.#options.log.info({ err: error }, "a log file cannot be read");
      file.fail(unusable(file.found.path, error));
      return true;
    }
  }
}
