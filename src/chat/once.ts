import type { Log } from "../log.ts";
import type { Acts } from "./acts.ts";
import { createRecent } from "./recent.ts";

/** Each act of a person once, however often its platform delivers it, here and in other processes. */
export interface Once {
  /** Whether this process sees the act for the first time, which can be known at once; it has seen it then. */
  isNew(actId: string): boolean;
  /** Whether no other process has it in hand. Where that cannot be asked it goes on: twice is better than never. */
  begin(workspace: string, actId: string): Promise<boolean>;
  end(workspace: string, actId: string): Promise<void>;
  /** Keeps account of work in hand. Never rejects. */
  inHand(work: Promise<void>): Promise<void>;
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
}

/**
 * More than any platform delivers again: Slack does so at once, after a minute and after five
 * (https://docs.slack.dev/apis/events-api#retries), and of 30,000 events an hour, the most it sends, this is more than
 * ten minutes.
 */
const REMEMBERED = 10_000;

export function createOnce({ platform, acts, log }: { platform: string; acts: Acts; log: Log }): Once {
  const seen = createRecent<true>(REMEMBERED);
  const working = new Set<Promise<void>>();

  return {
    isNew(actId) {
      if (seen.get(actId)) return false;
      seen.set(actId, true);
      return true;
    },
    async begin(workspace, actId) {
      try {
        return await acts.begin({ platform, workspace }, actId);
      } catch (err) {
        log.warn({ err, platform, act: actId }, "it could not be asked whether an act is in hand elsewhere");
        return true;
      }
    },
    async end(workspace, actId) {
      try {
        await acts.end({ platform, workspace }, actId);
      } catch (err) {
        log.warn({ err, platform, act: actId }, "it could not be noted that an act is done");
      }
    },
    inHand(work) {
      const kept = work
        .catch((err: unknown) => log.error({ err, platform }, "an act failed"))
        .finally(() => working.delete(kept));
      working.add(kept);
      return kept;
    },
    async settled() {
      while (working.size > 0) await Promise.allSettled(working);
    },
  };
}
