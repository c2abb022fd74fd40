import { Client, GatewayIntentBits, Options } from "discord.js";
import type { createIdentifyThrottler } from "./identify.ts";
import { pause } from "./waits.ts";

export interface ClientParts {
  apiUrl: string | undefined;
  messageContent: boolean;
  throttler: ReturnType<typeof createIdentifyThrottler>;
}

export interface GatewayClient {
  client: Client;
  /** Ends it for good. Never fails. */
  end(): Promise<void>;
}

/** The SDK's client, of which LogHunter uses the gateway: it keeps servers, channels, roles and nothing that grows. */
export function createClient({ apiUrl, messageContent, throttler }: ClientParts): GatewayClient {
  let sockets: { destroy(): unknown } | undefined;
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      ...(messageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits({
      ...NOTHING,
      // Of all members it knows itself: for its permissions.
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === member.client.user.id },
      ThreadManager: 200,
    }),
    sweepers: {},
    ws: {
      buildIdentifyThrottler: (manager) => {
        sockets = manager;
        return throttler;
      },
    },
    rest: { ...(apiUrl !== undefined && { api: apiUrl.replace(/\/$/, "") }), retries: 0 },
  });

  async function end(): Promise<void> {
    const isConnected = client.isReady();
    await client.destroy().catch(() => {});
    // A shard that is ended while it pauses before it connects again connects all the same, and is ended once more.
    const again = pause(REVIVED_MS).then(() => sockets?.destroy());
    if (!isConnected) await again.catch(() => {});
    else again.catch(() => {});
  }

  return { client, end };
}

/** Longer than the SDK (@discordjs/ws 1.2) pauses before it connects again. */
const REVIVED_MS = 700;

const NOTHING = {
  ApplicationCommandManager: 0,
  ApplicationEmojiManager: 0,
  AutoModerationRuleManager: 0,
  BaseGuildEmojiManager: 0,
  DMMessageManager: 0,
  EntitlementManager: 0,
  GuildBanManager: 0,
  GuildEmojiManager: 0,
  GuildForumThreadManager: 0,
  GuildInviteManager: 0,
  GuildMessageManager: 0,
  GuildScheduledEventManager: 0,
  GuildStickerManager: 0,
  MessageManager: 0,
  PresenceManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  StageInstanceManager: 0,
  ThreadMemberManager: 0,
  UserManager: 0,
  VoiceStateManager: 0,
};
