import { setTimeout as delay } from "node:timers/promises";

/** Waits, and no longer than until the signal is aborted. Never throws. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export const pause: Pause = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
};

/** What a promise brings, or the other thing where it takes longer or fails. */
export async function within<T, U>(ms: number, promise: Promise<T>, otherwise: U): Promise<T | U> {
  const given = new AbortController();
  try {
    return await Promise.race([promise, pause(ms, given.signal).then(() => otherwise)]);
  } catch {
    return otherwise;
  } finally {
    given.abort();
  }
}
