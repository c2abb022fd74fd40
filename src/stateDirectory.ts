import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** Long enough to stop and start again in the middle of an incident, and short enough that it still is the present. */
const REPLAY_FOR_MS = 30 * 60_000;

/**
 * The instant that the recorded incidents are shown as. It stays the same when LogHunter is started again
 * within half an hour: times that were shown before stay true.
 */
export async function replayedAsMs(stateDirectory: string, nowMs: number): Promise<number> {
  const kept = Number(await readFile(join(stateDirectory, "replayed-as"), "utf8").catch(() => ""));
  if (kept > 0 && kept <= nowMs && nowMs - kept < REPLAY_FOR_MS) return kept;
  await keep(stateDirectory, "replayed-as", String(nowMs));
  return nowMs;
}

/** @throws UserError where the folder cannot be made or written. */
async function keep(stateDirectory: string, name: string, text: string): Promise<void> {
  await makeFolder(stateDirectory);
  const file = join(stateDirectory, name);
  await writeFile(file, `${text}\n`, { mode: 0o600 }).catch((err: unknown) => {
    throw explainFile(err, file) ?? err;
  });
}
