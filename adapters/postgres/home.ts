import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../../src/errors.ts";
import { makeFolder } from "../../src/folder.ts";
import { type Account, closedParent, isRoot, ownerOf, serverAccount } from "./account.ts";
import { friendly } from "./failures.ts";

/** Where one embedded server keeps everything: paths are absolute and without symbolic links. */
export interface Home {
  folder: string;
  data: string;
  password: string;
  log: string;
  /** The port of the last start: taken again, so that clients of a server that died find the next one. */
  port: string;
  instances: string;
  /** Who the server runs as; undefined when that is ourselves. */
  account: Account | undefined;
}

export const NOTE = "data-is-elsewhere.txt";

/**
 * The asked directory, made and checked; as root, when the server's account cannot reach it (a checkout
 * under /root), a folder of its own in the first shelter that works: always the same for the same directory.
 */
export async function openHome(asked: string, shelters: readonly string[]): Promise<Home> {
  try {
    await makeFolder(asked);
    const here = await realpath(asked);
    if (isRoot()) return await openHomeAsRoot(here, shelters);
    await refuseForeignNote(here);
    return await settle(here, undefined);
  } catch (err) {
    throw friendly(err, asked);
  }
}

/** Places that survive a reboot, and where no cleaner of temporary files comes, first. */
export function shelters(): string[] {
  return [process.platform === "darwin" ? "/var/db/loghunter" : "/var/lib/loghunter", "/var/tmp/loghunter"];
}

async function openHomeAsRoot(here: string, shelters: readonly string[]): Promise<Home> {
  const data = path.join(here, "data");
  const account = await serverAccount(data);
  const closed = await closedParent(here, account);
  const open = closed === undefined || closed === here; // settle opens `here` itself.
  if ((await ownerOf(data)) !== undefined) {
    if (open) return settle(here, account);
    throw new UserError(
      `The database in ${here} cannot be reached by the account ${account.name}, because ${closed} is closed to it: run chmod o+x on that folder, or move the database to an open place.`,
    );
  }
  const sheltered = shelters.map((parent) => path.join(parent, nameOf(here)));
  for (const folder of sheltered) {
    // Data of earlier starts stay in use, also when the way to the asked directory was opened since.
    if (await ownerOf(path.join(folder, "data"))) return shelterIn(folder, here);
  }
  if (open) return settle(here, account);
  let cause: unknown;
  for (const folder of sheltered) {
    try {
      return await shelterIn(folder, here);
    } catch (err) {
      cause = err;
    }
  }
  throw new UserError(
    `PostgreSQL does not run as root, and no folder was found that the account ${account.name} can reach: run LogHunter as an ordinary user, or set DATABASE_URL.`,
    { cause },
  );
}

function nameOf(directory: string): string {
  return createHash("sha256").update(directory).digest("hex").slice(0, 16);
}

async function shelterIn(folder: string, here: string): Promise<Home> {
  const parent = path.dirname(folder);
  if (await mkdir(parent, { recursive: true })) await chmod(parent, 0o711);
  if ((await ownerOf(parent))?.uid !== 0) throw new Error(`${parent} is not root's`);
  await mkdir(folder, { recursive: true });
  const account = await serverAccount(path.join(folder, "data"));
  const home = await settle(await realpath(folder), account);
  const closed = await closedParent(home.folder, account);
  if (closed !== undefined) throw new Error(`${closed} is closed to ${account.name}`);
  await writeFile(path.join(here, NOTE), `${home.folder}\n`);
  return home;
}

/** Binaries may be run from here and the password lies here: nobody else may be able to change it. */
async function settle(folder: string, account: Account | undefined): Promise<Home> {
  if (process.platform !== "win32") {
    const { uid, mode } = await stat(folder);
    const trusted = [process.getuid?.(), 0, account?.uid];
    if (!trusted.includes(uid)) {
      throw new UserError(
        `${folder} belongs to another account of this machine: choose a folder of your own.`,
      );
    }
    const wanted = account === undefined ? 0o700 : 0o711;
    if ((mode & 0o777) !== wanted) await chmod(folder, wanted);
  }
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    data: at("data"),
    password: at("password"),
    log: at("server.log"),
    port: at("port"),
    instances: at("instances"),
    account,
  };
}

async function refuseForeignNote(here: string): Promise<void> {
  const note = path.join(here, NOTE);
  const elsewhere = await readFile(note, "utf8").catch(() => undefined);
  if (elsewhere === undefined || (await ownerOf(path.join(here, "data"))) !== undefined) return;
  throw new UserError(
    `The database of ${here} was made by root and is in ${elsewhere.trim()}: start as root again, or remove ${note} to start with an empty one.`,
  );
}
