import type { Named } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";

/** https://docs.slack.dev/reference/methods/users.info#errors */
const NO_SUCH_PERSON: ReadonlySet<string> = new Set(["user_not_found", "user_not_visible"]);

/** Whose id this is, asked of Slack now. */
export async function whoIs(calls: Calls, account: Account, personId: string): Promise<Named> {
  const asked = await calls.make(account, (client) => client.users.info({ user: personId }));
  if (!asked.ok) return asked.code !== undefined && NO_SUCH_PERSON.has(asked.code) ? "nobody" : "not told";
  const { user } = asked.value;
  const names = [user?.profile?.display_name, user?.real_name, user?.name];
  return { name: names.find((name) => name?.trim()) ?? personId };
}
