import { randomBytes } from "node:crypto";
import type pg from "pg";
import { UserError } from "../errors.ts";
import { migrateJobs } from "../jobs/migrate.ts";
import { migrateUp } from "../migrations.ts";
import { serverMajor, type Variables, withClient, withDatabase } from "./connection.ts";
import { UNPROTECTED } from "./contents.ts";
import { type Compared, compare, faultsOf, mustBeKnown } from "./judge.ts";
import { load } from "./load.ts";
import { findPrograms } from "./programs.ts";
import { mustBeReadable, readWhole } from "./restore.ts";

export interface Drilled {
  file: string;
  madeAt?: string;
  tables: Compared[];
  /** What is not as it was; none in a good drill. */
  faults: string[];
  /** Migrations that were run on what came back. */
  migrated: number;
  restoreMs: number;
  tookMs: number;
}

export interface DrillParts {
  /** A database of the server on which the drill makes one of its own. */
  url: string;
  file: string;
  pgBin: string | undefined;
  env: Variables;
  now(): number;
  signal?: AbortSignal | undefined;
}

/** Nothing else is called so, and nothing that is not called so is ever dropped. */
const PREFIX = "loghunter_drill_";
const LEFT_AFTER_MS = 24 * 60 * 60_000;

/**
 * Restores a dump into a database of its own, compares, migrates, and drops it again.
 * @throws UserError where it cannot be tried at all; what differs is in `faults`
 */
export async function drill(parts: DrillParts): Promise<Drilled> {
  const { url, file, env, signal, now } = parts;
  const begunMs = now();
  const manifest = await readWhole(file);
  return withClient(url, async (client) => {
    const server = await serverMajor(client);
    const programs = await findPrograms(server, parts.pgBin, env);
    await mustBeReadable(programs, file, manifest, parts);
    await dropLeft(client, begunMs);
    const scratch = `${PREFIX}${Math.floor(begunMs / 1_000)}_${randomBytes(4).toString("hex")}`;
    await create(client, scratch);
    try {
      const scratchUrl = withDatabase(url, scratch);
      const restoringMs = now();
      const loaded = await load(
        { url: scratchUrl, file, programs, server, replace: false, env, signal },
        (found) => mustBeKnown(found.migrations, manifest),
      );
      const restoreMs = now() - restoringMs;
      const migrated = await migrateUp(scratchUrl);
      await migrateJobs(scratchUrl);
      return {
        file,
        ...(manifest !== undefined && { madeAt: manifest.madeAt }),
        tables: compare(manifest, loaded.tables),
        faults: [...faultsOf(manifest, loaded), ...(await unprotected(scratchUrl))],
        migrated: migrated.length,
        restoreMs,
        tookMs: now() - begunMs,
      };
    } finally {
      await client.query(`drop database if exists ${scratch} with (force)`);
    }
  });
}

/** Those of drills that were killed. Times are in the names, so that none is taken from a drill that is at work. */
async function dropLeft(client: pg.Client, nowMs: number): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where starts_with(datname, $1) and pg_has_role(datdba, 'member')",
    [PREFIX],
  );
  for (const { name } of rows) {
    const madeAtMs = Number(/^loghunter_drill_(\d+)_[0-9a-f]{8}$/.exec(name)?.[1]) * 1_000;
    if (madeAtMs < nowMs - LEFT_AFTER_MS) await client.query(`drop database if exists ${name} with (force)`);
  }
}

async function create(client: pg.Client, scratch: string): Promise<void> {
  await client.query(`create database ${scratch} template template0`).catch((err: { code?: string }) => {
    if (err.code !== "42501") throw err;
    throw new UserError(
      "A drill restores into a database of its own, and the login of DATABASE_URL may not make one. Let an administrator run: alter role … createdb;",
    );
  });
}

async function unprotected(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(UNPROTECTED);
    return rows.map(({ name }) => `After the migrations public.${name} is not walled off by organisation.`);
  });
}
