import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../src/errors.ts";
import { isAlive, markOf } from "./processes.ts";

const WAIT_MS = 120_000;
/** No start or stop takes this long: a holder that looks alive is another process with its number. */
const STALE_AFTER_MS = 10 * 60_000;
/** A file is empty for the moment between its making and its writing. */
const EMPTY_FOR_MS = 5_000;

/**
 * Does `work` while no other process that asks for the same folder does.
 * Node has no file locks that end with their holder, and removing a dead holder's lock file is a race
 * between all who find it. So a lock file is never reused: whoever comes next makes the file with the
 * next number, which only one of them can.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const release = await acquire(folder);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(folder: string): Promise<() => Promise<void>> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const turn = await newestTurn(folder);
    const holder = await holderOf(fileOf(folder, turn));
    if (holder === undefined) {
      const release = await take(folder, turn + 1);
      if (release) return release;
    } else if (Date.now() > deadline) {
      throw new UserError(
        `Another LogHunter (process ${holder}) has been starting or stopping the database in ${folder} for minutes: end that process and start again.`,
      );
    }
    await delay(10);
  }
}

async function take(folder: string, turn: number): Promise<(() => Promise<void>) | undefined> {
  const file = fileOf(folder, turn);
  try {
    await writeFile(file, markOf(process.pid), { flag: "wx" });
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    await rm(file, { force: true }); // On a full disk the file is made and stays empty.
    throw err;
  }
  // While we looked, others may have taken this turn, given it back and removed its file.
  if ((await newestTurn(folder)) !== turn) {
    await rm(file, { force: true });
    return undefined;
  }
  await rm(fileOf(folder, turn - 1), { force: true });
  return () => writeFile(file, "free").catch(() => rm(file, { force: true }));
}

/** The pid that holds the lock, or undefined when it is free or its holder is gone. */
async function holderOf(file: string): Promise<number | undefined> {
  const [mark, found] = await Promise.all([
    readFile(file, "utf8").catch(() => "free"),
    stat(file).catch(() => undefined),
  ]);
  if (mark === "free" || found === undefined) return undefined;
  const ageMs = Date.now() - found.mtimeMs;
  if (mark === "") return ageMs > EMPTY_FOR_MS ? undefined : 0;
  return ageMs < STALE_AFTER_MS && isAlive(mark) ? Number.parseInt(mark, 10) : undefined;
}

async function newestTurn(folder: string): Promise<number> {
  const turns = (await readdir(folder)).flatMap((name) => {
    const turn = /^lock\.(\d+)$/.exec(name)?.[1];
    return turn === undefined ? [] : [Number(turn)];
  });
  return Math.max(0, ...turns);
}

function fileOf(folder: string, turn: number): string {
  return path.join(folder, `lock.${turn}`);
}
