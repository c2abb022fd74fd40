import type { Acts } from "../../src/chat/acts.ts";
import type { Log } from "../../src/log.ts";
import { createRecent } from "./recent.ts";

/** Does each act once, however often Slack delivers it, here and in other processes. */
export interface Once {
  /** False where it was begun before, here: it can be known at once. */
  isNew(actId: string): boolean;
  /** Runs it unless another process has it. Never rejects. */
  run(workspace: string, actId: string, act: () => Promise<void>): Promise<void>;
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
}

export function createOnce(acts: Acts, log: Log): Once {
  const begun = createRecent<true>(REMEMBERED);
  const inHand = new Set<Promise<void>>();

  async function run(workspace: string, actId: string, act: () => Promise<void>): Promise<void> {
    const at = { platform: "slack", workspace };
    try {
      if (!(await begin(at, actId))) return;
      await act();
    } catch (err) {
      log.error({ err, workspace, act: actId }, "slack: an act failed");
    }
    try {
      await acts.end(at, actId);
    } catch (err) {
      log.warn({ err }, "slack: an act could not be noted as done");
    }
  }

  async function begin(at: { platform: string; workspace: string }, actId: string): Promise<boolean> {
    try {
      return await acts.begin(at, actId);
    } catch (err) {
      // What is known here keeps it from being done twice by this process.
      log.warn({ err }, "slack: an act is done although it could not be noted");
      return true;
    }
  }

  return {
    isNew(actId) {
      if (begun.get(actId) === true) return false;
      begun.set(actId, true);
      return true;
    },
    run(workspace, actId, act) {
      const running = run(workspace, actId, act);
      inHand.add(running);
      running.finally(() => inHand.delete(running));
      return running;
    },
    async settled() {
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
  };
}

/**
 * Slack delivers again at once, after a minute and after five (https://docs.slack.dev/apis/events-api#retries). Of
 * 30,000 events an hour, the most it sends, this is more than ten minutes.
 */
const REMEMBERED = 10_000;
