import { randomBytes, randomUUID } from "node:crypto";
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../../src/errors.ts";
import type { Binaries } from "./binaries.ts";
import { SUPERUSER } from "./connection.ts";
import { failureOf } from "./failures.ts";
import type { Home } from "./home.ts";
import { run } from "./processes.ts";

const MAJOR = "15";
const UNFINISHED = "unfinished-";

/** Whether there is a cluster to start. Throws when there is something else. */
export async function hasCluster(home: Home): Promise<boolean> {
  if ((await stat(home.data).catch(() => undefined)) === undefined) return false;
  const major = (
    await readFile(path.join(home.data, "PG_VERSION"), "utf8").catch((err) => {
      if (err.code === "ENOENT") return "";
      throw err;
    })
  ).trim();
  if (major === MAJOR) return true;
  throw new UserError(
    major === ""
      ? `${home.data} is not a database: move it away and start again.`
      : `The database in ${home.data} was made by PostgreSQL ${major}, and this LogHunter brings PostgreSQL ${MAJOR}: move that folder away to start with an empty one, or serve it with PostgreSQL ${major} and set DATABASE_URL.`,
  );
}

/** Makes the cluster beside its place and moves it there when complete, so that no half one is ever found. */
export async function createCluster(home: Home, binaries: Binaries, durable: boolean): Promise<void> {
  await removeUnfinished(home);
  const unfinished = path.join(home.folder, UNFINISHED + randomUUID());
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, newPassword(), { mode: 0o600 });
    await give(home, unfinished, passwordFile);
    const made = await run(
      binaries.initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--no-instructions",
        "--no-sync", // All at once below is quicker, and tests do without.
      ],
      home.account,
    );
    if (made.code !== 0) throw failureOf(made.output, home.folder);
    if (durable) await sync(home, binaries, unfinished);
    if (home.account) await chown(passwordFile, 0, 0);
    await rename(passwordFile, home.password);
    await rename(unfinished, home.data);
    if (durable) await syncFolder(home.folder);
  } catch (err) {
    await removeUnfinished(home);
    throw err;
  }
}

/** Sets a new password when the file that held it is gone. The server must not run. */
export async function ensurePassword(home: Home, binaries: Binaries): Promise<void> {
  if (await stat(home.password).catch(() => undefined)) return;
  const password = newPassword();
  const { code, output } = await run(
    binaries.postgres,
    ["--single", "-D", home.data, "postgres"],
    home.account,
    `alter role ${SUPERUSER} password '${password}'\n`,
  );
  if (code !== 0) throw failureOf(output, home.folder);
  await writeFile(home.password, password, { mode: 0o600 });
}

/** Hexadecimal: it goes into an address and a statement as it is. */
function newPassword(): string {
  return randomBytes(24).toString("hex");
}

async function give(home: Home, ...files: string[]): Promise<void> {
  if (home.account === undefined) return;
  for (const file of files) await chown(file, home.account.uid, home.account.gid);
}

async function sync(home: Home, binaries: Binaries, data: string): Promise<void> {
  const synced = await run(binaries.initdb, [`--pgdata=${data}`, "--sync-only"], home.account);
  if (synced.code !== 0) throw failureOf(synced.output, home.folder);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Folders cannot be opened there.
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

/** An initdb whose parent was killed may still be writing into its folder: what resists goes next time. */
async function removeUnfinished(home: Home): Promise<void> {
  for (const name of await readdir(home.folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    await rm(path.join(home.folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
