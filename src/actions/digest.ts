import { type ChannelPolicyParts, setDigest } from "../commands/channel/policy.ts";
import type { ActionHandler } from "./action.ts";

/** "Daily digest", "Weekly digest" and "No digest" under a channel's policy, which then shows what it is. */
export function digestAction(parts: ChannelPolicyParts): ActionHandler {
  return {
    name: "channel.digest",
    opens: "answer",
    role: "admin",
    run: async (press) => ({ kind: "replace", card: await setDigest(press, press.subject, parts) }),
  };
}
