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
  const windows = new Map<string, Window>();

  /** The window with what left it dropped: a place taken exactly windowMs ago is free again. */
  function current(key: string, windowMs: number): { window: Window; at: number } {
    const window = windows.get(key) ?? { takenAtMs: [], from: 0 };
    const at = Math.max(now(), window.takenAtMs.at(-1) ?? Number.NEGATIVE_INFINITY);
    while ((window.takenAtMs[window.from] ?? Number.POSITIVE_INFINITY) <= at - windowMs) window.from++;
    // Thrown away by halves, so that a window of thousands is not copied at each take.
    if (window.from > 64 && window.from > window.takenAtMs.length / 2) {
      window.takenAtMs = window.takenAtMs.slice(window.from);
      window.from = 0;
    }
    windows.delete(key); // and in again at the end: a Map remembers the order
    if (window.takenAtMs.length > window.from) windows.set(key, window);
    return { window, at };
  }

  function count(key: string, window: Window, at: number): void {
    window.takenAtMs.push(at);
    windows.set(key, window);
    const oldest = windows.keys().next();
    if (windows.size > maxKeys && !oldest.done) windows.delete(oldest.value);
  }

  return {
    take(key, limit, windowMs) {
      requireWindow(limit, windowMs);
      const { window, at } = current(key, windowMs);
      const taken = window.takenAtMs.length - window.from;
      // When the limit was lowered meanwhile, the place that must leave first is not the oldest.
      const inTheWay = taken < limit ? undefined : window.takenAtMs[window.takenAtMs.length - limit];
      if (inTheWay !== undefined)
        return { allowed: false, retryAfterMs: Math.ceil(inTheWay + windowMs - at) };
      count(key, window, at);
      return { allowed: true, remaining: limit - taken - 1 };
    },
    note(key, windowMs) {
      const { window, at } = current(key, windowMs);
      count(key, window, at);
    },
  };
}

interface Window {
  /** When its places were taken, oldest first; those before `from` have left it. */
  takenAtMs: number[];
  from: number;
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
