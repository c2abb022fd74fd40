import { Client, GatewayIntentBits, Options, Status, WebSocketShard } from "discord.js";
import type { createIdentifyThrottler } from "./identify.ts";
import { pause, within } from "./waits.ts";

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
    ws: { buildIdentifyThrottler: () => throttler },
    rest: { ...(apiUrl !== undefined && { api: apiUrl.replace(/\/$/, "") }), retries: 0 },
  });

  return { client, end: () => endClient(client) };
}

/**
 * The SDK (discord.js 14.28, @discordjs/ws 1.2) cannot be ended while it connects: a shard that pauses before it
 * connects again does so all the same, and a socket that is not open yet is left without a listener for its errors,
 * the first of which ends the process. So it is kept from connecting again, and ended once its socket is open.
 */
async function endClient(client: Client): Promise<void> {
  client.rest.clearHashSweeper();
  client.rest.clearHandlerSweeper();
  keepFromConnecting(client);
  if (isOpen(client)) await close(client);
  else void endOnceOpen(client);
}

async function endOnceOpen(client: Client): Promise<void> {
  for (let waitedMs = 0; waitedMs < CONNECTING_MS; waitedMs += LOOK_MS) {
    await pause(LOOK_MS);
    keepFromConnecting(client);
    if (isOpen(client)) return await close(client);
  }
}

/** A session that is only beginning is ended by two of the SDK's own calls at once, and one of them never returns. */
async function close(client: Client): Promise<void> {
  await within(CLOSING_MS, client.destroy()).catch(() => {});
}

const CLOSING_MS = 1_000;

/** As long as the SDK gives a socket to open, and a little. */
const CONNECTING_MS = 40_000;
const LOOK_MS = 50;

/** Before each connection a shard asks for its session; it is not answered any more. */
function keepFromConnecting(client: Client): void {
  const { shards } = client.ws;
  for (const [id, shard] of shards) {
    if (Object.getPrototypeOf(shard) instanceof WebSocketShard) continue;
    shards.set(id, Object.create(shard, NEVER_ANSWERED));
  }
}

const NEVER_ANSWERED = { sessionInfo: { get: () => new Promise(() => {}), set: () => {} } };

function isOpen(client: Client): boolean {
  return client.ws.shards.some(({ status }) => OPEN.has(status));
}

const OPEN: ReadonlySet<Status> = new Set([
  Status.Ready,
  Status.Nearly,
  Status.WaitingForGuilds,
  Status.Identifying,
  Status.Resuming,
]);

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
