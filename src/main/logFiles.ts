import { setTimeout as sleep } from "node:timers/promises";
import { escapePath } from "tinyglobby";
import { type FilesSource, openFiles } from "../../adapters/files/index.ts";
import type { Environment } from "../config.ts";
import type { Log } from "../log.ts";
import { runsForMs, type Sample } from "../samples.ts";
import type { Chosen } from "../startReport.ts";

/** Small logs are read by then, and the start can say how many lines there are. */
const INDEX_WAIT_MS = 1_000;

/** The log files that the environment names, else the recorded incidents. */
export async function logFiles(
  env: Environment,
  org: string,
  samples: readonly Sample[],
  asMs: number,
  log: Log,
  chosen: Chosen[],
): Promise<FilesSource> {
  const paths = env.logs?.map((pattern) => ({ pattern })) ?? samplePaths(samples, asMs);
  const zoneOffsetMinutes = env.logsUtcOffset ?? 0;
  const logs = await openFiles({ paths, org, now: Date.now, log, zoneOffsetMinutes });
  if (env.logs === undefined) {
    chosen.push([
      "Logs",
      `${samples.length} recorded incidents, replayed as if now until ${clockOf(asMs + runsForMs(samples))} (no LOGS): times inside the lines are older`,
    ]);
  } else {
    await Promise.race([logs.indexed(), sleep(INDEX_WAIT_MS)]);
    chosen.push(["Logs", (await logs.health(org)).summary]);
  }
  return logs;
}

function samplePaths(samples: readonly Sample[], asMs: number) {
  return samples.map(({ directory, namespace, recordedNowMs, recordedToMs }) => ({
    pattern: `${escapePath(directory)}/*.log.gz`,
    namespace,
    replay: { recordedNowMs, asMs, recordedToMs },
  }));
}

/** `05:12:40 UTC`: a terminal has no reader's zone. */
function clockOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`;
}
