import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../adapters/postgres/index.ts";
import { markOf } from "../../adapters/postgres/processes.ts";
import { createLog } from "../../src/log.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * One server for all jest workers, and for all runs in this checkout: whoever comes first starts it, its
 * data stay for the next run, and it ends with the last process that used it.
 */
export async function startTestServer(): Promise<EmbeddedPostgres> {
  const directory = serverDirectory();
  await watch(directory);
  const server = await joinTestServer(directory);
  if (server.how === "created") await removeThoseOfEarlierBoots(directory);
  return server;
}

export function joinTestServer(directory: string): Promise<EmbeddedPostgres> {
  const log = createLog("silent");
  return startEmbeddedPostgres({
    directory,
    log,
    durable: false,
    settings: { max_connections: "200", max_wal_size: "128MB", min_wal_size: "32MB" },
  });
}

/**
 * Leaves someone behind who stops the server when this process is gone, however it ends: jest ends
 * nothing on Ctrl-C. A shell waits for that on a pipe, and costs nothing until then.
 */
async function watch(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  await mkdir(directory, { recursive: true });
  // Every test file runs this anew, and one watcher is enough for the process they share.
  const sign = path.join(directory, `watched-${markOf(process.pid)}`);
  const isFirst = await writeFile(sign, "", { flag: "wx" }).then(
    () => true,
    () => false,
  );
  if (!isFirst) return;
  const stop = fileURLToPath(new URL("stopTestServer.ts", import.meta.url));
  const script = `read -r _; rm -f "$1"; [ -e "$2/data/postmaster.pid" ] && exec "$3" --import tsx "$4" "$2"`;
  const watcher = spawn("sh", ["-c", script, "sh", sign, directory, process.execPath, stop], {
    cwd: CHECKOUT,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
}

/** A server without fsync does not survive the end of the machine: each boot begins with a new one. */
function serverDirectory(): string {
  return path.join(os.tmpdir(), prefix() + hash(boot()));
}

async function removeThoseOfEarlierBoots(directory: string): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const folder = path.join(os.tmpdir(), name);
    if (!name.startsWith(prefix()) || folder === directory) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function prefix(): string {
  return `loghunter-test-${hash(`${process.getuid?.()} ${CHECKOUT}`)}-`;
}

function boot(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  } catch {
    return String(Math.round((Date.now() / 1000 - os.uptime()) / 60));
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
