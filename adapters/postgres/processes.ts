import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import type { Account } from "./account.ts";

/**
 * `<pid>-<when it started>`: tells a process from a later one with the same number, which is the rule
 * and not the exception where a container always runs us as process 1.
 */
export function markOf(pid: number): string {
  return `${pid}-${startOf(pid) ?? "gone"}`;
}

export function isAlive(mark: string): boolean {
  const pid = Number.parseInt(mark, 10);
  return exists(pid) && markOf(pid) === mark;
}

/** Whether the process runs: a dead one that nobody has buried yet does not. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === "EPERM";
  }
  return procStat(pid)?.state !== "Z";
}

/** Whether process `pid` is a postmaster on `data`; "unknown" where only a connection can tell. */
export function isPostmasterOf(data: string, pid: number): "yes" | "no" | "unknown" {
  if (!exists(pid)) return "no";
  if (process.platform === "win32") return "unknown";
  const known = procStat(pid);
  if (known !== undefined) return known.name === "postgres" && folderOf(pid) === data ? "yes" : "no";
  const command = ps(pid, "command=");
  if (command === undefined) return "unknown";
  if (!command.includes("postgres")) return "no";
  return command.includes(data) ? "yes" : "unknown";
}

/** What every PostgreSQL program is started with. The variables of libpq must not reach it. */
export function surroundings(account: Account | undefined) {
  if (process.platform === "win32") return { windowsHide: true };
  return {
    cwd: path.sep, // Our own may be closed to the account.
    // TZ spares initdb a search through all time zones; LC_ALL keeps messages in the words failures.ts knows.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    ...(account && { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program to its end and returns all it said. */
export async function run(
  file: string,
  args: readonly string[],
  account: Account | undefined,
  input = "",
): Promise<{ code: number | null; output: string }> {
  const child = spawn(file, args, { ...surroundings(account), stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  child.stdin.on("error", () => undefined); // It ended before it read: the exit code tells.
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

function startOf(pid: number): string | undefined {
  if (process.platform === "win32") return "0"; // There is no cheap way to ask.
  return procStat(pid)?.start ?? ps(pid, "lstart=")?.replace(/\W+/g, "_");
}

function procStat(pid: number): { name: string; state: string; start: string } | undefined {
  if (process.platform !== "linux") return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name stands in brackets and may itself hold brackets and spaces. Fields: man 5 proc.
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  return { name: text.slice(text.indexOf("(") + 1, close), state: fields[0] ?? "", start: fields[19] ?? "" };
}

/** A postmaster's working folder is its data folder. */
function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}
