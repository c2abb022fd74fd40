import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { access, chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach } from "@jest/globals";
import pg from "pg";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "../../../adapters/postgres/index.ts";
import { exists } from "../../../adapters/postgres/processes.ts";
import { createLog } from "../../../src/log.ts";
import type { InstanceOptions } from "./instance.ts";

const INSTANCE = fileURLToPath(new URL("instance.ts", import.meta.url));
const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

const folders: string[] = [];
const children: ChildProcess[] = [];

/** Nothing a test starts outlives it, whatever it killed in between. */
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (path.basename(file) !== "postmaster.pid") continue;
      const pid = Number.parseInt(await readFile(path.join(folder, file), "utf8"), 10);
      if (isServer(pid, folder)) await kill(pid);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
});

/** An empty folder that every account may enter, as a checkout usually is. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "loghunter-embedded-"));
  await chmod(folder, 0o755);
  folders.push(folder);
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
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await holds()); await delay(5)) {
    if (Date.now() > deadline) throw new Error("waited ten seconds in vain");
  }
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function isServer(pid: number, folder: string): boolean {
  if (!(pid > 1) || pid === process.pid || !exists(pid)) return false;
  if (process.platform !== "linux") return true;
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
}
