import { isDatabaseDown } from "../database.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { Analyst } from "./analyst.ts";
import type { Discussion } from "./discussion.ts";

/** A question still unanswered after this long is queued again; the queue ignores what it already holds. */
const RESUME_AFTER_MS = 20_000;
const RESUME_EVERY_MS = 15_000;

/** Queues again what was asked and never answered: the process died between keeping the question and queueing it. */
export function startResuming(
  directory: TenantDirectory,
  analyst: Pick<Analyst, "resume">,
  discussion: Pick<Discussion, "resume">,
  log: Log,
  now: () => number,
): { stop(): Promise<void> } {
  let resuming: Promise<void> | undefined;
  const resume = async () => {
    for (const { scope, id } of await directory.unansweredConversations(now() - RESUME_AFTER_MS, 100)) {
      await analyst.resume(scope, id);
    }
    for (const { scope, id } of await directory.unansweredTurns(now() - RESUME_AFTER_MS, 100)) {
      await discussion.resume(scope, id);
    }
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
