import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startEmbeddedPostgres } from "../../adapters/postgres/index.ts";
import { watchPostgres } from "../../adapters/postgres/watch.ts";
import { createRedisCache } from "../../adapters/redis/index.ts";
import type { Cache } from "../cache/cache.ts";
import type { Environment } from "../config.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import { countCacheFailures, watchedCache } from "../telemetry/cache.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** PostgreSQL for a machine that has none. @returns its address */
export async function embeddedDatabase(
  stateDirectory: string,
  lifecycle: Lifecycle,
  log: Log,
  chosen: Chosen[],
): Promise<string> {
  const options = { directory: join(stateDirectory, "postgres"), log };
  const server = await startEmbeddedPostgres(options);
  lifecycle.onStop("embedded PostgreSQL", () => server.stop());
  const watch = watchPostgres(server, options);
  lifecycle.onStop("watch over PostgreSQL", () => watch.stop());
  chosen.push([
    "Database",
    `embedded PostgreSQL 15, ${HOW[server.how]} ${server.dataDirectory} (no DATABASE_URL)`,
  ]);
  return server.url;
}

const HOW = { created: "new in", started: "from", adopted: "already running in" } as const;

/** Redis, where the environment names one. What is asked of it is counted, whoever asks. */
export function openCache(env: Environment, log: Log, metrics: Metrics): Cache {
  // Not by the clock of the machine: set back an hour, it would let no key make a request for as long.
  const now = () => performance.now();
  if (env.redisUrl === undefined) return watchedCache(createMemoryCache({ now }), metrics);
  return watchedCache(
    createRedisCache({ url: env.redisUrl, log, failed: countCacheFailures(metrics) }),
    metrics,
  );
}

/** LogHunter works without Redis, so its start does not wait for one that hangs. */
const REDIS_WITHIN_MS = 2_000;

/** For the start's report. */
export async function cacheInWords(env: Environment, cache: Cache): Promise<string> {
  if (env.redisUrl === undefined) return "this process's memory (no REDIS_URL)";
  const late = sleep(REDIS_WITHIN_MS, undefined, { ref: false }).then(() => ({
    summary: `Redis of REDIS_URL has not answered for ${REDIS_WITHIN_MS / 1_000} s: until it does nothing is cached, and limits are kept per process`,
  }));
  return (await Promise.race([cache.health(), late])).summary;
}
