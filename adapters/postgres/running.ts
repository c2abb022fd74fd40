import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../src/errors.ts";
import { servesOurData } from "./connection.ts";
import type { Home } from "./home.ts";
import { exists, isPostmasterOf } from "./processes.ts";

export interface Server {
  pid: number;
  port: number;
}

/** A server found starting may be replaying a long log, and one found stopping is writing all it has. */
const WAIT_MS = 60_000;
/** Where the process cannot be looked at, silence on the port soon means that it is another program. */
const WAIT_FOR_UNKNOWN_MS = 3_000;

const UNREADABLE_FOR_MS = 300;

/** The server that already runs on this home, or undefined when there is none and one can be started. */
export async function findServer(home: Home): Promise<Server | undefined> {
  const begun = Date.now();
  let failure: unknown;
  for (;;) {
    const noted = await readNote(home);
    const waitedMs = Date.now() - begun;
    if (noted === "nothing") return undefined;
    if (noted === "unreadable") {
      // The machine went down before it was written; or, left by a launcher that was killed, a server is
      // just starting, which writes its note at once.
      if (waitedMs > UNREADABLE_FOR_MS) await rm(pidFile(home), { force: true });
      await delay(20);
      continue;
    }
    const ours = isPostmasterOf(home.data, noted.pid);
    if (ours === "no" || (ours === "unknown" && waitedMs > WAIT_FOR_UNKNOWN_MS)) {
      await disarm(home, noted.pid);
      return undefined;
    }
    if (noted.state === "ready") {
      await mustHavePassword(home, noted.pid);
      const answer = await servesOurData(home, noted.port).catch((err) => {
        failure = err;
        return false;
      });
      if (answer) return { pid: noted.pid, port: noted.port };
    }
    if (waitedMs > WAIT_MS) throw silent(home, noted.pid, failure);
    await delay(20);
  }
}

/** The note as a caller wants it who only asks about a server that is there. */
export async function readPidFile(home: Home): Promise<Note | undefined> {
  const noted = await readNote(home);
  return typeof noted === "string" ? undefined : noted;
}

interface Note extends Server {
  state: string;
}

/** What a postmaster notes about itself: pid, data folder, start, port, socket, address, memory, state. */
async function readNote(home: Home): Promise<Note | "nothing" | "unreadable"> {
  const text = await readFile(pidFile(home), "utf8").catch((err) => {
    if (err.code === "ENOENT") return undefined;
    throw err;
  });
  if (text === undefined) return "nothing";
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!(pid > 0)) return "unreadable";
  return { pid, port: Number(lines[3]), state: lines[7]?.trim() ?? "" };
}

/** Above the numbers that any system gives to processes. */
const NO_PROCESS = 2 ** 30;

/**
 * Postgres itself overlooks a file that names a dead process, but gives way to any living one. Then we
 * put a number there that no process has, and keep the rest: removing the file would also remove the
 * note of the shared memory by which Postgres sees that children of a killed server still write.
 */
async function disarm(home: Home, pid: number): Promise<void> {
  if (!exists(pid) && !isUnburied(pid)) return;
  const text = await readFile(pidFile(home), "utf8");
  await writeFile(pidFile(home), [String(NO_PROCESS), ...text.split("\n").slice(1)].join("\n"));
}

/** A zombie: gone for us, there for Postgres. */
function isUnburied(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function mustHavePassword(home: Home, pid: number): Promise<void> {
  if (await stat(home.password).catch(() => undefined)) return;
  throw new UserError(
    `${home.password} is gone while a database server (process ${pid}) still runs: stop the LogHunter that uses it, or end that process, and start again.`,
  );
}

function silent(home: Home, pid: number, cause: unknown): UserError {
  return new UserError(
    `The database server of ${home.folder} (process ${pid}) runs but does not let us in; see ${home.log}, or end that process, and start again.`,
    { cause },
  );
}

function pidFile(home: Home): string {
  return path.join(home.data, "postmaster.pid");
}
