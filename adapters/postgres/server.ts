import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type Binaries, prepareBinaries } from "./binaries.ts";
import { failureOf } from "./failures.ts";
import type { Home } from "./home.ts";
import { exists, isPostmasterOf, run, surroundings } from "./processes.ts";
import { findServer, readPidFile, type Server } from "./running.ts";

const LARGEST_LOG_BYTES = 5 * 1024 * 1024;
/** Recovery after a crash replays at most about a gigabyte of log. */
const READY_WITHIN_MS = 120_000;
/** How long children of a killed server may take to notice that it is gone. */
const RETRY_FOR_MS = 15_000;
const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 5_000;

/** Starts the server on a port of its own and waits until it takes connections. */
export async function startServer(
  home: Home,
  binaries: Binaries,
  settings: Record<string, string>,
  log: Log,
): Promise<Server> {
  const deadline = Date.now() + RETRY_FOR_MS;
  await rotateLog(home);
  let port = await portAgain(home);
  for (;;) {
    const said = await attempt(home, binaries, { ...settings, port: String(port) });
    if (typeof said === "number") {
      await rm(home.port, { force: true }); // It may be root's, from a start with sudo.
      await writeFile(home.port, String(port));
      return { pid: said, port };
    }
    const portTaken = /could not bind|Address already in use|could not create any TCP\/IP sockets/.test(said);
    const stillUsed = /still in use|lock file .* already exists/.test(said);
    if (!(portTaken || stillUsed) || Date.now() > deadline) throw failureOf(said, home.folder, home.log);
    log.debug({ port, portTaken, stillUsed }, "embedded postgres starts again");
    if (!stillUsed) {
      port = await freePort();
      continue;
    }
    await delay(100);
    // Perhaps by a server that a launcher started in the moment it was killed.
    const found = await findServer(home);
    if (found) return found;
  }
}

/** Ends the server: sessions are closed and data written; when that takes too long, at once. */
export async function stopServer(home: Home, packageFolder?: string): Promise<void> {
  const server = await readPidFile(home);
  if (server === undefined || isPostmasterOf(home.data, server.pid) === "no") return;
  if (process.platform === "win32") {
    // Signals end a process there without its knowing.
    const { pgCtl } = await prepareBinaries(home, packageFolder);
    await run(pgCtl, ["stop", "-D", home.data, "-m", "fast", "-t", String(FAST_STOP_MS / 1000)], undefined);
    return;
  }
  for (const [signal, withinMs] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", IMMEDIATE_STOP_MS],
  ] as const) {
    process.kill(server.pid, signal);
    if (await becomes(() => !exists(server.pid), withinMs)) return;
  }
  throw new Error(`the database server (process ${server.pid}) did not stop`);
}

/** One try. @returns the server's pid, or what it said when it gave up. */
async function attempt(home: Home, binaries: Binaries, settings: Record<string, string>) {
  const output = await open(home.log, "a", 0o600);
  try {
    const { size } = await output.stat();
    const child = launch(home, binaries, settings, output);
    await once(child, "spawn");
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    const onWindows = process.platform === "win32";
    let pid: number | undefined;
    const settled = await becomes(async () => {
      const noted = await readPidFile(home);
      // pg_ctl, between us and the server there, ends before it is ready.
      if (noted?.state === "ready" && (onWindows || noted.pid === child.pid)) pid = noted.pid;
      return pid !== undefined || (onWindows ? child.exitCode === 1 : ended());
    }, READY_WITHIN_MS);
    if (pid !== undefined) return pid;
    if (!settled) throw stillRecovering(home);
    return (await readFile(home.log)).subarray(size).toString("utf8");
  } finally {
    await output.close();
  }
}

/** In a session of its own, so that Ctrl-C at the terminal does not reach it before our own shutdown does. */
function launch(home: Home, binaries: Binaries, settings: Record<string, string>, output: FileHandle) {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let child: ChildProcess;
  if (process.platform === "win32") {
    // pg_ctl gives away the administrator's rights with which the server refuses to run.
    const quoted = options.map((option) => `"${option}"`).join(" ");
    const args = ["start", "-W", "-D", home.data, "-l", home.log, "-o", quoted];
    child = spawn(binaries.pgCtl, args, { ...surroundings(undefined), stdio: "ignore" });
  } else {
    const args = ["-D", home.data, ...options];
    const stdio = ["ignore", output.fd, output.fd] as const;
    child = spawn(binaries.postgres, args, {
      ...surroundings(home.account),
      stdio: [...stdio],
      detached: true,
    });
  }
  child.unref();
  return child;
}

function stillRecovering(home: Home): UserError {
  return new UserError(
    `The database in ${home.folder} is still recovering after ${READY_WITHIN_MS / 1000} s: wait until ${home.log} says that it is ready, and start again.`,
  );
}

async function becomes(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

async function rotateLog(home: Home): Promise<void> {
  const found = await stat(home.log).catch(() => undefined);
  if (found && found.size > LARGEST_LOG_BYTES) await rename(home.log, `${home.log}.1`);
}

async function lastPort(home: Home): Promise<number> {
  return Number(await readFile(home.port, "utf8").catch(() => "0")) || 0;
}

/** The children of a server that was killed hold its port for a moment; whoever uses it knows no other. */
const RELEASED_WITHIN_MS = 5_000;

/** The port of last time, so that who is connected finds it again; any where that one is taken for good. */
async function portAgain(home: Home): Promise<number> {
  const last = await lastPort(home);
  const untilMs = performance.now() + RELEASED_WITHIN_MS;
  while (last !== 0) {
    const port = await freePort(last).catch(() => undefined);
    if (port !== undefined) return port;
    if (performance.now() > untilMs) break;
    await delay(100);
  }
  return freePort();
}

/** The wanted port, or any. Free now may be taken in a moment: the start tries again. @throws where it is taken */
async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    return typeof address === "object" && address ? address.port : 0;
  } finally {
    probe.close();
  }
}
