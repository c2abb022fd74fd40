import { lstat, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { UserError } from "./errors.ts";

const ELSEWHERE = "set STATE_DIR to a folder that LogHunter may write";

/**
 * Makes a folder, and those above it that are missing.
 * `mkdir` of Node could do it by itself, but says ENOENT where the file system is read-only, and never
 * returns where nothing can be made, as in /proc (Node 20.20).
 * @param elsewhere what else can be done, as the end of that sentence
 * @throws UserError with one sentence on what is in the way.
 */
export async function makeFolder(folder: string, elsewhere = ELSEWHERE): Promise<void> {
  let at = path.resolve(folder);
  try {
    const missing: string[] = [];
    for (; !(await isFolder(at, elsewhere)); at = path.dirname(at)) missing.unshift(at);
    for (at of missing) await makeOne(at, elsewhere);
  } catch (err) {
    throw explainFile(err, at, elsewhere) ?? err;
  }
}

/** False where there is nothing. */
async function isFolder(file: string, elsewhere: string): Promise<boolean> {
  const found = await stat(file).catch((err: NodeJS.ErrnoException) => {
    // Below a file there is nothing either: the file is found on the way up.
    if (err.code === "ENOENT" || err.code === "ENOTDIR") return undefined;
    throw err;
  });
  if (found?.isDirectory()) return true;
  if (found !== undefined) throw inTheWay(file, elsewhere);
  const isLink = await lstat(file).then(
    (link) => link.isSymbolicLink(),
    () => false,
  );
  if (!isLink) return false;
  throw new UserError(
    `${file} is a link to something that does not exist: make what it leads to, or ${elsewhere}.`,
  );
}

async function makeOne(folder: string, elsewhere: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (err) {
    // Another process was quicker.
    if (await isFolder(folder, elsewhere)) return;
    throw err;
  }
}

/**
 * What a person can put right about a file or folder of the state, in one sentence.
 * Undefined for any other error.
 * @param where the file or folder; the error's own path says it better where it has one
 */
export function explainFile(err: unknown, where: string, elsewhere = ELSEWHERE): UserError | undefined {
  if (err instanceof UserError) return err;
  const { code, syscall, path: own } = err as NodeJS.ErrnoException;
  const file = own ?? where;
  switch (code) {
    case "EROFS":
      return new UserError(`${file} is on a file system that can only be read: ${elsewhere}.`, {
        cause: err,
      });
    case "EACCES":
    case "EPERM":
      return new UserError(
        `LogHunter has no access to ${file}: give it to the account that LogHunter runs as, or ${elsewhere}.`,
        { cause: err },
      );
    case "ENOSPC":
    case "EDQUOT":
      return new UserError(`The disk that holds ${where} is full: free some space and start again.`, {
        cause: err,
      });
    case "ENOTDIR":
    case "EEXIST":
      return inTheWay(file, elsewhere, err);
    case "EISDIR":
      return new UserError(`${file} is a folder where a file is needed: move it away and start again.`, {
        cause: err,
      });
    case "ELOOP":
      return new UserError(`${file} is a link that leads back to itself: mend it, or ${elsewhere}.`, {
        cause: err,
      });
    case "ENAMETOOLONG":
      return new UserError(`A name in ${file} is too long for a file: ${elsewhere}.`, { cause: err });
    case "ENOENT":
      // Elsewhere it is a file of the program that is missing, which is another trouble.
      if (syscall !== "mkdir" && file !== where) return undefined;
      return new UserError(`${file} cannot be made there: ${elsewhere}.`, { cause: err });
    default:
      return undefined;
  }
}

function inTheWay(file: string, elsewhere: string, cause?: unknown): UserError {
  return new UserError(`${file} is a file where a folder is needed: move it away, or ${elsewhere}.`, {
    cause,
  });
}
