import type { Pause } from "../../../adapters/slack/pause.ts";

/** Time that goes on only where somebody waits, and notes how long they did. */
export function createClock() {
  let ms = Date.now();
  const waits: number[] = [];
  const pause: Pause = async (forMs, signal) => {
    if (signal?.aborted) return;
    waits.push(forMs);
    ms += forMs;
    // What runs beside it gets its turn.
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return {
    waits,
    pause,
    now: () => ms,
    goOn(byMs: number) {
      ms += byMs;
    },
  };
}
