import { setImmediate as turn } from "node:timers/promises";
import type { After } from "../../../src/models/deadline.ts";

/** Time that passes when a test says so. */
export interface Clock {
  now: () => number;
  after: After;
  /** Lets time pass, and what was waiting for it do its work. */
  pass(ms: number): Promise<void>;
  /** Timers that are set. */
  waiting(): number;
}

export function createClock(): Clock {
  let nowMs = 1_000_000;
  const timers = new Set<{ atMs: number; then: () => void }>();
  return {
    now: () => nowMs,
    after(ms, then) {
      const timer = { atMs: nowMs + ms, then };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        await turn();
        const [next] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.then();
      }
      nowMs = untilMs;
    },
    waiting: () => timers.size,
  };
}
