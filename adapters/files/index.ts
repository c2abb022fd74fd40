import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Ask, CountQuery, LineQuery, LogSource, ServiceRef } from "../../src/logs/source.ts";
import { unlessAborted } from "../../src/logs/unlessAborted.ts";
import type { Block } from "./blocks.ts";
import { codeOf, Vanished } from "./bytes.ts";
import { comingNote, comingServices, refuseIfComing } from "./coming.ts";
import { countLines } from "./counts.ts";
import type { Reading } from "./dating.ts";
import { type Found, unusable } from "./discover.ts";
import { type EntryTable, EntryTables } from "./entryTables.ts";
import { healthOf, nothingToRead, progressOf, STRANGER } from "./health.ts";
import { entriesOf, type Hit, readHits } from "./hits.ts";
import type { LogFile } from "./logFile.ts";
import { type Asked, matchOf, upTo } from "./match.ts";
import { mergeLines, type Part } from "./merge.ts";
import { placeOfPath } from "./place.ts";
import { endedNote, recordingOf } from "./recording.ts";
import { SeriesTable } from "./series.ts";
import { Shelf } from "./shelf.ts";
import { createSpoolRoom } from "./spoolRoom.ts";

/** Files to read, and how. */
export interface FilesPath {
  /** A file, a folder (all files in it, recursively) or a glob. */
  pattern: string;
  /** The namespace its lines get; else what a line says, else `""`. */
  namespace?: string;
  /**
   * A recording shown as if it happened now: the instant `recordedNowMs` of the recording is shown as
   * `asMs`. Lines that would lie in the future are not there yet, and appear as time passes. `recordedToMs` is
   * where it ends; absent where nobody says so.
   */
  replay?: { recordedNowMs: number; asMs: number; recordedToMs?: number };
}

export interface FilesOptions {
  paths: readonly FilesPath[];
  /** The only tenant organisation that has lines here; any other sees nothing. */
  org: string;
  now: () => number;
  log: Log;
  /** Minutes east of UTC for times that name no zone; 0 by default. */
  zoneOffsetMinutes?: number;
  /** Memory for what was found out about single lines, so that they are not parsed again; 64 MB by default, some 300 MB of logs. */
  rememberedBytes?: number;
  /** Disk for what .gz files hold, all of them together; 32 GB by default, less where the disk has less. */
  unpackedBytes?: number;
}

export interface FilesSource extends LogSource {
  /** Waits until everything that was there at the call is indexed. Queries wait by themselves. */
  indexed(): Promise<void>;
  close(): Promise<void>;
}

/** Ten weeks of minutes. Nobody looks at more, and each series holds a number for each step. */
const MOST_STEPS = 100_000;

/**
 * Log files as a source of lines. Returns once the files are found, and indexes them from then on.
 * @throws UserError when not one file can be read.
 */
