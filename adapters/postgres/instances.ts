import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAlive, markOf } from "./processes.ts";

/** Notes that this process uses the server. @returns how to take the note back. */
export async function signIn(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, `${markOf(process.pid)}.${randomUUID().slice(0, 8)}`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, "");
  return () => rm(file, { force: true });
}

/** Whether a living process still uses the server; notes of dead ones are removed. */
export async function othersAreUsing(folder: string): Promise<boolean> {
  let used = false;
  for (const name of await readdir(folder)) {
    if (isAlive(name.split(".")[0] ?? "")) used = true;
    else await rm(path.join(folder, name), { force: true });
  }
  return used;
}
