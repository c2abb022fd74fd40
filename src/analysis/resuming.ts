import { isDatabaseDown } from "../databaseTrouble.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { InTurn } from "./inTurn.ts";

/** A question still unanswered after this long is queued again; the queue ignores what it already holds. */
const RESUME_AFTER_MS = 20_000;
const RESUME_EVERY_MS = 15_000;
/** Looked at together: alerts of one tenant may have asked hundreds, and hide nobody else's. */
const MOST = 5_000;

/** Queues again what was asked and never answered: the process died between keeping the question and queueing it. */
export function startResuming(
  directory: TenantDirectory,
  inTurn: Pick<InTurn, "queueNext">,
  log: Log,
  now: () => number,
): { stop(): Promise<void> } {
  let resuming: Promise<void> | undefined;
  const resume = async () => {
    const beforeMs = now() - RESUME_AFTER_MS;
    const waiting = [
      ...(await directory.unansweredConversations(beforeMs, MOST)),
      ...(await directory.unansweredTurns(beforeMs, MOST)),
    ];
    const scopes = new Map<string, TenantScope>(waiting.map(({ scope }) => [scope.tenantId, scope]));
    for (const scope of scopes.values()) await inTurn.queueNext(scope);
  };
  const tick = () => {
    resuming ??= resume()
      .catch((err: unknown) => {
        if (!isDatabaseDown(err)) log.error({ err }, "could not queue again what was asked");
      })
      .finally(() => {
        resuming = undefined;
      });
  };
  tick();
  const timer = setInterval(tick, RESUME_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await resuming;
    },
  };
}
