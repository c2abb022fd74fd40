import type { WindowTake } from "./cache.ts";

/** Sliding windows of one process: what the memory cache counts with, and Redis's stand-in while it is away. */
export interface SlidingWindows {
  /** As `Cache.take`. */
  take(key: string, limit: number, windowMs: number): WindowTake;
  /** Counts a place that someone else allowed. */
  note(key: string, windowMs: number): void;
}

/**
 * @param now milliseconds; a step back is read as standing still.
 * @param maxKeys beyond it the window that was untouched longest is forgotten.
 */
export function createSlidingWindows(now: () => number, maxKeys: number): SlidingWindows {
  /** When the places of each window were taken, oldest first; never more than its limit. */
  const windows = new Map<string, number[]>();

  /** The window with what left it dropped: a place taken exactly windowMs ago is free again. */
  function current(key: string, windowMs: number): { takenAtMs: number[]; at: number } {
    const takenAtMs = windows.get(key) ?? [];
    const at = Math.max(now(), takenAtMs.at(-1) ?? Number.NEGATIVE_INFINITY);
    const kept = takenAtMs.filter((taken) => taken > at - windowMs);
    windows.delete(key); // and in again at the end: a Map remembers the order
    if (kept.length > 0) windows.set(key, kept);
    return { takenAtMs: kept, at };
  }

  function count(key: string, takenAtMs: number[], at: number): void {
    windows.set(key, [...takenAtMs, at]);
    const oldest = windows.keys().next();
    if (windows.size > maxKeys && !oldest.done) windows.delete(oldest.value);
  }

  return {
    take(key, limit, windowMs) {
      requireWindow(limit, windowMs);
      const { takenAtMs, at } = current(key, windowMs);
      // When the limit was lowered meanwhile, the place that must leave first is not the oldest.
      const inTheWay = takenAtMs[takenAtMs.length - limit];
      if (inTheWay !== undefined)
        return { allowed: false, retryAfterMs: Math.ceil(inTheWay + windowMs - at) };
      count(key, takenAtMs, at);
      return { allowed: true, remaining: limit - takenAtMs.length - 1 };
    },
    note(key, windowMs) {
      const { takenAtMs, at } = current(key, windowMs);
      count(key, takenAtMs, at);
    },
  };
}

export function requireWindow(limit: number, windowMs: number): void {
  requirePositive(limit, "a limit");
  requirePositive(windowMs, "a window");
}

/** A value's life or a limit of zero would mean something else in each adapter; so nowhere. */
export function requirePositive(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${what} must be a positive whole number, not ${value}`);
  }
}
