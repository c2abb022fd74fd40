import { appendFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type FilesOptions, type FilesSource, openFiles } from "../../../adapters/files/index.ts";
import { createLog } from "../../../src/log.ts";
import type { LineQuery, LogLine } from "../../../src/logs/source.ts";
import { collect } from "../../contract/logSourceModel.ts";

export const ORG = "local";
/** Later than any file of a test was written, so that a last line without an end counts unless a test says otherwise. */
export const NOW_MS = Date.UTC(2099, 0, 1);

const EVERYTHING: LineQuery = {
  fromMs: Date.UTC(2000, 0, 1),
  toMs: NOW_MS,
  order: "oldest first",
  limit: 100_000,
};

/** A temporary folder with log files, and sources opened on it. */
export interface Folder {
  path: string;
  at(name: string): string;
  write(name: string, content: string | Buffer): Promise<void>;
  append(name: string, content: string): Promise<void>;
  /** Makes the file look as if it had last been written then. */
  touch(name: string, atMs: number): Promise<void>;
  /** The whole folder unless told otherwise. */
  open(options?: Partial<FilesOptions>): Promise<FilesSource>;
  close(): Promise<void>;
}

export async function openFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "loghunter-test-"));
  const sources: FilesSource[] = [];
  const at = (name: string) => join(path, name);
  return {
    path,
    at,
    async write(name, content) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), content);
    },
    append: (name, content) => appendFile(at(name), content),
    touch: (name, atMs) => utimes(at(name), atMs / 1_000, atMs / 1_000),
    async open(options = {}) {
      const log = createLog("silent");
      const source = await openFiles({
        paths: [{ pattern: path }],
        org: ORG,
        now: () => NOW_MS,
        log,
        ...options,
      });
      sources.push(source);
      return source;
    },
    async close() {
      for (const source of sources) await source.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

export function linesOf(source: FilesSource, query: Partial<LineQuery> = {}): Promise<LogLine[]> {
  return collect(source.lines(ORG, { ...EVERYTHING, ...query }));
}

export async function textsOf(source: FilesSource, query: Partial<LineQuery> = {}): Promise<string[]> {
  return (await linesOf(source, query)).map(({ text }) => text);
}

/** A line a minute apart, numbered. */
export function line(minute: number, text = `line ${minute}`, level = "INFO"): string {
  return `${new Date(Date.UTC(2026, 10, 24, 3, minute)).toISOString()} ${level} ${text}`;
}
