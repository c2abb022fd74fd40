import { randomUUID } from "node:crypto";
import { access, constants, rm, statfs, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { calledAs } from "../calledAs.ts";
import type { Database } from "../database.ts";
import { databaseTrouble } from "../databaseTrouble.ts";
import { explainFile } from "../folder.ts";
import type { Keyring } from "../secrets/keyring.ts";
import { inspectSealed } from "../tenancy/installations.ts";
import type { Check } from "./check.ts";
import { type Found, ill, well } from "./found.ts";

/** With less PostgreSQL stops writing soon: its log of changes alone takes files of 16 MB. */
const FULL_BYTES = 200 * 1024 ** 2;
const LOW_BYTES = 2 * 1024 ** 3;
/** As of a large disk that is filling. */
const LOW_SHARE = 0.05;
const FREE = "Free some space: df -h shows what is full, du -sh what fills it.";

/** The disk of a folder that LogHunter writes to: room on it, and whether it can be written to. Its path is not said: chats have other readers. */
export function diskCheck(folder: string, { mayBeMissing = false } = {}): Check {
  return { name: "disk", fix: "Check STATE_DIR.", run: async () => [await disk(folder, mayBeMissing)] };
}

/** @param mayBeMissing whoever looks may do so before the first start, which makes it */
async function disk(folder: string, mayBeMissing: boolean): Promise<Found> {
  const file = join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(file, "doctor\n", { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT")
      return { state: "failure", finding: "The disk of the data folder is full.", fix: FREE };
    if (code === "ENOENT" && mayBeMissing && (await canBeMade(folder)))
      return { state: "unseen", finding: "There is no data folder yet: LogHunter makes it when it starts." };
    const told = explainFile(error, "the data folder")?.message ?? "The data folder cannot be written to.";
    return ill(
      "failure",
      capital(told.replaceAll(file, "the data folder")),
      "Check STATE_DIR, and who owns it.",
    );
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
  const { bavail, blocks, bsize } = await statfs(folder);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const finding = `${sizeText(free)} of ${sizeText(all)} are free on the disk of the data folder.`;
  if (free < FULL_BYTES)
    return {
      state: "failure",
      finding,
      fix: FREE,
    };
  if (free < LOW_BYTES && free < all * LOW_SHARE)
    return {
      state: "warning",
      finding,
      fix: "Free some space soon, or shorten what is kept: tenant retention.",
    };
  return well(finding);
}

async function canBeMade(folder: string): Promise<boolean> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const error = await access(at, constants.W_OK | constants.X_OK).then(
      () => undefined,
      (err: NodeJS.ErrnoException) => err,
    );
    if (error === undefined) return true;
    if (error.code !== "ENOENT" || at === dirname(at)) return false;
  }
}

/** The keys that tokens at rest are sealed with. */
export function sealedCheck(database: Pick<Database, "directory">, keyring: Keyring | undefined): Check {
  return {
    name: "encryption keys",
    standsOn: "schema",
    fix: "Check the database.",
    async run() {
      const sealed = await inspectSealed(database, keyring).catch((error: unknown) => {
        throw databaseTrouble(error) ?? error;
      });
      return foundInSealed(sealed, keyring !== undefined);
    },
  };
}

function foundInSealed(
  { all, closed, old }: Awaited<ReturnType<typeof inspectSealed>>,
  hasKeys: boolean,
): Found[] {
  if (all === 0) return [well(hasKeys ? "Set; no token is stored." : "None is needed: no token is stored.")];
  if (!hasKeys)
    return [
      {
        state: "failure",
        finding: `ENCRYPTION_KEYS is not set, and ${all} stored installations are sealed.`,
        fix: "Set ENCRYPTION_KEYS to the keys that sealed them, and restart.",
      },
    ];
  const found: Found[] = [];
  if (closed > 0)
    found.push({
      state: "failure",
      finding: `${closed} of ${all} stored installations are sealed with a key that is not in ENCRYPTION_KEYS.`,
      fix: "Put that key back, behind the one in use; where it is lost, install LogHunter in those workspaces again.",
    });
  if (old > 0)
    found.push({
      state: "warning",
      finding: `${old} of ${all} stored installations are sealed with an older key.`,
      fix: ["Run: ", { code: calledAs("reencrypt") }, "; then the older key can be taken out."],
    });
  return found.length > 0 ? found : [well(`All ${all} stored installations open, with the key in use.`)];
}

function sizeText(bytes: number): string {
  const gb = bytes / 1024 ** 3;
  return gb >= 1 ? `${gb.toFixed(gb >= 10 ? 0 : 1)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
