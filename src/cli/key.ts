import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readKey } from "../keys/apiKey.ts";
import { CliError, EXIT } from "./exit.ts";

export interface KeySources {
  /** LOGHUNTER_KEY. */
  key?: string | undefined;
  /** LOGHUNTER_KEY_FILE. */
  file?: string | undefined;
  /** The user's configuration folder: XDG_CONFIG_HOME, else ~/.config. */
  configDirectory: string;
}

/**
 * The API key, from the environment or from a file that nobody else may read. There is no argument for it: others on the machine
 * see those, and the shell keeps them.
 */
export async function findKey({ key, file, configDirectory }: KeySources): Promise<string> {
  if (key !== undefined && key.trim() !== "") return checked(key.trim(), "LOGHUNTER_KEY");
  const path = file ?? join(configDirectory, "loghunter", "key");
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0 && process.platform !== "win32")
      throw new CliError(`Others may read ${path}. Take that from them: chmod 600 ${path}`, EXIT.notAllowed);
    return checked((await readFile(path, "utf8")).trim(), path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `There is no API key. Put it into ${path} (chmod 600), or into the environment as LOGHUNTER_KEY. An admin makes one in the key channel: keys create`,
      EXIT.notAllowed,
    );
  }
}

/** A typing error is found before it is sent anywhere. */
function checked(key: string, where: string): string {
  if (readKey(key) !== undefined) return key;
  throw new CliError(
    `What stands in ${where} is no API key: copy it anew, from lh_ to its last character.`,
    EXIT.notAllowed,
  );
}
