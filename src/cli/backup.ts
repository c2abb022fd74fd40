import { stat } from "node:fs/promises";
import path from "node:path";
import { startEmbeddedPostgres } from "../../adapters/postgres/index.ts";
import { countOf } from "../analysis/words.ts";
import { AnotherBackup, type BackupParts, backUp } from "../backup/backUp.ts";
import { backUpDaily, healthOf, noteDrill } from "../backup/daily.ts";
import { drill } from "../backup/drill.ts";
import { listDumps } from "../backup/folder.ts";
import { NoDump, NotEmpty, restore } from "../backup/restore.ts";
import type { Environment } from "../config.ts";
import { explainDatabase } from "../databaseAdvice.ts";
import { UserError } from "../errors.ts";
import { createLog } from "../log.ts";
import type { BackupCommands } from "./backupCommands.ts";
import { backupInWords, drillInWords, healthInWords, restoredInWords } from "./backupWords.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface BackupCommandParts {
  settings: Environment;
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  json: boolean;
  version: string;
  /** Where the embedded database is, unless STATE_DIR says otherwise. */
  usualStateDir: string;
}

const KEEP_DAYS = 30;

export function backupCommands(parts: BackupCommandParts): BackupCommands {
  const { settings, env, terminal, json, version } = parts;
  const stateDir = settings.stateDir ?? parts.usualStateDir;
  const folderOf = (asked: string | undefined) =>
    path.resolve(asked ?? settings.backupDir ?? path.join(stateDir, "backups"));
  const show = <T>(answer: T, inWords: (answer: T) => string) =>
    terminal.print(json ? JSON.stringify(answer) : inWords(answer));
  const common = { pgBin: settings.pgBin, env, now: Date.now };

  async function onDatabase<T>(make: boolean, work: (url: string) => Promise<T>): Promise<T> {
    if (settings.databaseUrl !== undefined) return work(settings.databaseUrl);
    const directory = path.join(stateDir, "postgres");
    if (!make && (await stat(directory).catch(() => undefined)) === undefined) {
      throw new UserError(
        `There is no database: DATABASE_URL is not set, and no embedded one is in ${stateDir}. Set DATABASE_URL, or STATE_DIR to where LogHunter has its own.`,
      );
    }
    // Joined where LogHunter runs, and started for this where it does not.
    const server = await startEmbeddedPostgres({ directory, log: createLog("warn") });
    try {
      return await work(server.url);
    } finally {
      await server.stop();
    }
  }

  async function oneBackup(folder: string, signal: AbortSignal): Promise<void> {
    const keepDays = settings.backupDays ?? KEEP_DAYS;
    const made = await onDatabase(false, (url) => {
      const all: BackupParts = { ...common, url, folder, keepDays, version, signal };
      return backUp(all);
    });
    show(made, backupInWords);
  }

  /** @returns what speaks against the dump; undefined where nothing does */
  async function oneDrill(file: string, signal: AbortSignal): Promise<string | undefined> {
    const drilled = await onDatabase(true, (url) => drill({ ...common, url, file, signal }));
    const isCompared = drilled.tables.length > 0;
    if (json || isCompared) show(drilled, (one) => drillInWords(one, terminal.width));
    const [first, ...more] = drilled.faults;
    if (first === undefined) return undefined;
    if (!isCompared) return `The drill of ${file} failed: ${first}`;
    return `The drill of ${file} found ${countOf(more.length + 1, "difference", "differences")}: ${first}`;
  }

  return {
    async backup({ dir, daily, at, drill: drills, check }) {
      const folder = folderOf(dir);
      if (check === true) {
        const health = await healthOf(folder, Date.now());
        show(health, healthInWords);
        if (!health.healthy) throw new CliError("The backup needs looking after.", EXIT.failed);
        return;
      }
      if (daily !== true) return untilEnded((signal) => oneBackup(folder, signal));
      const signal = onSignals();
      await backUpDaily({
        folder,
        atMinute: at,
        backUp: () => oneBackup(folder, signal),
        ...(drills === true && {
          drill: async (file: string) => mustBeGood(await oneDrill(file, signal)),
        }),
        async explain(error) {
          const words = wordsFor(await explainDatabase(error, settings.databaseUrl));
          console.error(words);
          return words;
        },
        now: Date.now,
        signal,
      });
    },
    restore: (file, { force }) =>
      untilEnded(async (signal) => {
        const parts = { ...common, file: path.resolve(file), force: force === true, signal };
        const restored = await onDatabase(true, (url) => restore({ ...parts, url }));
        const keys = (settings.encryptionKeys ?? []).map(({ name }) => name);
        show(restored, (one) => restoredInWords(one, keys, settings.databaseUrl === undefined));
      }),
    restoreDrill: (file, { dir }) =>
      untilEnded(async (signal) => {
        const folder = folderOf(dir);
        const newest = (await listDumps(folder))[0]?.file;
        const meant = file === undefined ? newest : path.resolve(file);
        if (meant === undefined)
          throw new CliError(`There is no dump in ${folder}. Make one: loghunter backup`, EXIT.refused);
        const failure = await oneDrill(meant, signal);
        // Of another dump it says nothing about whether the backup is good.
        if (meant === newest) await noteDrill(folder, Date.now(), failure);
        mustBeGood(failure);
      }),
  };
}

function mustBeGood(failure: string | undefined): void {
  if (failure !== undefined) throw new CliError(failure, EXIT.failed);
}

/** Aborted by Ctrl-C or a stop of the container: then what was begun is cleared away. */
function onSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}

async function untilEnded(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const signal = onSignals();
  try {
    await work(signal);
  } catch (error) {
    if (signal.aborted)
      throw new CliError("It was ended before it was done. Nothing was changed.", EXIT.failed);
    if (error instanceof AnotherBackup || error instanceof NotEmpty || error instanceof NoDump)
      throw new CliError(error.message, EXIT.refused);
    throw error;
  }
}

function wordsFor(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
