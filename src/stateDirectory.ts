import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { explainFile, makeFolder } from "./folder.ts";

/**
 * Kept between starts, so that a page that is open finds its way back after a restart.
 * @throws UserError where it cannot be kept.
 */
export async function consoleToken(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, "console-token");
  const kept = await readFile(file, "utf8").catch(() => "");
  if (/^[\w-]{32,}$/.test(kept.trim())) return kept.trim();
  const token = randomBytes(24).toString("base64url");
  await keep(stateDirectory, "console-token", token);
  return token;
}

/**
 * The instant that the recorded incidents are shown as. It stays the same when LogHunter is started again while they go on: times
 * that were shown before stay true. Once they have come to their end, a start shows them anew.
 */
export async function replayedAsMs(
  stateDirectory: string,
  nowMs: number,
  runsForMs: number,
): Promise<number> {
  const kept = Number(await readFile(join(stateDirectory, "replayed-as"), "utf8").catch(() => ""));
  return kept > 0 && kept <= nowMs && nowMs - kept < runsForMs ? kept : nowMs;
}

/** To be called when they can be seen: a start that fails before shows nothing of them. @throws UserError where it cannot be kept. */
export async function keepReplayedAs(stateDirectory: string, asMs: number): Promise<void> {
  await keep(stateDirectory, "replayed-as", String(asMs));
}

/** @throws UserError where the folder cannot be made or written. */
async function keep(stateDirectory: string, name: string, text: string): Promise<void> {
  await makeFolder(stateDirectory);
  const file = join(stateDirectory, name);
  await writeFile(file, `${text}\n`, { mode: 0o600 }).catch((err: unknown) => {
    throw explainFile(err, file) ?? err;
  });
}

/**
 * Where LogHunter keeps what is its own unless STATE_DIR says otherwise: in a clone beside package.json; of an installed package, whose folder
 * npm empties as it likes, where programs of a user keep such things: https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function usualStateDirectory(root: string, xdgStateHome: string | undefined): string {
  if (!root.includes(`${sep}node_modules${sep}`)) return join(root, ".loghunter");
  return join(xdgStateHome || join(homedir(), ".local", "state"), "loghunter");
}
