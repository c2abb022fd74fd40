import type { Cache, KeyOfNobody, TenantCache, TenantKey, WindowTake } from "./cache.ts";

/**
 * The cache as one tenant sees it: every key starts with the tenant's id, and no other module writes a
 * key string.
 * @param tenantId a uuid; anything else is a mistake in the calling code and throws.
 */
export function cacheFor(cache: Cache, tenantId: string): TenantCache {
  const tenant = uuid(tenantId, "a tenant's id");
  const whole = (key: TenantKey) => `${tenant}:${rest(tenant, key)}`;
  return {
    tenantId: tenant,
    get: async (key) => cache.get(whole(key)),
    set: async (key, value, ttlMs) => cache.set(whole(key), value, ttlMs),
    delete: async (key) => cache.delete(whole(key)),
    take: async (key, limit, windowMs) => cache.take(whole(key), limit, windowMs),
  };
}

/** Stands where a tenant's id does in the key of what belongs to none: no tenant can have it. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** The cache for what is asked before anybody knows whose it is. */
export function cacheForAll(cache: Cache): {
  take(key: KeyOfNobody, limit: number, windowMs: number): Promise<WindowTake>;
} {
  return {
    take: async ({ word: used }, limit, windowMs) =>
      cache.take(`${NOBODY}:once:${word(used, "a word used once")}`, limit, windowMs),
  };
}

/**
 * The four shapes of data.md's table. Two keys are equal only when their parts are: the fixed words tell the
 * kinds apart, and each kind has one free part, the last one, encoded one to one.
 */
function rest(tenant: string, key: TenantKey): string {
  switch (key.kind) {
    case "lokiQuery":
      return `loki:query:${word(key.hash, "a query's hash")}`;
    case "baseline":
      return `baseline:${tenant}:${label(key.service)}`;
    case "ratelimit":
      // A uuid, so that the secret itself can never be put here by mistake.
      return `ratelimit:${uuid(key.apiKeyId, "an API key's id")}`;
    case "job":
      return `job:${word(key.jobId, "a job's id")}`;
  }
}

/** Which kind of key a whole one is, for who counts them. */
export function kindOf(key: string): string {
  const [, kind = ""] = key.split(":", 2);
  return kind === "loki" ? "query" : kind;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WORD = /^[A-Za-z0-9_-]{1,128}$/;

/** What was given is not repeated in the error: it might be a secret in the wrong place. */
function uuid(value: string, what: string): string {
  const lower = value.toLowerCase();
  if (!UUID.test(lower)) throw new Error(`${what} in a cache key must be a uuid`);
  return lower;
}

function word(value: string, what: string): string {
  if (!WORD.test(value)) throw new Error(`${what} in a cache key must be 1 to 128 letters, digits, - or _`);
  return value;
}

/** A service is a label from somebody's logs, any text: percent-encoded, which keeps two names two. */
function label(value: string): string {
  return value.replace(/\p{Surrogate}|\P{Surrogate}+/gu, (part) =>
    // Half of a surrogate pair has no UTF-8: encodeURIComponent throws, and Redis would fold all halves into one.
    /\p{Surrogate}/u.test(part) ? `%u${part.charCodeAt(0).toString(16)}` : encodeURIComponent(part),
  );
}
