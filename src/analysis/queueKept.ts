import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { InTurn } from "./inTurn.ts";

/** What is not queued by then is resumed, as what a killed process left is. */
const TRIES = 20;
const AGAIN_MS = 1_000;

/**
 * Queues what is kept. Where the queue cannot be reached just now that is tried again, and nobody waits for it: told as not done, it would
 * be answered all the same.
 */
export async function queueKept(
  { inTurn, log }: { inTurn: Pick<InTurn, "queueNext">; log: Log },
  scope: TenantScope,
  id: string,
): Promise<void> {
  try {
    await inTurn.queueNext(scope, id);
  } catch (err) {
    log.warn({ err, id }, "what was asked is kept, and cannot be queued yet");
    void queueLater(() => inTurn.queueNext(scope, id));
  }
}

async function queueLater(queue: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    await sleep(AGAIN_MS, undefined, { ref: false });
    try {
      return await queue();
    } catch {
      // As before: it has been told of once.
    }
  }
}
