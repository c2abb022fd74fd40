import { readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";

/** An account of the machine, to run the server as: PostgreSQL refuses to run as root. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whom root runs the server as: the owner of the data when there are some, else nobody. */
export async function serverAccount(data: string): Promise<Account> {
  const owner = await ownerOf(data);
  if (owner !== undefined && owner.uid !== 0) return { name: `with the number ${owner.uid}`, ...owner };
  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  const fields = accounts
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === "nobody");
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  // macOS writes nobody's -2, which setuid takes only as the unsigned number it stands for.
  return { name: "nobody", uid: (uid || 65534) >>> 0, gid: (gid || 65534) >>> 0 };
}

export async function ownerOf(file: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid };
}

/** The first folder on the way down to `folder`, itself included, that the account may not enter. */
export async function closedParent(folder: string, account: Account): Promise<string | undefined> {
  const parts = (await realpath(folder)).split(path.sep);
  for (let depth = 1; depth <= parts.length; depth++) {
    const step = parts.slice(0, depth).join(path.sep) || path.sep;
    const { uid, gid, mode } = await stat(step);
    const mayEnter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & mayEnter) === 0) return step;
  }
  return undefined;
}
