import type { Place } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";

/**
 * Every message carries the id of its delivery, so that it can be found where the answer to its posting was lost.
 * Anybody in the workspace can read it: it is no secret (https://docs.slack.dev/messaging/message-metadata).
 */
export function deliveryMetadata(deliveryId: string) {
  return { event_type: EVENT_TYPE, event_payload: { id: deliveryId } };
}

const EVENT_TYPE = "loghunter_delivery";

/** Whether a message stands: `hidden` where nobody may look. */
export type Found = { is: "there"; ts: string } | { is: "absent" } | { is: "hidden" };

/** Looks for the message of a delivery where it would stand. */
export async function findSent(
  calls: Calls,
  account: Account,
  place: Pick<Place, "channel" | "thread">,
  deliveryId: string,
  signal?: AbortSignal,
): Promise<Called<Found>> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const read = await readPage(calls, account, place, cursor, signal);
    if (!read.ok) {
      const isForbidden = read.outcome === "refused" && read.reason === "not permitted";
      return isForbidden ? { ok: true, value: { is: "hidden" } } : read;
    }
    const found = read.value.messages.find(
      ({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload?.id === deliveryId,
    );
    if (found?.ts !== undefined) return { ok: true, value: { is: "there", ts: found.ts } };
    cursor = read.value.cursor;
    if (cursor === undefined) break;
  }
  return { ok: true, value: { is: "absent" } };
}

/** Of a channel the newest come first, so that a few pages hold hours of it; threads begin with their oldest. */
const MOST_PAGES = 5;
const PAGE = 200;

interface SentMessage {
  ts?: string;
  metadata?: { event_type?: string; event_payload?: { id?: unknown } };
}

function readPage(
  calls: Calls,
  account: Account,
  { channel, thread }: Pick<Place, "channel" | "thread">,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Called<{ messages: SentMessage[]; cursor: string | undefined }>> {
  const how = { channel, include_all_metadata: true, limit: PAGE, ...(cursor !== undefined && { cursor }) };
  return calls.make(
    account,
    async (client) => {
      const answer =
        thread === undefined
          ? await client.conversations.history(how)
          : await client.conversations.replies({ ...how, ts: thread });
      const next = answer.response_metadata?.next_cursor;
      return { messages: (answer.messages ?? []) as SentMessage[], cursor: next === "" ? undefined : next };
    },
    signal,
  );
}

/** Whether something of ours with that file's name stands in the thread: the answer to its sharing may be lost too. */
export async function hasFile(
  calls: Calls,
  account: Account,
  channel: string,
  thread: string,
  name: string,
): Promise<boolean> {
  const read = await calls.make(account, (client) =>
    client.conversations.replies({ channel, ts: thread, limit: PAGE }),
  );
  if (!read.ok) return false;
  return (read.value.messages ?? []).some(
    (message) => message.user === account.botUserId && message.files?.some((file) => file.name === name),
  );
}
