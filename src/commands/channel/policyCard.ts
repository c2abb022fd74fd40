import type { DigestEvery } from "../../alerting/digest.ts";
import { meaningOfPolicy, type Policy } from "../../alerting/policy.ts";
import { type Button, button, type Card } from "../../chat/card.ts";

/** Which alerts a channel gets, and how, with what changes it. */
export function policyCard(policy: Policy, badge: "POLICY" | "SAVED"): Card {
  return {
    title: "Alerts in this channel",
    tone: badge === "SAVED" ? "good" : "neutral",
    badge,
    body: [{ kind: "facts", facts: meaningOfPolicy(policy) }],
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
