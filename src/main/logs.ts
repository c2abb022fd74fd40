import { setTimeout as sleep } from "node:timers/promises";
import { openLoki } from "../../adapters/loki/index.ts";
import type { TenantCache } from "../cache/cache.ts";
import type { Environment } from "../config.ts";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import { lokiOptions } from "../lokiOptions.ts";
import { readSamples, runsForMs, type Sample } from "../samples.ts";
import type { Chosen } from "../startReport.ts";
import { replayedAsMs } from "../stateDirectory.ts";
import { logFiles } from "./logFiles.ts";

/** Agents send what they read every few seconds, and their queues take a while; a file has it at once. */
const LOKI_LAG_SECONDS = 60;
const FILES_LAG_SECONDS = 5;
/** Whoever waits for the start has the address of the console by then, whatever Loki does. */
const LOKI_WITHIN_MS = 4_000;

export interface OpenLogs {
  logs: LogSource & { close(): Promise<void> };
  lagSeconds: number;
  /** The recorded incidents, where they are shown, and the instant that they are shown as. */
  replay?: { samples: Sample[]; asMs: number };
}

export interface LogsParts {
  org: string;
  stateDirectory: string;
  startedAtMs: number;
  cacheOf: (org: string) => Promise<TenantCache | undefined>;
  log: Log;
}

/** The logs that the environment names: Loki, or files, else the recorded incidents. @throws UserError */
export async function openLogs(env: Environment, parts: LogsParts, chosen: Chosen[]): Promise<OpenLogs> {
  const { org, stateDirectory, startedAtMs, cacheOf, log } = parts;
  const loki = await lokiOptions(env);
  if (loki !== undefined && env.logs !== undefined)
    throw new UserError(
      "Both LOKI_URL and log files are given. Choose one: unset LOKI_URL, or leave LOGS and --logs out.",
    );
  if (loki !== undefined) {
    const logs = await openLoki({ ...loki, cacheOf, log, now: Date.now });
    chosen.push(["Logs", await lokiInWords(logs, org)]);
    return { logs, lagSeconds: env.watchLagSeconds ?? LOKI_LAG_SECONDS };
  }
  const lagSeconds = env.watchLagSeconds ?? FILES_LAG_SECONDS;
  if (env.logs !== undefined)
    return { logs: await logFiles(env, org, [], startedAtMs, log, chosen), lagSeconds };
  const samples = await readSamples();
  const asMs = await replayedAsMs(stateDirectory, startedAtMs, runsForMs(samples));
  const logs = await logFiles(env, org, samples, asMs, log, chosen);
  return { logs, lagSeconds, replay: { samples, asMs } };
}

async function lokiInWords(logs: LogSource, org: string): Promise<string> {
  const late = sleep(LOKI_WITHIN_MS, undefined, { ref: false }).then(() => ({
    summary: `Loki has not answered for ${LOKI_WITHIN_MS / 1_000} s. See that it runs and is not busy; it is asked again by itself`,
  }));
  return (await Promise.race([logs.health(org), late])).summary;
}
