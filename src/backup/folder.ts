import { open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../errors.ts";
import { explainFile, makeFolder } from "../folder.ts";
import { manifestOf } from "./manifest.ts";

/** A finished dump in the folder. */
export interface Dump {
  file: string;
  madeAtMs: number;
}

const ELSEWHERE = "set BACKUP_DIR to a folder that LogHunter may write";
const DAY_MS = 24 * 60 * 60_000;
const UNFINISHED = ".unfinished";

/** @throws UserError where it cannot be made */
export async function makeBackupFolder(folder: string): Promise<void> {
  await makeFolder(folder, ELSEWHERE).catch((err: unknown) => {
    throw plainly(err, folder);
  });
}

/** Without its cause, which the shell would be told as something that does not answer. */
function plainly(err: unknown, where: string): unknown {
  const explained = explainFile(err, where, ELSEWHERE);
  return explained === undefined ? err : new UserError(explained.message);
}

/** `loghunter-20260131T030000Z.dump`: the time in UTC, so that names stand in order. */
export function fileOf(folder: string, madeAtMs: number): string {
  const stamp = new Date(madeAtMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return path.join(folder, `loghunter-${stamp}Z.dump`);
}

/** The finished dumps, newest first. */
export async function listDumps(folder: string): Promise<Dump[]> {
  const names = await readdir(folder).catch((err: NodeJS.ErrnoException) => {
    if (err.code === "ENOENT") return [];
    throw plainly(err, folder);
  });
  return names
    .flatMap((name) => {
      const [, day, hour, minute, second] = /^loghunter-(\d{8})T(\d\d)(\d\d)(\d\d)Z\.dump$/.exec(name) ?? [];
      if (day === undefined) return [];
      const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
      const madeAtMs = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
      return Number.isNaN(madeAtMs) ? [] : [{ file: path.join(folder, name), madeAtMs }];
    })
    .sort((a, b) => b.madeAtMs - a.madeAtMs);
}

/** An empty file under a temporary name that nobody else can read. @returns its name */
export async function beginFile(file: string): Promise<string> {
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}${UNFINISHED}`);
  await writeFile(unfinished, "", { mode: 0o600 }).catch((err: unknown) => {
    throw plainly(err, unfinished);
  });
  return unfinished;
}

/** Puts both in their places once they are on the disk: the manifest first, so that no dump is without one. */
export async function finishFiles(unfinished: string, file: string, manifest: string): Promise<void> {
  const folder = path.dirname(file);
  const unfinishedManifest = await beginFile(manifestOf(file));
  try {
    await writeFile(unfinishedManifest, manifest);
    for (const one of [unfinished, unfinishedManifest]) await sync(one);
    await rename(unfinishedManifest, manifestOf(file));
    await rename(unfinished, file);
    await sync(folder);
  } catch (err) {
    await rm(unfinishedManifest, { force: true });
    throw plainly(err, folder);
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file);
  await handle.sync().finally(() => handle.close());
}

/** Removes dumps past their days, but never `newest`, which is known to be good. @returns how many */
export async function removeOld(
  folder: string,
  newest: string,
  keepDays: number,
  nowMs: number,
): Promise<number> {
  const old = (await listDumps(folder)).filter(
    ({ file, madeAtMs }) => file !== newest && madeAtMs < nowMs - keepDays * DAY_MS,
  );
  for (const { file } of old) {
    // The dump first: what is there has its manifest.
    await rm(file, { force: true });
    await rm(manifestOf(file), { force: true });
  }
  await removeUnfinished(folder, nowMs);
  return old.length;
}

/** What backups that were killed have left; one that is at work was written to in the last day. */
async function removeUnfinished(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(".loghunter-") || !name.endsWith(UNFINISHED)) continue;
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < nowMs - DAY_MS) await rm(file, { force: true });
  }
}
