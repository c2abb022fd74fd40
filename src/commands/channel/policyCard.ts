import type { DigestEvery } from "../../alerting/digest.ts";
import { meaningOfPolicy } from "../../alerting/policy.ts";
import { type Button, button, type Card } from "../../chat/card.ts";
import type { withNames } from "../names.ts";

/** Which alerts a channel gets, and how, with what changes it, and whom it mentions in vain. */
export function policyCard(
  { policy, uncalled }: Awaited<ReturnType<typeof withNames>>,
  badge: "POLICY" | "SAVED",
): Card {
  return {
    title: "Alerts in this channel",
    tone: uncalled.length > 0 ? "warning" : badge === "SAVED" ? "good" : "neutral",
    badge,
    body: [
      { kind: "facts", facts: meaningOfPolicy(policy) },
      ...uncalled.map(({ name, fix }) => ({
        kind: "text" as const,
        text: [{ strong: `${name} is not called by a mention yet.` }, ` ${fix}`],
      })),
    ],
    actions: [
      button("Change", { name: "channel.policy", subject: "" }),
      ...(["daily", "weekly", "off"] as const)
        .filter((every) => every !== (policy.digest?.every ?? "off"))
        .map(digestButton),
    ],
  };
}

function digestButton(every: DigestEvery | "off"): Button {
  return button(LABELS[every], { name: "channel.digest", subject: every });
}

const LABELS = { daily: "Daily digest", weekly: "Weekly digest", off: "No digest" } as const;
