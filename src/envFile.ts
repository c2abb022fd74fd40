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
  const values = Object.entries(parseEnv(text));
  // A line without "=" is read as the beginning of the next one's name, and both would do nothing.
  const odd = values.find(([name]) => !/^\w+$/.test(name));
  if (odd !== undefined) {
    const line = text.slice(0, text.indexOf(odd[0])).split("\n").length;
    throw new UserError(
      `Line ${line} of ${FILE} in the working directory is not of the form NAME=value. Correct it, or begin it with #.`,
    );
  }
  for (const [name, value] of values) env[name] ??= value;
  return true;
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
