import { access, constants, readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { UserError } from "./errors.ts";

const FILE = ".env";

/**
 * Adds what stands in `.env` of the working directory to an environment; what is set already stays.
 * @returns whether there is such a file
 * @throws UserError where it cannot be read, or is not of that form; never with what stands in it
 */
export async function addEnvFile(env: Record<string, string | undefined>): Promise<boolean> {
  const text = await readIfThere();
  if (text === undefined) return false;
  const line = oddLine(text);
  if (line !== undefined)
    throw new UserError(
      `Line ${line} of ${FILE} in the working directory is not of the form NAME=value. Correct it, or begin it with #.`,
    );
  const own = { ...env };
  for (const [name, value] of Object.entries(parseEnv(text)))
    if (own[otherFormOf(name)] === undefined) env[name] ??= value;
  return true;
}

/** A setting may stand in a file, which `<name>_FILE` names: what is set in either form is set. */
function otherFormOf(name: string): string {
  return name.endsWith("_FILE") ? name.slice(0, -"_FILE".length) : `${name}_FILE`;
}

/** The number of the first line that `parseEnv` would pass over without a word, or read as a part of the next. */
function oddLine(text: string): number | undefined {
  /** Of a value that goes on. */
  let quote: string | undefined;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    const value = /^\s*(?:export\s+)?\w+\s*=\s*(.*)$/.exec(line)?.[1];
    if (value === undefined) return at + 1;
    const [first = ""] = value;
    if (/["'`]/.test(first) && !value.slice(1).includes(first)) quote = first;
  }
  return undefined;
}

async function readIfThere(): Promise<string | undefined> {
  try {
    return await readFile(FILE, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "no reason given";
    // A folder of that name holds something else, as Python's do.
    if (code === "ENOENT" || code === "EISDIR") return undefined;
    // Whoever is started in a folder of somebody else's has no file there.
    if (!(await isOpen("."))) return undefined;
    throw new UserError(
      `The file ${FILE} of the working directory cannot be read (${code}). Correct its rights, or take it away.`,
    );
  }
}

async function isOpen(folder: string): Promise<boolean> {
  return access(folder, constants.X_OK).then(
    () => true,
    () => false,
  );
}
