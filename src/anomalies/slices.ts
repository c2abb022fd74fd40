import type { TimeRange } from "../logs/source.ts";

/** Loki splits longer ranges itself, and one that is given up stalls the next query (its scheduler backs off). */
const SLICE_MS = 60 * 60_000;

/** A range in slices that end on multiples of their length, so that the same one asked twice is the same question. */
export function* slicesOf({ fromMs, toMs }: TimeRange, lengthMs = SLICE_MS): Generator<TimeRange> {
  for (let beginMs = fromMs; beginMs < toMs; ) {
    const endMs = Math.min(toMs, Math.floor(beginMs / lengthMs) * lengthMs + lengthMs);
    yield { fromMs: beginMs, toMs: endMs };
    beginMs = endMs;
  }
}
