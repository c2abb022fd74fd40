import type { Cache } from "../cache/cache.ts";
import { kindOf } from "../cache/keys.ts";
import type { Metrics } from "./metrics.ts";

/** The same cache, which tells what it knew, and whom a limit turned away. */
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
    async take(key, limit, windowMs) {
      const take = await cache.take(key, limit, windowMs);
      if (!take.allowed) metrics.count("loghunter_limits_refused_total", { kind: kindOf(key) });
      return take;
    },
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
