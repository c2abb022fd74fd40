import type { AnomalyEvent } from "./store.ts";

/** How long it went on: until somebody resolved it, or what was odd was over, or now. */
export function lastedMs(
  { startedAtMs, lastOddAtMs, resolvedAtMs, resolvedBy }: AnomalyEvent,
  nowMs: number,
): number {
  if (resolvedAtMs === undefined) return nowMs - startedAtMs;
  return (resolvedBy === undefined ? lastOddAtMs : resolvedAtMs) - startedAtMs;
}
