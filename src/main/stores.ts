import { join } from "node:path";
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
export function openCache(env: Environment, log: Log, metrics: Metrics, chosen: Chosen[]): Cache {
  if (env.redisUrl === undefined) {
    chosen.push(["Cache", "this process's memory (no REDIS_URL)"]);
    return watchedCache(createMemoryCache({ now: Date.now }), metrics);
  }
  chosen.push(["Cache", "Redis of REDIS_URL"]);
  return watchedCache(
    createRedisCache({ url: env.redisUrl, log, failed: countCacheFailures(metrics) }),
    metrics,
  );
}
