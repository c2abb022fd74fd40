import { Client, GatewayIntentBits, Options } from "discord.js";
import type { createIdentifyThrottler } from "./identify.ts";

export interface ClientParts {
  apiUrl: string | undefined;
  messageContent: boolean;
  throttler: ReturnType<typeof createIdentifyThrottler>;
}

/** The SDK's client, of which LogHunter uses the gateway: it keeps servers, channels, roles and nothing that grows. */
export function createClient({ apiUrl, messageContent, throttler }: ClientParts): Client {
  return new Client({
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
    ws: { buildIdentifyThrottler: () => throttler },
    rest: { ...(apiUrl !== undefined && { api: apiUrl.replace(/\/$/, "") }), retries: 0 },
  });
}

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
