import type { Cache } from "../cache/cache.ts";
import { kindOf } from "../cache/keys.ts";
import type { Metrics } from "./metrics.ts";

/** The same cache, which tells what it knew. */
export function watchedCache(cache: Cache, metrics: Metrics): Cache {
  return {
    async get(key) {
      const value = await cache.get(key);
      const outcome = value === undefined ? "miss" : "hit";
      metrics.count("loghunter_cache_reads_total", { kind: kindOf(key), outcome });
      return value;
    },
    set: (key, value, ttlMs) => cache.set(key, value, ttlMs),
    delete: (key) => cache.delete(key),
    take: (key, limit, windowMs) => cache.take(key, limit, windowMs),
    health: () => cache.health(),
    close: () => cache.close(),
  };
}

/** For a cache of which somebody else has to say that it did not answer: to whoever asks, it has just forgotten. */
export function countCacheFailures(metrics: Metrics): (operation: string) => void {
  return (operation) => {
    metrics.count("loghunter_cache_failures_total", { operation });
    if (operation === "take") metrics.count("loghunter_limits_counted_alone_total", {});
  };
}
