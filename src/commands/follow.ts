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
  card(seen: Seen, ended: boolean): Promise<Card>;
  /** What stands there instead once the workspace sees the logs of another organisation. */
  movedCard: Card;
}

/** What has come so far. */
export interface Seen {
  /** The newest of them. */
  lines: readonly LogLine[];
  count: number;
  /** The log source did not answer at last, and what came since then is not known. */
  unreadSinceMs?: number | undefined;
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
    let seen: Seen = { lines: [], count: 0 };
    const { query, fromMs, untilMs, workspace } = following;
    let readUntilMs = fromMs;
    // Not AbortSignal.timeout: what only AbortSignal.any listens to is collected before its time is over (Node 20).
    const ending = new AbortController();
    const end = () => ending.abort();
    const waking = new AbortController();
    let isOver = false;
    const timer = setTimeout(
      () => {
        isOver = true;
        waking.abort();
      },
      Math.max(1, untilMs - now()),
    );
    ending.signal.addEventListener("abort", () => waking.abort());
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
      await sleepUnless(ms, waking.signal);
      if (!ending.signal.aborted) await isStillTheirs();
    };
    const reading: LogSource = {
      ...logs,
      async *lines(org, at) {
        yield* logs.lines(org, at);
        readUntilMs = at.toMs;
        seen = { ...seen, unreadSinceMs: undefined };
      },
    };
    const failed = (err: unknown) => {
      if (seen.unreadSinceMs === undefined) log.warn({ err }, "a search that is followed could not be read");
      seen = { ...seen, unreadSinceMs: readUntilMs };
    };
    try {
      const clock = () => (isOver ? untilMs : Math.min(now(), untilMs));
      const tail = { logs: reading, now: clock, everyMs, sleep, lastMs: untilMs, failed };
      const { lokiOrgId } = workspace.scope;
      for await (const fresh of tailLines(tail, lokiOrgId, query, fromMs, ending.signal)) {
        if (!(await isStillTheirs())) break;
        seen = {
          ...seen,
          lines: [...seen.lines, ...fresh].slice(-MOST_LINES),
          count: seen.count + fresh.length,
        };
        await edit(await following.card(seen, false));
      }
    } finally {
      clearTimeout(timer);
      stopping.signal.removeEventListener("abort", end);
      await editLast(edit, hasMoved ? following.movedCard : await following.card(seen, true));
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
