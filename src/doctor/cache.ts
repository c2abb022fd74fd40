import type { Cache } from "../cache/cache.ts";
import type { Check } from "./check.ts";
import { foundIn } from "./found.ts";

const FIX = "Start Redis, or correct REDIS_URL; LogHunter finds it again by itself.";

/** Redis, or this process's memory. */
export function cacheCheck(cache: Pick<Cache, "health">): Check {
  return {
    name: "cache",
    fix: FIX,
    run: async () => foundIn(await cache.health(), FIX),
  };
}
