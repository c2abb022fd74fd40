import type { Delivery } from "./platform.ts";

/**
 * Lets a post or an edit take so long and no longer, then gives it up: what has not answered by then may
 * or may not stand there. Never throws.
 */
export async function bounded(
  send: (signal: AbortSignal) => Promise<Delivery>,
  timeoutMs: number,
): Promise<Delivery> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Delivery>((resolve) => {
    timer = setTimeout(() => {
      giveUp.abort();
      resolve({ outcome: "unknown", why: "no answer in time" });
    }, timeoutMs);
  });
  try {
    return await Promise.race([send(giveUp.signal), timeout]);
  } catch (cause) {
    return { outcome: "unknown", why: cause instanceof Error ? cause.message : "failed" };
  } finally {
    clearTimeout(timer);
  }
}
