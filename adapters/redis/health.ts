import type { CacheHealth } from "../../src/cache/cache.ts";

/** What is tested. Older ones know no functions of the window's script, and get no fixes. */
const OLDEST = 7;
/** Redis answers in well under one; each request of the API waits for it. */
export const SLOW_MS = 100;
/** Of its memory: from there on it is near to refusing, or to forgetting. */
const FULL = 0.95;

/**
 * Whether a Redis that answers serves as a cache.
 * @param info of INFO: where CONFIG is closed, as with most providers, it is still answered
 */
export function healthOf(info: string, ms: number): CacheHealth {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\s*$`, "m").exec(info)?.[1];
  const version = value("redis_version") ?? "";
  const most = Number(value("maxmemory") ?? 0);
  const used = Number(value("used_memory") ?? 0);
  const warnings: string[] = [];
  if (version !== "" && Number.parseInt(version, 10) < OLDEST)
    warnings.push(`Redis is of version ${version}. Run Redis ${OLDEST} or newer.`);
  if (most > 0 && value("maxmemory_policy") === "noeviction") {
    // Nothing here must be kept, jobs least of all: those are in PostgreSQL.
    warnings.push(
      "Redis refuses what is new once its memory is full (maxmemory-policy noeviction): then nothing is cached, and limits are kept per process. Run: redis-cli config set maxmemory-policy allkeys-lru",
    );
  }
  if (most > 0 && used > most * FULL)
    warnings.push(
      `Redis uses ${Math.round((used / most) * 100)} % of its memory. Raise maxmemory: what is forgotten early is asked of the logs again.`,
    );
  if (ms > SLOW_MS)
    warnings.push(
      `Redis takes ${Math.round(ms)} ms to answer, and each request of the API waits for it. Run it nearer to LogHunter, or unset REDIS_URL where there is one LogHunter.`,
    );
  const name = version === "" ? "Redis" : `Redis ${version}`;
  return { ok: true, summary: `${name} answers in ${Math.ceil(ms)} ms`, warnings };
}

/** @param error why the last question had no answer, if it is known */
export function awayBecause(error: unknown): CacheHealth {
  const said = error instanceof Error ? error.message : "";
  const without = "nothing is cached, limits are kept per process";
  const summary = REFUSED.test(said)
    ? `Redis refuses the user or password of REDIS_URL: ${without}. Correct them, then restart LogHunter.`
    : `Redis does not answer: ${without}`;
  return { ok: false, summary, warnings: [] };
}

/** Beginnings of Redis's errors; the last is of those before 6. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:AUTH|invalid password))/;
