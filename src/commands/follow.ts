import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, MessageRef } from "../chat/platform.ts";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LogLine, LogSource } from "../logs/source.ts";
import { type Tailed, tailLines } from "../logs/tail.ts";
import type { Workspace } from "../tenancy/directory.ts";

export interface FollowerParts {
  logs: LogSource;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
  /** How often new lines are looked for, and so how often a message changes at most. */
  everyMs: number;
}

/** A message that shows lines as they come, until its time is over. */
export interface Following {
  workspace: Workspace;
  query: Tailed;
  fromMs: number;
  untilMs: number;
  /** @param ended nothing more will come */
  card(lines: readonly LogLine[], ended: boolean): Promise<Card>;
}

export interface Follower {
  /** @throws UserError where an organisation follows enough already. */
  reserve(following: Following): { begin(message: MessageRef): void };
  /** Ends what is followed; the messages say so. */
  stop(): Promise<void>;
}

/** Each is a query every few seconds. */
const MOST_OF_A_TENANT = 3;
/** What a message shows at most; the older ones go. */
const MOST_LINES = 200;
const EDIT_TIMEOUT_MS = 5_000;

export function createFollower({ logs, platforms, log, now, everyMs }: FollowerParts): Follower {
  const stopping = new AbortController();
  const running = new Map<Following, Promise<void>>();

  return {
    reserve(following) {
      const { tenantId } = following.workspace.scope;
      const others = [...running.keys()].filter((one) => one.workspace.scope.tenantId === tenantId);
      if (others.length >= MOST_OF_A_TENANT) {
        throw new UserError(
          `${MOST_OF_A_TENANT} searches are being followed already. Wait until one has ended, or search without follow.`,
        );
      }
      return {
        begin(message) {
          const run = follow(following, message)
            .catch((err: unknown) => log.warn({ err }, "could not follow a search any further"))
            .finally(() => running.delete(following));
          running.set(following, run);
        },
      };
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };

  async function follow(following: Following, message: MessageRef): Promise<void> {
    const platform = platforms.find(({ name }) => name === following.workspace.platform);
    if (platform === undefined) return;
    const show = async (ended: boolean) => {
      const card = await following.card(shown, ended);
      await bounded((signal) => platform.edit(message, card, signal), EDIT_TIMEOUT_MS);
    };
    let shown: LogLine[] = [];
    const { query, fromMs, untilMs, workspace } = following;
    const ending = AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.max(1, untilMs - now()))]);
    const parts = { logs, now, everyMs, sleep: (ms: number) => sleepUnless(ms, ending) };
    try {
      for await (const fresh of tailLines(parts, workspace.scope.lokiOrgId, query, fromMs, ending)) {
        shown = [...shown, ...fresh].slice(-MOST_LINES);
        await show(false);
      }
    } finally {
      await show(true);
    }
  }
}

function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
