import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, Delivery, MessageRef } from "../chat/platform.ts";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LogLine, LogSource } from "../logs/source.ts";
import { type Tailed, tailLines } from "../logs/tail.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";

export interface FollowerParts {
  logs: LogSource;
  directory: Pick<TenantDirectory, "workspaceById">;
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
  /** What stands there instead once the workspace sees the logs of another organisation. */
  movedCard: Card;
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
/** Platforms that ask to wait ask for a minute at most. */
const LAST_TRIES = 5;
const LONGEST_WAIT_MS = 60_000;
/** A message that does not stand by then will not, and whoever asks next need not wait for its turn. */
const SHOWN_WITHIN_MS = 30_000;

export function createFollower(parts: FollowerParts): Follower {
  const { logs, directory, platforms, log, now, everyMs } = parts;
  const stopping = new AbortController();
  const running = new Map<Following, Promise<void>>();
  /** Those whose message is yet to be shown, and since when. */
  const reserved = new Map<Following, number>();

  return {
    reserve(following) {
      const { tenantId } = following.workspace.scope;
      for (const [one, sinceMs] of reserved)
        if (performance.now() - sinceMs > SHOWN_WITHIN_MS) reserved.delete(one);
      const others = [...running.keys(), ...reserved.keys()].filter(
        (one) => one.workspace.scope.tenantId === tenantId,
      );
      if (others.length >= MOST_OF_A_TENANT) {
        throw new UserError(
          `${MOST_OF_A_TENANT} searches are being followed already. Wait until one has ended, or search without follow.`,
        );
      }
      reserved.set(following, performance.now());
      return {
        begin(message) {
          reserved.delete(following);
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
    const edit = (card: Card) => bounded((signal) => platform.edit(message, card, signal), EDIT_TIMEOUT_MS);
    let shown: LogLine[] = [];
    const { query, fromMs, untilMs, workspace } = following;
    // Not AbortSignal.timeout: what only AbortSignal.any listens to is collected before its time is over (Node 20).
    const ending = new AbortController();
    const end = () => ending.abort();
    const timer = setTimeout(end, Math.max(1, untilMs - now()));
    stopping.signal.addEventListener("abort", end);
    if (stopping.signal.aborted) end();
    let hasMoved = false;
    const isStillTheirs = async () => {
      const there = await directory.workspaceById(workspace.scope.tenantId, workspace.id);
      if (there === undefined) {
        hasMoved = true;
        end();
      }
      return there !== undefined;
    };
    const sleep = async (ms: number) => {
      await sleepUnless(ms, ending.signal);
      if (!ending.signal.aborted) await isStillTheirs();
    };
    try {
      const tail = { logs, now: () => Math.min(now(), untilMs), everyMs, sleep };
      const { lokiOrgId } = workspace.scope;
      for await (const fresh of tailLines(tail, lokiOrgId, query, fromMs, ending.signal)) {
        if (!(await isStillTheirs())) break;
        shown = [...shown, ...fresh].slice(-MOST_LINES);
        await edit(await following.card(shown, false));
      }
    } finally {
      clearTimeout(timer);
      stopping.signal.removeEventListener("abort", end);
      await editLast(edit, hasMoved ? following.movedCard : await following.card(shown, true));
    }
  }

  /** No later edit mends it: a message that was not changed would say for good that it goes on. */
  async function editLast(edit: (card: Card) => Promise<Delivery>, card: Card): Promise<void> {
    for (let tries = 1; tries <= LAST_TRIES; tries++) {
      const edited = await edit(card);
      if (edited.outcome === "sent" || edited.outcome === "refused" || stopping.signal.aborted) return;
      const waitMs = edited.outcome === "later" ? edited.afterMs : everyMs * tries;
      await sleepUnless(Math.min(waitMs, LONGEST_WAIT_MS), stopping.signal);
    }
    log.warn({}, "a followed search could not be said to have ended");
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
