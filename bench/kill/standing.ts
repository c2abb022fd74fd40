import { type Loopback, openLoopback, TOKEN } from "../../test/support/discord/loopback.ts";
import { see } from "../../test/support/discord/seen.ts";
import { TYPES } from "../../test/support/discord/world.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "../../test/support/slack/server.ts";
import { readBlocks } from "../../test/support/slack/shown.ts";
import { ACME, LOGS } from "../../test/support/slack/world.ts";
import type { Standing } from "./check.ts";
import type { InstanceSettings } from "./orders.ts";

/** A Slack and a Discord on 127.0.0.1, with a workspace each that has two channels for alerts. */
export interface Platforms {
  slack: SlackServer;
  discord: Loopback;
  workspaces: readonly PlatformWorkspace[];
  tokens: InstanceSettings["tokens"];
  /** What the bot has posted into channels and threads. */
  standing(): Standing[];
  close(): Promise<void>;
}

export interface PlatformWorkspace {
  platform: "slack" | "discord";
  id: string;
  channels: readonly string[];
}

/** @param history whether Slack's bot may read what stands in a channel */
export async function openPlatforms({ history }: { history: boolean }): Promise<Platforms> {
  let slackMs = Date.now();
  // A picture can be shown as soon as it is there: waiting for it is tested elsewhere.
  const slack = await openSlackServer(() => {
    slackMs += 1_000;
    return slackMs;
  });
  slack.world.channels.push({ id: SECOND, hasBot: true });
  if (!history) {
    const refusal = { kind: "error", code: "missing_scope", extra: { needed: "channels:history" } } as const;
    for (const method of ["conversations.history", "conversations.replies"])
      slack.faults.always(method, refusal);
  }
  const discord = await openLoopback({ contentGranted: false, nonceMs: NONCE_MS });
  const { world } = discord;
  const second = world.newId();
  world.channels.set(second, {
    ...{ id: second, type: TYPES.text, name: "alerts-too", guild_id: world.guild, parent_id: null },
  });
  return {
    slack,
    discord,
    workspaces: [
      { platform: "slack", id: ACME.id, channels: [LOGS.id, SECOND] },
      { platform: "discord", id: world.guild, channels: [world.channel, second] },
    ],
    tokens: { slackBot: ACME.token, slackApp: APP_TOKEN, discord: TOKEN },
    standing: () => [...onSlack(slack), ...onDiscord(discord)],
    async close() {
      await Promise.all([slack.close(), discord.close()]);
    },
  };
}

const SECOND = "C0ALSO001";
/** Discord promises a few minutes; a dead instance may stay away for longer, so that nothing may rest on it. */
const NONCE_MS = 1_000;

function onSlack({ world }: SlackServer): Standing[] {
  return world.messages
    .filter(({ by }) => by === "bot")
    .map(({ metadata, channel, ts, blocks, text }) => ({
      mark: (metadata as { event_payload?: { id?: string } } | undefined)?.event_payload?.id ?? "",
      ...{ channel, id: ts, text: `${text}\n${readBlocks(blocks).text}` },
    }));
}

function onDiscord({ world }: Loopback): Standing[] {
  return [...world.messages.values()]
    .filter(({ api }) => api.author.id === world.bot.id)
    .map((kept) => {
      const { id, channel, text } = see(world, kept);
      return { mark: kept.nonce ?? "", id, channel, text };
    });
}
