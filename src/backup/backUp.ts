import { rm, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { UserError } from "../errors.ts";
import { libpqEnvironment, serverMajor, type Variables, withClient } from "./connection.ts";
import { type Contents, readContents } from "./contents.ts";
import { beginFile, fileOf, finishFiles, makeBackupFolder, removeOld } from "./folder.ts";
import { tablesIn } from "./list.ts";
import { type Manifest, sha256Of, type TableCount } from "./manifest.ts";
import { failureOf, findPrograms, type Programs, runProgram, SEES_TOO_LITTLE } from "./programs.ts";

export interface Backup {
  file: string;
  madeAt: string;
  bytes: number;
  tables: number;
  rows: number;
  tookMs: number;
  /** Older dumps that were removed after it. */
  removed: number;
}

export interface BackupParts {
  /** A login that sees every row. */
  url: string;
  folder: string;
  keepDays: number;
  /** Where PostgreSQL's programs are, when somebody said it. */
  pgBin: string | undefined;
  env: Variables;
  version: string;
  now(): number;
  signal?: AbortSignal;
}

/** A backup of the same database is at work. */
export class AnotherBackup extends Error {
  override readonly name = "AnotherBackup";
}

/** Any number that no other program takes in this database. */
const BACKUP_LOCK = 4_152_026_112_406;
const LOCK_WAIT = "60s";

/**
 * Writes a dump of the whole database, with a manifest beside it that was counted in the same snapshot, and removes those past
 * their days. It is there when it is complete, verified and on the disk; before that, nothing is.
 * @throws UserError for what can be put right; AnotherBackup
 */
export async function backUp(parts: BackupParts): Promise<Backup> {
  const begunMs = parts.now();
  await makeBackupFolder(parts.folder);
  return withClient(parts.url, async (client) => {
    const server = await serverMajor(client);
    const programs = await findPrograms(server, parts.pgBin, parts.env);
    await mustSeeEverything(client);
    await lock(client);
    const { file, madeAtMs } = await nextName(parts);
    const unfinished = await beginFile(file);
    try {
      const contents = await dump(client, programs, unfinished, parts);
      await mustHold(programs, unfinished, contents.tables, parts);
      const { size: bytes } = await stat(unfinished);
      const madeAt = new Date(madeAtMs).toISOString();
      const manifest: Manifest = {
        format: 1,
        madeAt,
        loghunter: parts.version,
        server,
        pgDump: programs.major,
        bytes,
        sha256: await sha256Of(unfinished),
        ...contents,
      };
      parts.signal?.throwIfAborted();
      await finishFiles(unfinished, file, `${JSON.stringify(manifest, null, 2)}\n`);
      return {
        file,
        madeAt,
        bytes,
        tables: contents.tables.length,
        rows: contents.tables.reduce((sum, { rows }) => sum + rows, 0),
        removed: await removeOld(parts.folder, file, parts.keepDays, madeAtMs),
        tookMs: parts.now() - begunMs,
      };
    } finally {
      await rm(unfinished, { force: true });
    }
  });
}

/** Without this a dump would hold what the login sees, and nobody would know. pg_dump refuses too, but later and in other words. */
async function mustSeeEverything(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ all: boolean }>(
    `select rolsuper or rolbypassrls as all from pg_roles where rolname = current_user`,
  );
  if (rows[0]?.all !== true) throw new UserError(SEES_TOO_LITTLE);
}

/** Held by the session: it ends with the process, however that ends. */
async function lock(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ ours: boolean }>("select pg_try_advisory_lock($1) as ours", [
    BACKUP_LOCK,
  ]);
  if (rows[0]?.ours !== true)
    throw new AnotherBackup("Another backup of this database is at work. Nothing was done.");
}

/** Names are of a second: whoever comes in the same one waits for the next. */
async function nextName({ folder, now }: BackupParts): Promise<{ file: string; madeAtMs: number }> {
  for (;;) {
    const madeAtMs = now();
    const file = fileOf(folder, madeAtMs);
    const taken = await stat(file).catch(() => undefined);
    if (taken === undefined) return { file, madeAtMs };
    await pause(1_000 - (madeAtMs % 1_000));
  }
}

/** Dumps and counts side by side, both in one snapshot; where one fails the other is ended. */
async function dump(
  client: pg.Client,
  programs: Programs,
  into: string,
  { url, env, signal }: BackupParts,
): Promise<Contents> {
  await client.query(
    "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; begin isolation level repeatable read read only",
  );
  const { rows } = await client.query<{ snapshot: string }>("select pg_export_snapshot() as snapshot");
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const args = ["--format=custom", "--no-password", `--snapshot=${rows[0]?.snapshot}`];
  const dumping = runProgram(
    programs.pgDump,
    [...args, `--lock-wait-timeout=${LOCK_WAIT}`, `--file=${into}`],
    {
      env: libpqEnvironment(url, env),
      signal: either,
    },
  ).then(({ code, err }) => {
    if (code !== 0) throw failureOf(programs.pgDump, err, into);
  });
  const counting = readContents(client).catch((err: unknown) => {
    failed.abort();
    throw err;
  });
  const [counted, dumped] = await Promise.allSettled([counting, dumping]);
  if (counted.status === "rejected") throw counted.reason;
  if (dumped.status === "rejected") throw dumped.reason;
  await client.query("commit");
  return counted.value;
}

/** Reads the dump's own list back. @throws where a table is not in it */
async function mustHold(
  { pgRestore }: Programs,
  file: string,
  tables: readonly TableCount[],
  { env, signal }: BackupParts,
): Promise<void> {
  const listed = await tablesIn(pgRestore, file, env, signal);
  const lost = tables.filter(({ schema, name }) => !listed.has(`${schema} ${name}`));
  if (lost.length === 0) return;
  const names = lost.map(({ schema, name }) => `${schema}.${name}`).join(", ");
  throw new UserError(`The dump was not kept, because it does not hold every table: ${names} is missing.`);
}
