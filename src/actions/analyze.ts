import { type Conversation, queuedConversations } from "../analysis/conversations.ts";
import { findCluster, type StoredCluster } from "../clusters/store.ts";
import { type AnalyzeParts, startAnalysis } from "../commands/analyze.ts";
import { MAX_SINCE_MS } from "../commands/options.ts";
import { UserError } from "../errors.ts";
import type { TimeRange } from "../logs/source.ts";
import { type ActionHandler, conversationOf, isRowId, type Press } from "./action.ts";

/** "Look again" under a root cause: the same question about a window of the same length that ends now. */
export function againAction({ analyst, now }: AnalyzeParts): ActionHandler {
  return {
    name: "again",
    opens: "answer",
    role: "responder",
    async run(press) {
      const { service, namespace, window } = await conversationOf(press);
      const toMs = now();
      await notTwice(press, service);
      return startAnalysis(
        analyst,
        underPressed(press),
        { service, namespace },
        { fromMs: toMs - (window.toMs - window.fromMs), toMs },
      );
    },
  };
}

/** "Root cause" under a list of errors. */
export function rootCauseAction({ analyst, now }: AnalyzeParts): ActionHandler {
  return {
    name: "rootcause",
    opens: "answer",
    role: "responder",
    async run(press) {
      const cluster = isRowId(press.subject)
        ? await findCluster(press.workspace().scope, press.subject)
        : undefined;
      if (cluster === undefined)
        throw new UserError("Those errors are no longer kept. Ask with analyze and the service's name.");
      const { service, namespace } = cluster;
      await notTwice(press, service);
      return startAnalysis(analyst, underPressed(press), { service, namespace }, windowOf(cluster, now()));
    },
  };
}

/** @throws UserError where that is being looked for already: a second press is the first one. */
async function notTwice(press: Press, service: string): Promise<void> {
  const { channel, thread } = underPressed(press).place;
  const waiting = await queuedConversations(press.workspace());
  const isSame = (one: Conversation) =>
    one.at?.channel === channel &&
    one.thread === thread &&
    one.service === service &&
    one.onceId !== press.id;
  if (waiting.some(isSame))
    throw new UserError(`The cause of ${service} is being looked for already, in this thread.`);
}

/** Answers to a press stand in the thread under what was pressed. */
function underPressed(press: Press): Press {
  return { ...press, place: { ...press.place, thread: press.place.thread ?? press.message.id } };
}

/** So much after the last line belongs to the question too: did it stop, did others follow? */
const AFTERWARDS_MS = 5 * 60_000;
/** Shorter would hold little more than what came afterwards. */
const MIN_WINDOW_MS = 15 * 60_000;

/** As long as the window that the list of errors showed, and around the errors, however late the press. */
function windowOf({ window, lastSeenMs }: StoredCluster, nowMs: number): TimeRange {
  const toMs = Math.min(nowMs, lastSeenMs + AFTERWARDS_MS);
  const lengthMs = Math.min(MAX_SINCE_MS, Math.max(MIN_WINDOW_MS, window.toMs - window.fromMs));
  return { fromMs: toMs - lengthMs, toMs };
}
