import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { codeOf, type Identity } from "./bytes.ts";

/** A file that a pattern leads to, as it was when looked at. */
export interface Found extends Identity {
  /** Written as the operator wrote the pattern, so that messages name what he knows. */
  path: string;
  /** Which of the patterns led here first. */
  pattern: number;
  size: number;
  mtimeNs: bigint;
}

/** Every file the patterns lead to, each once, sorted by path within its pattern; and what cannot be used, one sentence each. */
export async function discover(patterns: readonly string[]): Promise<{ found: Found[]; problems: string[] }> {
  const search: Search = { found: new Map(), problems: [] };
  for (const [index, pattern] of patterns.entries()) await follow(pattern, index, search);
  return { found: [...search.found.values()], problems: search.problems };
}

interface Search {
  found: Map<string, Found>;
  problems: string[];
}

async function follow(pattern: string, index: number, search: Search): Promise<void> {
  const there = await look(pattern, search);
  if (there === "refused") return;
  if (there?.isDirectory()) {
    const before = search.problems.length;
    const count = await walk(pattern, index, search, [idOf(there)]);
    if (count === 0 && search.problems.length === before)
      search.problems.push(`There are no files in ${pattern}.`);
    return;
  }
  if (there !== undefined) {
    add(pattern, index, there, search);
    return;
  }
  if (!isDynamicPattern(pattern)) {
    search.problems.push(`There is no file or folder ${pattern}: check how the path is written.`);
    return;
  }
  const { folder, rest } = fixedFolder(pattern);
  // From there: by itself it begins where the pattern and the working directory part, which this user may not be allowed to list.
  const names = await glob(rest, { cwd: folder, expandDirectories: false, onlyFiles: true });
  const paths = names.map((name) => join(folder, name));
  if (paths.length === 0) search.problems.push(`No file matches ${pattern} so far.`);
  for (const path of paths.sort()) {
    const file = await look(path, search);
    if (file !== undefined && file !== "refused") add(path, index, file, search);
  }
}

/** The folders that a pattern names, and what it matches in them: `/var/log`, `*.log` of `/var/log/*.log`. */
function fixedFolder(pattern: string): { folder: string; rest: string } {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => isDynamicPattern(part) || part.includes("\\"));
  const fixed = parts.slice(0, first).join("/");
  return {
    folder: fixed === "" && pattern.startsWith("/") ? "/" : fixed || ".",
    rest: parts.slice(first).join("/"),
  };
}

/** Hidden files (.git, editors' swap files) are passed over, as a shell's `*` does. */
async function walk(
  folder: string,
  index: number,
  search: Search,
  above: readonly string[],
): Promise<number> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
  } catch (error) {
    search.problems.push(unusable(folder, error));
    return 0;
  }
  let count = 0;
  for (const name of names) {
    const path = join(folder, name);
    // One after the other: 5,000 files take 0.15 s, and all at once took no less.
    const there = await look(path, search);
    if (there === undefined || there === "refused") continue;
    if (!there.isDirectory()) {
      if (add(path, index, there, search)) count++;
      continue;
    }
    // A symbolic link may lead back to a folder it stands in.
    const id = idOf(there);
    if (!above.includes(id)) count += await walk(path, index, search, [...above, id]);
  }
  return count;
}

/** Undefined where nothing is: not a problem of itself, since files may vanish between listing and looking. */
async function look(path: string, search: Search): Promise<BigIntStats | "refused" | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    search.problems.push(unusable(path, error));
    return "refused";
  }
}

function add(path: string, index: number, there: BigIntStats, search: Search): boolean {
  if (!there.isFile()) {
    search.problems.push(`${path} is ${kindOf(there)}, not a file: only files and folders can be read.`);
    return false;
  }
  const id = idOf(there);
  if (!search.found.has(id)) {
    const { dev, ino, mtimeNs } = there;
    search.found.set(id, { path, pattern: index, dev, ino, size: Number(there.size), mtimeNs });
  }
  return true;
}

export function idOf({ dev, ino }: Identity): string {
  return `${dev}:${ino}`;
}

/** One sentence on why a path cannot be read and what helps. */
export function unusable(path: string, error: unknown): string {
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM") {
    return `${path} may not be read by this user: give the user LogHunter runs as the right to read it.`;
  }
  if (code === "ELOOP") return `${path} is a symbolic link that leads back to itself.`;
  if (code === "ENOSPC") return `${path} cannot be unpacked: there is no room left in the temporary folder.`;
  return `${path} cannot be read: the system answers ${code ?? "with an unknown error"}.`;
}

function kindOf(there: BigIntStats): string {
  if (there.isFIFO()) return "a named pipe";
  if (there.isSocket()) return "a socket";
  return "a device";
}
