import { endPurpose, type Purpose, setPurpose } from "../../alerting/channels.ts";
import { button } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
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
    next: "help",
  },
};

/** `channel alerts`, `channel keys`: what the channel is for in which it is typed. */
export function channelPurposeCommand(purpose: Purpose): Command {
  const { summary, on, off, next } = WHAT[purpose];
  return defineCommand({
    name: `channel ${purpose}`,
    summary,
    examples: [`channel ${purpose}`, `channel ${purpose} off`],
    role: "admin",
    visibility: "channel",
    options: [state],
    async run(call) {
      const { channel } = call.place;
      const isOn = call.options.state ?? true;
      if (isOn) await setPurpose(call.workspace(), channel, purpose, call.person.id);
      else if (!(await endPurpose(call.workspace(), channel, purpose)))
        throw new UserError(`This channel was not for ${purpose}.`);
      return message(
        {
          title: `${purpose === "alerts" ? "Alerts" : "API keys"}: ${isOn ? "on" : "off"}`,
          tone: "good",
          badge: isOn ? "ON" : "OFF",
          body: [
            { kind: "text", text: isOn ? on : off },
            ...(isOn ? [{ kind: "text" as const, text: ["Next: ", { code: next }, "."] }] : []),
          ],
          ...(isOn &&
            purpose === "alerts" && { actions: [button("Policy", { name: "channel.policy", subject: "" })] }),
        },
        "channel",
      );
    },
  });
}
