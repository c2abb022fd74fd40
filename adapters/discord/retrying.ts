import type { Done } from "./api.ts";
import type { Failure } from "./errors.ts";
import { pause, type Waits } from "./waits.ts";

export interface Patience {
  now: () => number;
  waits: Waits;
  /** Aborted when LogHunter stops: what waits then is given up. */
  stopping: AbortSignal;
}

/**
 * Tries until it is done, refused, or there is no time left: answers to what people do have no outbox behind them.
 * Discord's own wishes of when to ask again are kept.
 */
export async function retrying<T>(
  attempt: (again: boolean) => Promise<Done<T> | Failure>,
  { now, waits, stopping }: Patience,
  untilMs = now() + waits.answerMs,
): Promise<Done<T> | Failure> {
  let pauseMs = waits.pauseMs;
  let unknown = false;
  for (;;) {
    const outcome = await attempt(unknown);
    if (!isPassing(outcome)) return outcome;
    unknown ||= outcome.kind === "unknown";
    const waitMs = outcome.kind === "later" ? outcome.afterMs : pauseMs;
    pauseMs = Math.min(pauseMs * 2, waits.longestPauseMs);
    if (now() + waitMs > untilMs || stopping.aborted) return outcome;
    await pause(waitMs, stopping);
    if (stopping.aborted) return outcome;
  }
}

function isPassing(outcome: Done<unknown> | Failure): outcome is Failure {
  return outcome.kind === "later" || outcome.kind === "not sent" || outcome.kind === "unknown";
}
