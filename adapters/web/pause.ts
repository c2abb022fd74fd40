import { setTimeout as delay } from "node:timers/promises";

/** Waits, and no longer than until the signal is aborted. Keeps no process alive. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { ref: false, ...(signal !== undefined && { signal }) }).catch(() => undefined);
}
