import type { Cache } from "../../src/cache/cache.ts";
import { createSlidingWindows, requirePositive } from "../../src/cache/slidingWindow.ts";

export interface MemoryCacheOptions {
  /** Milliseconds; best one that never steps back (`performance.now`). */
  now: () => number;
  /** Values at most, and windows at most; beyond it the one untouched longest is forgotten. */
  maxEntries?: number;
}

/** So often what has died is looked for: nobody asks again for most of it, such as the lines of a minute. */
const SWEEP_MS = 10_000;

/** The cache of a single process without Redis. It is as forgetful as a cache may be: a restart empties it. */
export function createMemoryCache({ now, maxEntries = 10_000 }: MemoryCacheOptions): Cache {
  const values = new Map<string, { value: string; diesAtMs: number }>();
  const windows = createSlidingWindows(now, maxEntries);
  let sweptAtMs = now();

  function sweep(atMs: number): void {
    if (atMs - sweptAtMs < SWEEP_MS) return;
    sweptAtMs = atMs;
    for (const [key, { diesAtMs }] of values) if (diesAtMs <= atMs) values.delete(key);
  }

  return {
    async get(key) {
      const entry = values.get(key);
      if (entry === undefined) return undefined;
      values.delete(key);
      if (entry.diesAtMs <= now()) return undefined;
      values.set(key, entry); // last in the Map's order: last to be evicted
      return entry.value;
    },
    async set(key, value, ttlMs) {
      requirePositive(ttlMs, "a value's life");
      const atMs = now();
      sweep(atMs);
      values.delete(key);
      values.set(key, { value, diesAtMs: atMs + ttlMs });
      const oldest = values.keys().next();
      if (values.size > maxEntries && !oldest.done) values.delete(oldest.value);
    },
    async delete(key) {
      values.delete(key);
    },
    async take(key, limit, windowMs) {
      return windows.take(key, limit, windowMs);
    },
    async health() {
      return {
        ok: true,
        summary: `in this process's memory, ${values.size} of at most ${maxEntries} values`,
        warnings: [],
      };
    },
    async close() {
      values.clear();
    },
  };
}
