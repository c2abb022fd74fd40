import { UserError } from "../../src/errors.ts";
import { explainFile } from "../../src/folder.ts";

const SET_URL = "set DATABASE_URL to a PostgreSQL 15 server of your own";

/** How PostgreSQL says it, in SQL: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const SERVER_DISK_FULL = "53100";

/** The error as a UserError when the machine's person can put it right; else as it was. */
export function friendly(err: unknown, folder: string): unknown {
  if (err instanceof UserError) return err;
  const { code, syscall } = err as NodeJS.ErrnoException;
  if (code === SERVER_DISK_FULL) return diskFull(folder, err);
  // Not a permission of files: of becoming another account, which some containers take even from root.
  if (syscall?.startsWith("spawn") && (code === "EPERM" || code === "EINVAL")) {
    return new UserError(
      `PostgreSQL does not run as root, and this process may not start it as another account: run LogHunter as an ordinary user, or ${SET_URL}.`,
      { cause: err },
    );
  }
  if (syscall?.startsWith("spawn")) return doesNotRun(err);
  return explainFile(err, folder) ?? err;
}

export function noPackage(system: string, cause?: unknown): UserError {
  return new UserError(
    `No PostgreSQL for ${system} came with this installation: ${SET_URL}, or run npm install again with optional packages.`,
    { cause },
  );
}

export function doesNotRun(cause: unknown): UserError {
  return new UserError(
    `The PostgreSQL that came with this installation does not run on this system (it needs glibc, so not Alpine): ${SET_URL}.`,
    { cause },
  );
}

/** What made initdb or the server give up, from what it said. `log` is where a person can read more. */
export function failureOf(said: string, folder: string, log?: string): Error {
  const reason = /(?:FATAL|PANIC|ERROR|error): +(.*)/.exec(said)?.[1] ?? said.trim().split("\n").at(-1) ?? "";
  const cause = new Error(reason);
  if (/shared memory/.test(reason) && /No space left/.test(said)) {
    return new UserError(
      "The machine's shared memory (/dev/shm) is full: give it more room, in a container with --shm-size.",
      { cause },
    );
  }
  if (/No space left on device|quota exceeded/i.test(said)) return diskFull(folder, cause);
  if (/error while loading shared libraries|not found \(required by/.test(said)) return doesNotRun(cause);
  if (/wrong ownership|invalid permissions|Permission denied/.test(said)) {
    return new UserError(
      `The database in ${folder} belongs to another account: start LogHunter as that account, or give the folder to yours.`,
      { cause },
    );
  }
  if (/could not look up effective user/.test(said)) {
    return new UserError(
      `PostgreSQL needs its account to have a name, and number ${process.getuid?.()} has none in /etc/passwd: run LogHunter as a named account, or ${SET_URL}.`,
      { cause },
    );
  }
  if (/still in use|lock file .* already exists/.test(said)) {
    return new UserError(
      `Processes of a database server that was killed still use ${folder}: wait until they end, or end them, and start again.`,
      { cause },
    );
  }
  return new Error(`PostgreSQL did not start${log ? `; its log is ${log}` : ""}: ${reason}`);
}

function diskFull(folder: string, cause: unknown): UserError {
  return new UserError(`The disk that holds ${folder} is full: free some space and start again.`, { cause });
}
