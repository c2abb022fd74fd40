import { open, stat } from "node:fs/promises";
import type pg from "pg";
import { UserError } from "../errors.ts";
import { pendingJobMigrations } from "../jobs/migrate.ts";
import { checkRights, pendingMigrations } from "../migrations.ts";
import { serverMajor, type Variables, withClient } from "./connection.ts";
import { TABLES } from "./contents.ts";
import { faultsOf, mustBeKnown } from "./judge.ts";
import { tablesIn } from "./list.ts";
import { load } from "./load.ts";
import { type Manifest, mustBeWhole, readManifest, USE_ANOTHER, unreadable } from "./manifest.ts";
import { findPrograms, type Programs, runProgram } from "./programs.ts";

export interface RestoreParts {
  url: string;
  file: string;
  /** Takes out what is in the database, in the same transaction. */
  force: boolean;
  pgBin: string | undefined;
  env: Variables;
  now(): number;
  signal?: AbortSignal | undefined;
}

export interface Restored {
  file: string;
  /** When the dump was made; undefined where no manifest says. */
  madeAt?: string;
  tables: number;
  rows: number;
  /** Migrations that this version has and the dump had not. */
  pending: string[];
  /** Names of the keys that sealed tokens in it. */
  encryptionKeys: string[];
  /** Messages that were owed when the dump was made: they are sent when LogHunter starts. */
  owed: number;
  tookMs: number;
}

/** The database is not for this: it holds something, or somebody uses it. */
export class NotEmpty extends Error {
  override readonly name = "NotEmpty";
}

/** There is no such file. */
export class NoDump extends Error {
  override readonly name = "NoDump";
}

/**
 * Brings a dump into a database, whole and checked, or not at all.
 * @throws UserError for what can be put right; NotEmpty; NoDump
 */
export async function restore(parts: RestoreParts): Promise<Restored> {
  const begunMs = parts.now();
  const { url, file, force, env, signal } = parts;
  await mustBeThere(file);
  const manifest = await readWhole(file);
  const { programs, server } = await withClient(url, async (client) => {
    const major = await serverMajor(client);
    const found = await findPrograms(major, parts.pgBin, env);
    await mustBeReadable(found, file, manifest, parts);
    await mustBeFree(client, force);
    await checkRights(client);
    return { programs: found, server: major };
  });
  const loaded = await load({ url, file, programs, server, replace: force, env, signal }, async (found) => {
    await mustBeKnown(found.migrations, manifest);
    const faults = faultsOf(manifest, found);
    if (faults.length > 0)
      throw new UserError(`What came back is not what was dumped, and was undone:\n${listOf(faults)}`);
  });
  // Without it the first questions are answered by reading whole tables.
  await withClient(url, (client) => client.query("analyze"));
  return {
    file,
    ...(manifest !== undefined && { madeAt: manifest.madeAt }),
    tables: loaded.tables.length,
    rows: loaded.tables.reduce((sum, { rows }) => sum + rows, 0),
    pending: [...(await pendingMigrations(url)), ...(await pendingJobMigrations(url))],
    encryptionKeys: loaded.encryptionKeys,
    owed: loaded.owed,
    tookMs: parts.now() - begunMs,
  };
}

/** @throws NoDump; UserError where it cannot be read */
export async function mustBeThere(file: string): Promise<void> {
  const found = await stat(file).catch((err: NodeJS.ErrnoException) => {
    if (err.code === "ENOENT" || err.code === "ENOTDIR") return undefined;
    throw unreadable(err, file);
  });
  if (!found?.isFile()) throw new NoDump(`There is no dump ${file}.`);
  const handle = await open(file).catch((err: NodeJS.ErrnoException) => {
    throw unreadable(err, file);
  });
  await handle.close();
}

/** @returns its manifest, undefined where there is none. @throws UserError where the dump is not what was written */
export async function readWhole(file: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(file);
  if (manifest === undefined) return undefined;
  await mustBeWhole(file, manifest);
  await mustBeKnown(Object.keys(manifest.migrations), manifest);
  return manifest;
}

/** @throws UserError where pg_restore cannot read it to its end, or it is a dump of something else */
export async function mustBeReadable(
  { pgRestore, major }: Programs,
  file: string,
  manifest: Manifest | undefined,
  { env, signal }: Pick<RestoreParts, "env" | "signal">,
): Promise<void> {
  if (manifest !== undefined && manifest.pgDump > major) {
    throw new UserError(
      `The dump was written by pg_dump ${manifest.pgDump}, and pg_restore here is of PostgreSQL ${major}: an older one may not read it. Install postgresql-client-${manifest.pgDump}, or set PG_BIN to its folder.`,
    );
  }
  const tables = await tablesIn(pgRestore, file, env, signal).catch(() => {
    signal?.throwIfAborted();
    throw new UserError(`${file} is not a dump that pg_restore can read. ${USE_ANOTHER}`);
  });
  if (!tables.has("public schema_migrations"))
    throw new UserError(`${file} is not a dump of LogHunter's database. ${USE_ANOTHER}`);
  if (manifest !== undefined) return;
  // The list stands at the beginning, and a dump that was cut off still has it.
  const nowhere = process.platform === "win32" ? "NUL" : "/dev/null";
  const options = { env: { PATH: env.PATH ?? "", LC_ALL: "C" }, signal };
  const { code } = await runProgram(pgRestore, [`--file=${nowhere}`, file], options);
  if (code !== 0) throw new UserError(`${file} is damaged: it ends in the middle. ${USE_ANOTHER}`);
}

async function mustBeFree(client: pg.Client, force: boolean): Promise<void> {
  const { rows: users } = await client.query(
    "select from pg_stat_activity where datname = current_database() and application_name in ('loghunter-app', 'loghunter-directory')",
  );
  if (users.length > 0)
    throw new NotEmpty("LogHunter is running on this database. Stop it, and then restore.");
  const { rows } = await client.query(TABLES);
  if (rows.length > 0 && !force) {
    throw new NotEmpty(
      `The database is not empty: it holds ${rows.length} tables. Restore into an empty one, or add --force to delete all that is in it.`,
    );
  }
}

export function listOf(lines: readonly string[]): string {
  const shown = lines.slice(0, 20).map((line) => `  ${line}`);
  if (lines.length > 20) shown.push(`  and ${lines.length - 20} more`);
  return shown.join("\n");
}
