import { endPurpose, type Purpose, setPurpose } from "../../alerting/channels.ts";
import { isPlaceTrouble, mendingOf, noteReach } from "../../alerting/troubles.ts";
import { bounded } from "../../chat/bounded.ts";
import { button, type Card } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { answerIdOf, type ChatPlatform, type Delivery, type Place } from "../../chat/platform.ts";
import { atStart } from "../../chat/shownName.ts";
import { UserError } from "../../errors.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";

const state = {
  name: "state",
  kind: "state",
  description: "on or off (on unless said)",
  required: false,
  choices: ["on", "off"],
  parse(raw: string): boolean {
    if (/^(on|off)$/i.test(raw)) return raw.toLowerCase() === "on";
    throw new UserError(`"${raw.slice(0, 40)}" is neither on nor off.`);
  },
} as const satisfies OptionDefinition<boolean>;

const WHAT: Record<Purpose, { summary: string; on: string; off: string; next: string }> = {
  alerts: {
    summary: "Make this channel one that alerts are posted to",
    on: "Alerts are posted to the channel in which this was typed.",
    off: "No alerts are posted to the channel in which this was typed.",
    next: "channel test",
  },
  keys: {
    summary: "Make this channel the one in which admins run API keys",
    on: "Admins run API keys in the channel in which this was typed, and nowhere else.",
    off: "API keys are not run in the channel in which this was typed.",
    next: "keys create",
  },
};

export interface ChannelPurposeParts {
  platforms: readonly ChatPlatform[];
}

/** `channel alerts`, `channel keys`: what the channel is for in which it is typed. */
export function channelPurposeCommand(purpose: Purpose, { platforms }: ChannelPurposeParts): Command {
  return defineCommand({
    name: `channel ${purpose}`,
    summary: WHAT[purpose].summary,
    examples: [`channel ${purpose}`, `channel ${purpose} off`],
    role: "admin",
    visibility: "channel",
    options: [state],
    async run(call) {
      const workspace = call.workspace();
      const { channel } = call.place;
      const isOn = call.options.state !== false;
      const detail = { purpose, is: isOn ? "on" : "off" };
      const entry = { action: "channel.changed", subject: channel, detail } as const;
      if (!isOn) {
        if (await audited(call, entry, (db) => endPurpose(workspace, db, channel, purpose)))
          return message(purposeCard(purpose, false, call.person.name), "channel");
        throw new UserError(`This channel was not for ${purpose}.`);
      }
      await audited(call, entry, (db) => setPurpose(workspace, db, channel, purpose, call.person.id));
      const card = purposeCard(purpose, true, call.person.name);
      if (purpose !== "alerts") return message(card, "channel");
      // A command is answered where nothing else can be posted: so what says it is posted as alerts will be.
      const { platform: name, workspace: externalId } = call.place;
      const delivery = await postTo(
        platforms,
        { platform: name, workspace: externalId, channel },
        card,
        call.id,
      );
      await noteReach(workspace, channel, delivery);
      if (delivery?.outcome === "sent") return { kind: "silence" };
      return delivery?.outcome === "refused"
        ? message(unreachedCard(delivery), "caller")
        : message(card, "channel");
    },
  });
}

async function postTo(
  platforms: readonly ChatPlatform[],
  place: Place,
  card: Card,
  actId: string,
): Promise<Delivery | undefined> {
  const platform = platforms.find(({ name }) => name === place.platform);
  if (platform === undefined) return undefined;
  const deliveryId = answerIdOf(actId);
  return bounded((signal) => platform.post(place, card, { deliveryId, signal }), SEND_TIMEOUT_MS);
}

const SEND_TIMEOUT_MS = 15_000;

function purposeCard(purpose: Purpose, isOn: boolean, by: string): Card {
  const { on, off, next } = WHAT[purpose];
  return {
    title: `${purpose === "alerts" ? "Alerts" : "API keys"}: ${isOn ? "on" : "off"}`,
    tone: "good",
    badge: isOn ? "ON" : "OFF",
    body: [
      { kind: "text", text: `${isOn ? on : off} ${atStart(by)} turned it ${isOn ? "on" : "off"}.` },
      ...(isOn ? [{ kind: "text" as const, text: ["Next: ", { code: next }, "."] }] : []),
    ],
    ...(isOn &&
      purpose === "alerts" && { actions: [button("Policy", { name: "channel.policy", subject: "" })] }),
  };
}

function unreachedCard({ reason, why }: Extract<Delivery, { outcome: "refused" }>): Card {
  return {
    title: "Alerts are on here, and cannot be posted yet",
    tone: "warning",
    badge: "TO MEND",
    body: [
      { kind: "text", text: `${reason}: ${why}. ${isPlaceTrouble(reason) ? mendingOf(reason) : ""}` },
      { kind: "text", text: ["Then type ", { code: "channel test" }, " to see that they arrive."] },
    ],
  };
}
