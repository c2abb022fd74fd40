/**
 * A cache that may forget everything at any moment: nothing that must not be lost lives here.
 * `adapters/memory` and `adapters/redis` implement it under one contract suite.
 * Keys are whole (`keys.ts` builds them and each starts with the tenant's id).
 */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs how long the value lives; a positive whole number of milliseconds. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Takes one place in a sliding window: at any instant at most `limit` takes of the last
   * `windowMs` were allowed, whatever their phase. A refused take does not count.
   */
  take(key: string, limit: number, windowMs: number): Promise<WindowTake>;
  /** Whether it answers now; sentences for people. */
  health(): Promise<CacheHealth>;
  close(): Promise<void>;
}

export interface CacheHealth {
  ok: boolean;
  summary: string;
  /** What does not serve although it answers, each with what mends it. */
  warnings: string[];
}

export type WindowTake = { allowed: true; remaining: number } | { allowed: false; retryAfterMs: number };

/** A cache that can only reach one tenant's keys. Made by `cacheFor(cache, tenantId)` in keys.ts. */
export interface TenantCache {
  readonly tenantId: string;
  get(key: TenantKey): Promise<string | undefined>;
  set(key: TenantKey, value: string, ttlMs: number): Promise<void>;
  delete(key: TenantKey): Promise<void>;
  take(key: TenantKey, limit: number, windowMs: number): Promise<WindowTake>;
}

/** The kinds of key there are (data.md, "Redis"). */
export type TenantKey =
  | { kind: "lokiQuery"; hash: string }
  | { kind: "baseline"; service: string }
  | { kind: "ratelimit"; apiKeyId: string }
  | { kind: "job"; jobId: string };

/** Keys of what happens before a tenant is known: the one of an installation that is only just asked for. */
export type KeyOfNobody = { kind: "once"; word: string };
