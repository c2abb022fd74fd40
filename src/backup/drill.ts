import { randomBytes } from "node:crypto";
import type pg from "pg";
import { explainUnreachable } from "../databaseTrouble.ts";
import { migrateJobs } from "../jobs/migrate.ts";
import { migrateUp } from "../migrations.ts";
import { serverMajor, type Variables, withClient, withDatabase } from "./connection.ts";
import { UNPROTECTED } from "./contents.ts";
import { mustMayDrill } from "./drillRights.ts";
import { type Compared, compare, faultsOf, mustBeKnown } from "./judge.ts";
import { load } from "./load.ts";
import { findPrograms, type Programs } from "./programs.ts";
import { mustBeReadable, mustBeThere, readWhole } from "./restore.ts";

export interface Drilled {
  file: string;
  madeAt?: string;
  /** None where it did not come to comparing them. */
  tables: Compared[];
  /** What is not as it was, or why it was not brought back; none in a good drill. */
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
 * @throws UserError or NoDump where it cannot begin; whatever fails from there on speaks against the dump, and is in `faults`
 */
export async function drill(parts: DrillParts): Promise<Drilled> {
  const { url, file, signal, now } = parts;
  const begunMs = now();
  await mustBeThere(file);
  return withClient(url, async (client) => {
    const server = await serverMajor(client);
    const programs = await findPrograms(server, parts.pgBin, parts.env);
    await mustMayDrill(client);
    await dropLeft(client, begunMs);
    const scratch = `${PREFIX}${Math.floor(begunMs / 1_000)}_${randomBytes(4).toString("hex")}`;
    await client.query(`create database ${scratch} template template0`);
    const came = await inScratch(client, scratch, () =>
      bringBack({ ...parts, url: withDatabase(url, scratch) }, programs, server),
    ).catch((error: unknown) => {
      signal?.throwIfAborted();
      return { tables: [], faults: [wordsOf(explainUnreachable(error, url))], migrated: 0, restoreMs: 0 };
    });
    return { file, ...came, tookMs: now() - begunMs };
  });
}

async function inScratch<T>(client: pg.Client, scratch: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await client.query(`drop database if exists ${scratch} with (force)`);
  }
}

async function bringBack(
  { url, file, env, signal, now }: DrillParts,
  programs: Programs,
  server: number,
): Promise<Omit<Drilled, "file" | "tookMs">> {
  const manifest = await readWhole(file);
  await mustBeReadable(programs, file, manifest, { env, signal });
  const restoringMs = now();
  const loaded = await load({ url, file, programs, server, replace: false, env, signal }, (found) =>
    mustBeKnown(found.migrations, manifest),
  );
  const restoreMs = now() - restoringMs;
  const migrated = await migrateUp(url);
  await migrateJobs(url);
  return {
    ...(manifest !== undefined && { madeAt: manifest.madeAt }),
    tables: compare(manifest, loaded.tables),
    faults: [...faultsOf(manifest, loaded), ...(await unprotected(url))],
    migrated: migrated.length,
    restoreMs,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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

async function unprotected(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(UNPROTECTED);
    return rows.map(({ name }) => `After the migrations public.${name} is not walled off by organisation.`);
  });
}
