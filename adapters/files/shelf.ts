import type { Log } from "../../src/log.ts";
import { codeOf, Vanished } from "./bytes.ts";
import { markCopies } from "./copies.ts";
import type { Reading } from "./dating.ts";
import { discover, type Found, idOf, unusable } from "./discover.ts";
import { LogFile, type Surroundings } from "./logFile.ts";

export interface ShelfOptions {
  patterns: readonly string[];
  readingOf: (found: Found) => Reading;
  around: Surroundings;
  log: Log;
}

/** Files renamed between listing and opening show under their new name at the next try. */
const MOST_TRIES = 3;

/** All files that are read, kept up to date without a watcher: whoever asks has them looked at first. */
export class Shelf {
  /** What the patterns do not lead to, one sentence each. */
  problems: readonly string[] = [];
  /** Files that were read and are not there any more. */
  gone = 0;
  /** What was there at the first look is indexed. */
  isReady = false;
  readonly #files = new Map<string, LogFile>();
  readonly #options: ShelfOptions;
  #born = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** In the order in which they were found. */
  get files(): readonly LogFile[] {
    return [...this.#files.values()];
  }

  /**
   * Brings everything up to date. Whoever calls while this runs waits for one more run, shared with all
   * who call meanwhile: only a look that began after the call is sure to see what was written before it.
   */
  refresh(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#running = this.#refresh();
        return this.#running;
      });
    return this.#next;
  }

  /** Finds the files and looks at their first bytes, without reading them. */
  async look(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { found, problems } = await discover(this.#options.patterns);
      this.problems = problems;
      this.#drop(found);
      let isSteady = true;
      for (const one of found) {
        const isThere = await this.#try(this.#fileOf(one), (file) => file.look(one));
        isSteady = isSteady && isThere;
      }
      await markCopies(this.files);
      if (isSteady || tries === MOST_TRIES) return;
    }
  }

  /** Lets what runs come to its end, and frees what is open. */
  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#running.catch(() => {});
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }

  async #refresh(): Promise<void> {
    for (let tries = 1; !this.#options.around.isClosed(); tries++) {
      await this.look();
      let isSteady = true;
      for (const file of this.files) {
        if (file.copyOf) file.forget();
        else if (file.trouble === undefined)
          isSteady = (await this.#try(file, () => file.index())) && isSteady;
      }
      if (isSteady || tries === MOST_TRIES) break;
    }
    this.isReady = true;
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

  #drop(found: readonly Found[]): void {
    const there = new Set(found.map(idOf));
    for (const [id, file] of this.#files) {
      if (there.has(id)) continue;
      this.#files.delete(id);
      if (file.copyOf === undefined && file.blocks.length > 0) this.gone++;
      void file.close();
    }
  }

  /** False where the file vanished under the work and another look may find it. */
  async #try(file: LogFile, work: (file: LogFile) => Promise<void>): Promise<boolean> {
    try {
      await work(file);
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
