import { type Channel, listChannels, setPolicy } from "../../alerting/channels.ts";
import { type AskedDigest, DIGESTS, readDigest, withDigest } from "../../alerting/digest.ts";
import { isGroup, readMentions, unmentionable } from "../../alerting/mentions.ts";
import { hoursText, MOST_FLOOD, type Policy, readQuietHours, USUAL_FLOOD } from "../../alerting/policy.ts";
import { SEVERITIES } from "../../anomalies/metric.ts";
import type { Card } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import type { ChatPlatform, Place } from "../../chat/platform.ts";
import { UserError } from "../../errors.ts";
import { audited } from "../audited.ts";
import { type Call, type Command, defineCommand, message } from "../command.ts";
import { withNames } from "../names.ts";
import { withoutSecret } from "../options.ts";
import { policyCard } from "./policyCard.ts";

/** How a part of a policy is taken back. */
const OFF = "off";

const severity = {
  name: "severity",
  kind: "state",
  description: "The least severity that is posted here: low, medium, high or critical",
  required: false,
  choices: SEVERITIES.map((name) => name.toLowerCase()),
  parse(raw: string) {
    const found = SEVERITIES.find((candidate) => candidate === raw.toUpperCase());
    if (found !== undefined) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is not a severity. Use low, medium, high or critical.`);
  },
} as const satisfies OptionDefinition<(typeof SEVERITIES)[number]>;

const services = {
  name: "services",
  kind: "text",
  description: "Only these services, with commas between, * for any letters: checkout,pay-*; off for all",
  required: false,
  list: true,
  parse(raw: string): string[] | typeof OFF {
    if (raw.toLowerCase() === OFF) return OFF;
    const names = raw
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    if (names.length === 0 || names.length > 50)
      throw new UserError("Name 1 to 50 services, with commas between.");
    return names.map((name) => withoutSecret(name));
  },
} as const satisfies OptionDefinition<string[] | typeof OFF>;

const quiet = {
  name: "quiet",
  kind: "text",
  description: "Quiet hours, when only CRITICAL is posted: 22:00-07:00 Europe/Berlin; off for none",
  required: false,
  takesRest: true,
  parse: (raw: string) => (raw.toLowerCase() === OFF ? OFF : readQuietHours(raw)),
} as const satisfies OptionDefinition;

const thread = {
  name: "thread",
  kind: "state",
  description: "Root cause in the alert's thread: ask (when asked for) or always (at once)",
  required: false,
  choices: ["ask", "always"],
  parse(raw: string): "ask" | "always" {
    const mode = raw.toLowerCase();
    if (mode === "ask" || mode === "always") return mode;
    throw new UserError(`"${raw.slice(0, 40)}" is not a thread mode. Use ask or always.`);
  },
} as const satisfies OptionDefinition<"ask" | "always">;

const mention = {
  name: "mention",
  kind: "text",
  description: "Who is mentioned when it is CRITICAL, with commas between: @ann, @on-call; off for nobody",
  required: false,
  list: true,
  parse: (raw: string) => (raw.toLowerCase() === OFF ? OFF : readMentions(raw)),
} as const satisfies OptionDefinition<string[] | typeof OFF>;

const digest = {
  name: "digest",
  kind: "text",
  description: "A summary at 9:00: daily, weekly (Mondays) or off; with a zone: daily,Europe/Berlin",
  required: false,
  usual: [...DIGESTS, OFF],
  parse: (raw: string) => (raw.toLowerCase() === OFF ? OFF : readDigest(raw)),
} as const satisfies OptionDefinition<AskedDigest | typeof OFF>;

const flood = {
  name: "flood",
  kind: "text",
  description: "Alerts within ten minutes before the rest is held back: 10 unless said; off for no limit",
  required: false,
  usual: [String(USUAL_FLOOD), "20", "50", OFF],
  parse(raw: string): number {
    if (raw.toLowerCase() === OFF) return 0;
    const most = Number(raw);
    if (Number.isInteger(most) && most >= 1 && most <= MOST_FLOOD) return most;
    throw new UserError(
      `"${raw.slice(0, 40)}" is no number of alerts. Use 1 to ${MOST_FLOOD}, or off for no limit.`,
    );
  },
} as const satisfies OptionDefinition<number>;

/** What its form asks for: Discord's takes five, so that the digest has buttons beside it. */
const FIELDS = [severity, services, quiet, thread, mention] as const;

export interface ChannelPolicyParts {
  platforms: readonly ChatPlatform[];
  now: () => number;
}

/** `channel policy`: which alerts the channel gets, and how. What is not said stays as it is. */
export function channelPolicyCommand({ platforms, now }: ChannelPolicyParts): Command {
  return defineCommand({
    name: "channel policy",
    summary: "Which alerts this channel gets, and how: severity, services, quiet hours, mentions, digest",
    examples: [
      "channel policy severity:high services:checkout,pay-*",
      "channel policy quiet:22:00-07:00 Europe/Berlin",
      "channel policy mention:off",
      "channel policy digest:daily",
      "channel policy flood:20",
    ],
    role: "admin",
    visibility: "channel",
    options: [...FIELDS, digest, flood],
    form: {
      title: "Alerts in this channel",
      submitLabel: "Save",
      fields: FIELDS.map(({ name }) => name),
    },
    prefill: async (call) => typedPolicy((await alertChannel(call)).policy),
    async run(call) {
      const { policy } = await alertChannel(call);
      const { digest, ...said } = call.options;
      const { mention } = said;
      if (Array.isArray(mention)) await checkMentions(platforms, call.place, mention);
      if (Object.keys(call.options).length === 0 && !call.whole)
        return message(policyCard(await withNames(policy, call.place, platforms), "POLICY"), "channel");
      const next: Record<string, unknown> = { ...policy };
      // In its form all of it stands there to be changed; typed, what is not said stays.
      if (call.whole) for (const { name } of FIELDS) delete next[name];
      for (const [part, value] of Object.entries(said)) {
        if (value === OFF) delete next[part];
        else if (value !== undefined) next[part] = value;
      }
      const saved = digest === undefined ? (next as Policy) : digested(next as Policy, digest, now());
      return message(policyCard(await savePolicy(call, policy, saved, platforms), "SAVED"), "channel");
    },
  });
}

/** @throws UserError where nobody of the workspace has the id; where the platform does not say, it is kept. */
async function checkMentions(
  platforms: readonly ChatPlatform[],
  { platform: name, workspace }: Place,
  ids: readonly string[],
): Promise<void> {
  const platform = platforms.find((candidate) => candidate.name === name);
  const people = ids.filter((id) => !isGroup(id));
  const named = await Promise.all(people.map((id) => platform?.whoIs(workspace, id)));
  const wrong =
    people.find((_, at) => named[at] === "nobody") ??
    // The group that has the workspace's own id is everybody.
    ids.find((id) => id === `&${workspace}`);
  if (wrong !== undefined) throw unmentionable(wrong);
}

function digested(policy: Policy, asked: AskedDigest | typeof OFF, nowMs: number): Policy {
  if (asked !== OFF) return withDigest(policy, asked, nowMs);
  const { digest: _, ...rest } = policy;
  return rest;
}

/** "Daily digest", "Weekly digest" and "No digest" under a channel's policy. */
export async function setDigest(
  call: Pick<Call, "place" | "workspace" | "person">,
  every: string,
  { platforms, now }: ChannelPolicyParts,
): Promise<Card> {
  const asked = digest.parse(every);
  const { policy } = await alertChannel(call);
  const saved = digested(policy, asked, now());
  return policyCard(await savePolicy(call, policy, saved, platforms), "SAVED");
}

/**
 * @returns the policy for people to read, as the audit tells of it: with names, and with whom it mentions in vain
 * @throws UserError where somebody else was quicker
 */
async function savePolicy(
  call: Pick<Call, "place" | "workspace" | "person">,
  before: Policy,
  policy: Policy,
  platforms: readonly ChatPlatform[],
): ReturnType<typeof withNames> {
  const { channel } = call.place;
  const named = await withNames(policy, call.place, platforms);
  const detail = {
    ...typedPolicy(named.policy),
    ...(policy.mention !== undefined && { mentioned: policy.mention.join(",") }),
  };
  const isSaved = await audited(call, { action: "policy.changed", subject: channel, detail }, (db) =>
    setPolicy(call.workspace(), db, channel, policy, before),
  );
  if (!isSaved)
    throw new UserError(
      "Somebody else changed what this channel gets in the same moment, so this was not saved. Look at it with channel policy, and say it again.",
    );
  return named;
}

/** @throws UserError where the channel is not for alerts. */
async function alertChannel({ place, workspace }: Pick<Call, "place" | "workspace">): Promise<Channel> {
  const { id, scope } = workspace();
  const found = (await listChannels(scope, "alerts")).find(
    (channel) => channel.workspaceId === id && channel.externalId === place.channel,
  );
  if (found !== undefined) return found;
  throw new UserError("No alerts are posted to this channel. Make it an alert channel first: channel alerts");
}

/** A policy as it would be typed: what the fields of its form hold at first. */
function typedPolicy({ severity, services, quiet, thread, mention }: Policy): Record<string, string> {
  return {
    ...(severity !== undefined && { severity: severity.toLowerCase() }),
    ...(services !== undefined && { services: services.join(",") }),
    ...(quiet !== undefined && { quiet: hoursText(quiet) }),
    ...(thread !== undefined && { thread }),
    ...(mention !== undefined && { mention: mention.join(",") }),
  };
}
