import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";

/** The channel in which the person and the bot write to each other. */
export async function directChannel(
  calls: Calls,
  account: Account,
  personId: string,
  signal?: AbortSignal,
): Promise<Called<string>> {
  const opened = await calls.make(
    account,
    (client) => client.conversations.open({ users: personId }),
    signal,
  );
  if (!opened.ok) return opened;
  const id = opened.value.channel?.id;
  return id === undefined
    ? { ok: false, outcome: "unknown", why: "Slack named no channel" }
    : { ok: true, value: id };
}
