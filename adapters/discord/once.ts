import type { Acts } from "../../src/chat/acts.ts";
import type { Log } from "../../src/log.ts";
import { createRecent } from "./recent.ts";

/** Each act of a person once, however often the gateway delivers it: after a reconnection it replays what it sent. */
export interface Once {
  /** Whether this process sees the act for the first time; it has seen it then. */
  isNew(actId: string): boolean;
  /** Whether no other process has it in hand. Where that cannot be asked it goes on: twice is better than never. */
  begin(workspace: string, actId: string): Promise<boolean>;
  end(workspace: string, actId: string): Promise<void>;
  /** Keeps account of work in hand. Never fails. */
  inHand(work: Promise<void>): void;
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
}

export function createOnce({ acts, log }: { acts: Acts; log: Log }): Once {
  const seen = createRecent<true>(REMEMBERED);
  const working = new Set<Promise<void>>();
  const at = (workspace: string) => ({ platform: "discord", workspace });

  return {
    isNew(actId) {
      if (seen.get(actId)) return false;
      seen.set(actId, true);
      return true;
    },
    async begin(workspace, actId) {
      try {
        return await acts.begin(at(workspace), actId);
      } catch (err) {
        log.warn({ err, act: actId }, "discord: it could not be asked whether an act is in hand elsewhere");
        return true;
      }
    },
    async end(workspace, actId) {
      try {
        await acts.end(at(workspace), actId);
      } catch (err) {
        log.warn({ err, act: actId }, "discord: it could not be noted that an act is done");
      }
    },
    inHand(work) {
      const kept = work
        .catch((err) => log.error({ err }, "discord: an act failed"))
        .finally(() => working.delete(kept));
      working.add(kept);
    },
    async settled() {
      await Promise.allSettled(working);
    },
  };
}

/** More than a reconnection replays. */
const REMEMBERED = 5_000;
