import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, readdir } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../errors.ts";
import type { Variables } from "./connection.ts";

/** PostgreSQL's own programs, of one version. */
export interface Programs {
  pgDump: string;
  pgRestore: string;
  psql: string;
  major: number;
}

/** Where they are when PATH does not lead to them; `*` is a version. */
const USUAL_FOLDERS = [
  "/usr/lib/postgresql/*/bin", // Debian and Ubuntu
  "/usr/pgsql-*/bin", // Red Hat, from PostgreSQL's own packages
  "/opt/homebrew/opt/libpq/bin",
  "/usr/local/opt/libpq/bin",
];

/**
 * The programs that fit a server: of its own version, else of the next newer one.
 * @param folder where they are, when somebody said it
 * @throws UserError with the command that installs them
 */
export async function findPrograms(
  server: number,
  folder: string | undefined,
  env: Variables,
): Promise<Programs> {
  const onPath = (env.PATH ?? "").split(path.delimiter).filter((part) => part !== "");
  const folders = folder === undefined ? [...onPath, ...(await usualFolders())] : [folder];
  const found: Programs[] = [];
  for (const at of folders) {
    const programs = await programsIn(at, env);
    if (programs !== undefined) found.push(programs);
    if (programs?.major === server) return programs;
  }
  const newer = found.filter(({ major }) => major > server).sort((a, b) => a.major - b.major);
  if (newer[0] !== undefined) return newer[0];
  throw new UserError(found[0] === undefined ? missing(server, folder) : older(found[0].major, server));
}

async function usualFolders(): Promise<string[]> {
  const folders = await Promise.all(
    USUAL_FOLDERS.map(async (usual) => {
      const [before = "", after] = usual.split("*");
      if (after === undefined) return [usual];
      const names = await readdir(path.dirname(`${before}x`)).catch(() => []);
      const prefix = path.basename(`${before}x`).slice(0, -1);
      return names
        .filter((name) => name.startsWith(prefix))
        .map((name) => path.join(path.dirname(`${before}x`), name, after));
    }),
  );
  return folders.flat();
}

async function programsIn(folder: string, env: Variables): Promise<Programs | undefined> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const [pgDump = "", pgRestore = "", psql = ""] = ["pg_dump", "pg_restore", "psql"].map((name) =>
    path.join(folder, name + suffix),
  );
  const all = await Promise.all([pgDump, pgRestore, psql].map(isProgram));
  if (all.includes(false)) return undefined;
  const said = await runProgram(pgDump, ["--version"], { env: { PATH: env.PATH ?? "" } }).catch(
    () => undefined,
  );
  const major = /\(PostgreSQL\) (\d+)/.exec(said?.out ?? "")?.[1];
  return major === undefined ? undefined : { pgDump, pgRestore, psql, major: Number(major) };
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function missing(server: number, folder: string | undefined): string {
  const where = folder === undefined ? "on this machine" : `in ${folder}, the folder of PG_BIN`;
  return `pg_dump, pg_restore and psql are not ${where}. ${howToInstall(server)}`;
}

function older(found: number, server: number): string {
  return `The pg_dump on this machine is of PostgreSQL ${found}, and the server is PostgreSQL ${server}: an older one cannot read it. ${howToInstall(server)}`;
}

function howToInstall(server: number): string {
  return `Install them: apt-get install postgresql-client-${server} (Debian, Ubuntu), dnf install postgresql${server} (Red Hat), apk add postgresql${server}-client (Alpine), brew install libpq (macOS). Or set PG_BIN to the folder they are in.`;
}

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface RunOptions {
  env: Record<string, string>;
  /** Ends the program. */
  signal?: AbortSignal | undefined;
}

const KEPT_CHARS = 16_000;

/** Runs a program to its end; of what it said on stderr the last is kept. */
export async function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const err = keepLast(child);
  const code = await ended(child);
  return { code, out, err: err() };
}

/** What a program said on stderr, its last 16,000 characters. */
export function keepLast(child: ChildProcess): () => string {
  let kept = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    kept = (kept + text).slice(-KEPT_CHARS);
  });
  return () => kept;
}

/** @throws where it could not be started, or was ended by its signal */
export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code));
  });
}

/**
 * Why a program of PostgreSQL failed, for people. Only its first complaint is told, and none of the details below it: they
 * can quote rows.
 */
export function failureOf(program: string, err: string, where: string): Error {
  if (/No space left on device|Disk quota exceeded/.test(err)) {
    return new UserError(`The disk that holds ${where} is full. Free some space on it, then try again.`);
  }
  if (/row-level security/.test(err)) return new UserError(SEES_TOO_LITTLE);
  if (/lock timeout|canceling statement due to lock/.test(err)) {
    return new UserError(
      "Something else holds tables of the database. If LogHunter runs on it, stop it first; then try again.",
    );
  }
  const complaint = /(?:error|ERROR|FATAL|PANIC): +(.*)/.exec(err)?.[1] ?? "it did not say why";
  return new Error(`${path.basename(program)} failed: ${complaint.slice(0, 300)}`);
}

/** Half a dump is worse than none. */
export const SEES_TOO_LITTLE =
  "The login of DATABASE_URL does not see the rows of all organisations, and a dump has to hold every row. Let an administrator of the server make one that does, and give the backup its address. The first two lines are for backups, the others for drills:\n  create role loghunter_backup login bypassrls password '…';\n  grant pg_read_all_data to loghunter_backup;\n  alter role loghunter_backup createdb;\n  grant loghunter_app, loghunter_directory to loghunter_backup;";
