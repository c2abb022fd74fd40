import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "@jest/globals";
import { withDatabase } from "../../src/backup/connection.ts";
import { findPrograms, type Programs } from "../../src/backup/programs.ts";
import { builtFile } from "./build.ts";
import { onDatabase, testServerUrl } from "./postgres.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FETCHED = path.join(ROOT, ".cache/postgres/bin");
/** The version of the embedded server. */
const SERVER = 15;

/**
 * PostgreSQL's client programs for the tests, from PATH, the system or `.ci/fetch-postgres .cache/postgres`; undefined where there
 * are none: skip the tests. With CI set that is an error.
 */
export async function findTestPrograms(): Promise<Programs | undefined> {
  const found =
    (await findPrograms(SERVER, undefined, process.env).catch(() => undefined)) ??
    (await findPrograms(SERVER, FETCHED, process.env).catch(() => undefined));
  if (found === undefined && process.env.CI !== undefined)
    throw new Error("CI needs pg_dump: run .ci/fetch-postgres .cache/postgres, or put it on PATH");
  process.stderr.write(
    found === undefined
      ? "skipped: no pg_dump 15 or newer found\n"
      : `pg_dump for tests: ${found.major} (${found.pgDump})\n`,
  );
  return found;
}

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ran>;
}

/** The command line in a process of its own, in an environment that is otherwise bare. */
export async function start(args: readonly string[], env: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [await builtFile("src/cli"), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ran = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ran.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ran.err += text;
  });
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, ...ran }))) };
}

export async function run(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const { ended } = await start(args, env);
  return ended;
}

/** Makes one in a folder of its own. @returns its file */
export async function dumpOf(url: string): Promise<string> {
  const made = await run(["backup", "--json"], { DATABASE_URL: url, BACKUP_DIR: await newFolder() });
  if (made.code !== 0) throw new Error(made.err);
  return JSON.parse(made.out).file;
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** An empty folder, until the end of the test file. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "loghunter-backups-"));
  folders.push(folder);
  return folder;
}

/**
 * A folder for PG_BIN with the real programs, each behind a line of shell that runs before it: `$REAL` is the program, and the line
 * may also `exec` it by itself.
 */
export async function wrapPrograms(
  programs: Programs,
  before: Partial<Record<"pg_dump" | "pg_restore" | "psql", string>>,
): Promise<string> {
  const folder = path.join(await newFolder(), "bin");
  await mkdir(folder);
  const real = { pg_dump: programs.pgDump, pg_restore: programs.pgRestore, psql: programs.psql };
  for (const [name, file] of Object.entries(real)) {
    const line = before[name as keyof typeof real] ?? "";
    await writeFile(path.join(folder, name), `#!/bin/sh\nREAL=${file}\n${line}\nexec "$REAL" "$@"\n`);
    await chmod(path.join(folder, name), 0o755);
  }
  return folder;
}

export interface EmptyDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database with nothing in it, on the server of the tests. */
export async function createEmptyDatabase(owner?: string): Promise<EmptyDatabase> {
  const server = await testServerUrl();
  const name = `loghunter_test_${process.pid}_${randomUUID().slice(0, 8)}`;
  await asSuperuser(`create database ${name}${owner === undefined ? "" : ` owner ${owner}`}`);
  return {
    url: withDatabase(server, name),
    drop: () => asSuperuser(`drop database if exists ${name} with (force)`),
  };
}

/** Statements on the server that all tests share. */
export async function asSuperuser(...statements: string[]): Promise<void> {
  await onDatabase(await testServerUrl(), async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** The tables of a database that are not the system's. */
export async function tablesOf(url: string): Promise<string[]> {
  return onDatabase(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select relname as name from pg_stat_user_tables order by 1",
    );
    return rows.map(({ name }) => name);
  });
}
