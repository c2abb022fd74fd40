import { createHash } from "node:crypto";
import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace-base";

export interface SpanIds {
  traceId: string;
  spanId: string;
}

/** Ids of spans: by chance, but of acts by what the act is called, so that any process can go on below it. */
export interface ActIds extends IdGenerator {
  /** The same for the same act, always and everywhere. */
  of(actId: string): SpanIds;
  /** Starts a span that gets these. */
  next<T>(ids: SpanIds, start: () => T): T;
}

export function createActIds(): ActIds {
  const chance = new RandomIdGenerator();
  let given: SpanIds | undefined;
  return {
    generateTraceId: () => given?.traceId ?? chance.generateTraceId(),
    generateSpanId: () => given?.spanId ?? chance.generateSpanId(),
    of(actId) {
      // An id that a platform gave is nobody else's to read: its hash says nothing of it.
      const hash = createHash("sha256").update(`act ${actId}`).digest("hex");
      return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) };
    },
    next(ids, start) {
      given = ids;
      try {
        return start(); // which asks for its ids before it comes back
      } finally {
        given = undefined;
      }
    },
  };
}
