import type { Reach } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";

/**
 * Plans a message and takes it back at once: Slack refuses that for the reasons for which it refuses a post, with no
 * scope beside chat:write, and shows nobody anything (https://docs.slack.dev/reference/methods/chat.scheduleMessage).
 * conversations.info would need channels:read and groups:read, and does not know who may post.
 */
export async function reachOf(
  calls: Calls,
  account: Account,
  { channel, nowMs, signal }: { channel: string; nowMs: number; signal: AbortSignal },
): Promise<Reach> {
  const post_at = Math.floor((nowMs + AHEAD_MS) / 1_000);
  const planned = await calls.make(
    account,
    (client) => client.chat.scheduleMessage({ channel, post_at, text: LEFT_BEHIND }),
    signal,
  );
  if (!planned.ok) {
    if (planned.outcome !== "refused") return { outcome: "not told", why: planned.why };
    return { outcome: "refused", reason: planned.reason, why: planned.why };
  }
  const { scheduled_message_id: id } = planned.value;
  for (let attempt = 0; id !== undefined && attempt < ATTEMPTS; attempt++) {
    // Whoever waited may be gone: it is taken back all the same.
    const taken = await calls.make(account, (client) =>
      client.chat.deleteScheduledMessage({ channel, scheduled_message_id: id }),
    );
    if (taken.ok) break;
  }
  return { outcome: "open" };
}

/** Time enough to take it back by hand where that failed; Slack takes nothing back in the last minute. */
const AHEAD_MS = 24 * 60 * 60_000;
const ATTEMPTS = 2;
const LEFT_BEHIND =
  "LogHunter looked whether it may write here, and could not take this message back. Nothing is wrong.";