export async function openFiles(options: FilesOptions): Promise<FilesSource> {
  let isClosed = false;
  const around = {
    now: options.now,
    isClosed: () => isClosed,
    table: new SeriesTable(),
    tables: new EntryTables(options.rememberedBytes),
    room: createSpoolRoom(options.unpackedBytes),
  };
  const { table } = around;
  const shelf = new Shelf({
    patterns: options.paths.map(({ pattern }) => pattern),
    readingOf: (found) => readingOf(found, options),
    around,
    log: options.log,
  });
  await shelf.look();
  if (!shelf.files.some((file) => file.content.refused === undefined && file.trouble === undefined)) {
    const message = nothingToRead(shelf, options.now());
    await shelf.close();
    throw new UserError(message);
  }
  // What goes wrong here goes wrong again, and is told, at the next query.
  shelf
    .refresh("for all")
    .catch((err: unknown) => options.log.error({ err }, "the log files could not be indexed"));

  function pathOf(found: Found): FilesPath | undefined {
    return options.paths[found.pattern];
  }

  /** @returns beside the parts the files that are not whole in them, since they are still being read. */
  async function partsFor(asked: Asked): Promise<{ parts: Part[]; coming: LogFile[] }> {
    const coming = await unlessAborted(
      shelf.refresh(asked.whole === true ? "for all" : "for what is quick"),
      asked.signal,
    );
    if (isClosed) throw new Error("the log files are closed");
    const match = matchOf(asked, table);
    const untilNow = upTo(options.now(), match);
    const parts = shelf.files.map((file): Part => {
      const isReplay = pathOf(file.found)?.replay !== undefined;
      return { file, blocks: file.blocks, match: isReplay ? untilNow : match };
    });
    return { parts, coming };
  }

  /** What `read` gives, or `otherwise` where the file is gone since the query began: it has no lines any more. */
  async function reading<T>(file: LogFile, otherwise: T, read: () => Promise<T>): Promise<T> {
    if (isClosed) throw new Error("the log files are closed");
    try {
      return await read();
    } catch (error) {
      // The next look counts it.
      if (error instanceof Vanished || isClosed) return otherwise;
      if (codeOf(error) === undefined) throw error;
      file.fail(unusable(file.found.path, error));
      return otherwise;
    }
  }

  function hitsIn({ file, match }: Part, block: Block): Promise<Hit[]> {
    return reading(file, [], () => readHits(file, block, match, around));
  }

  function entriesIn({ file }: Part, block: Block): Promise<EntryTable | undefined> {
    return reading(file, undefined, () => entriesOf(file, block, around));
  }

  async function count(
    asked: Asked,
    stepMs: number,
  ): Promise<{ rows: Map<number, number[]>; coming: LogFile[] }> {
    const { parts, coming } = await partsFor(asked);
    const { fromMs, toMs } = matchOf(asked, table);
    return { rows: await countLines(parts, { ...asked, fromMs, toMs, stepMs }, entriesIn), coming };
  }

  /** Those of files that are still being read too: nobody should be told that there is no such service. */
  async function placesIn(ask: Ask): Promise<ServiceRef[]> {
    // Only the times: a whole query is a range too, and its filters are not meant.
    const { fromMs, toMs } = matchOf({ fromMs: ask.fromMs, toMs: ask.toMs }, table);
    if (toMs <= fromMs) return [];
    const asked = { fromMs, toMs, ...(ask.signal && { signal: ask.signal }) };
    const { rows, coming } = await count(asked, toMs - fromMs);
    return [...[...rows.keys()].map((id) => table.at(id)), ...comingServices(coming, fromMs)];
  }

  const recording = recordingOf(options.org, options.paths);
  return {
    ...(recording !== undefined && { recording }),
    async *lines(org: string, query: LineQuery) {
      if (org !== options.org) return;
      const { parts, coming } = await partsFor(query);
      for (const note of [comingNote(coming), endedNote(recording, query, options.now())])
        if (note !== undefined) query.onNote?.(note);
      let isFound = false;
      for await (const line of mergeLines(parts, query, hitsIn)) {
        isFound = true;
        yield line;
      }
      if (!isFound && query.limit > 0) refuseIfComing(query.services, coming);
    },
    async counts(org: string, query: CountQuery) {
      if (!(query.stepMs > 0)) throw new RangeError("a step must be longer than nothing");
      if (org !== options.org || query.toMs <= query.fromMs) return [];
      const { fromMs, toMs } = matchOf(query, table);
      if ((toMs - fromMs) / query.stepMs > MOST_STEPS) {
        throw new UserError(
          `That is more than ${MOST_STEPS.toLocaleString("en")} steps: ask for a shorter time or a longer step.`,
        );
      }
      const { rows, coming } = await count(query, query.stepMs);
      if (rows.size === 0) refuseIfComing(query.services, coming);
      return [...rows].map(([id, counts]) => ({ ...table.at(id), fromMs, stepMs: query.stepMs, counts }));
    },
    async services(org, range) {
      if (org !== options.org) return [];
      const places = (await placesIn(range)).map(({ service, namespace }) => ({ service, namespace }));
      const byName = new Map(places.map((place) => [JSON.stringify(place), place]));
      return [...byName.values()].sort(
        (a, b) => compareText(a.service, b.service) || compareText(a.namespace, b.namespace),
      );
    },
    async namespaces(org, range) {
      if (org !== options.org) return [];
      const names = new Set((await placesIn(range)).map(({ namespace }) => namespace));
      return [...names].filter((name) => name !== "").sort(compareText);
    },
    async health(org) {
      if (org !== options.org) return STRANGER;
      if (!shelf.isReady) return progressOf(shelf, options.now());
      const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
      const { parts, coming } = await partsFor(everything);
      if (coming.length > 0) return progressOf(shelf, options.now());
      const { fromMs, toMs } = matchOf(everything, table);
      const rows = await countLines(parts, { fromMs, toMs, stepMs: toMs - fromMs }, entriesIn);
      const lines = [...rows.values()].reduce((sum, [of = 0]) => sum + of, 0);
      return healthOf(shelf, parts, lines, options.now());
    },
    linkTo: async () => undefined,
    async indexed() {
      await shelf.refresh("for all");
    },
    async close() {
      isClosed = true;
      await shelf.close();
    },
  };
}

function readingOf(found: Found, { paths, zoneOffsetMinutes }: FilesOptions): Reading {
  const { namespace, replay } = paths[found.pattern] ?? {};
  return {
    place: placeOfPath(found.path),
    namespace,
    offsetMinutes: zoneOffsetMinutes ?? 0,
    nearMs: replay?.recordedNowMs ?? Number(found.mtimeNs / 1_000_000n),
    replayedByMs: replay && Math.round(replay.asMs - replay.recordedNowMs),
  };
}

/** By code unit: the same on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
