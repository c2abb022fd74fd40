import {
  type APIGatewayBotInfo,
  type Client,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  Routes,
} from "discord.js";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type Api, tried } from "./api.ts";
import { createClient, type GatewayClient } from "./client.ts";
import { TOKEN_REJECTED } from "./errors.ts";
import { createIdentifyThrottler } from "./identify.ts";
import { pause, type Waits, within } from "./waits.ts";

/** The connection on which Discord tells what people do. */
export interface Gateway {
  /** Resolves once it is connected, or will go on trying. @throws UserError where trying again cannot help. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Discord takes this bot no longer: nothing is tried any more. */
  halt(why: string): void;
  state(): State;
  client(): Client | undefined;
  /** LogHunter's own id; undefined before it was connected. */
  me(): string | undefined;
}

export type State =
  | { kind: "connected"; pingMs: number | undefined }
  | { kind: "connecting"; why: string }
  /** For good: the sentence says what mends it. */
  | { kind: "stopped"; why: string };

export interface GatewayParts {
  api: Api;
  token: string;
  apiUrl: string | undefined;
  messageContent: boolean;
  log: Log;
  now: () => number;
  waits: Waits;
  onDispatch(event: string, data: unknown): void;
  /** @param application whose commands these are */
  onReady(application: string): void;
}

export function createGateway(parts: GatewayParts): Gateway {
  const { api, log, now, waits } = parts;
  const throttler = createIdentifyThrottler({ identifyMs: waits.identifyMs, now, log });
  const ending = new AbortController();
  let client: GatewayClient | undefined;
  let me: string | undefined;
  let onFailure = () => {};
  let state: State = { kind: "connecting", why: "it has not connected yet" };

  function halt(why: string): void {
    if (state.kind === "stopped") return;
    state = { kind: "stopped", why };
    log.error({ why }, "discord: stopped for good");
    ending.abort();
    void client?.end();
  }

  /** A client that is listened to. @returns when it is connected, or why it cannot be */
  async function connect(): Promise<void> {
    client = createClient({ ...parts, throttler });
    const made = client.client;
    made.on(Events.Error, (err) => log.warn({ err }, "discord: the client reports an error"));
    made.on(Events.Warn, (text) => log.warn({ text }, "discord: the client warns"));
    made.on(Events.ShardError, (err) => {
      if (!ending.signal.aborted) log.warn({ err }, "discord: the connection failed");
    });
    made.on(Events.ShardReconnecting, () => {
      if (state.kind === "connected") state = { kind: "connecting", why: "the connection was lost" };
    });
    made.on(Events.ShardDisconnect, ({ code }) => {
      const why = finalWords(code);
      if (why !== undefined) halt(why);
    });
    made.ws.on(GatewayDispatchEvents.Resumed, connected);
    made.ws.on(GatewayDispatchEvents.Ready, (data: { user: { id: string }; application: { id: string } }) => {
      me = data.user.id;
      connected();
      parts.onReady(data.application.id);
    });
    for (const event of LISTENED_TO) made.ws.on(event, (data: unknown) => parts.onDispatch(event, data));
    await made.login(parts.token);
  }

  function connected(): void {
    if (state.kind !== "stopped") state = { kind: "connected", pingMs: undefined };
  }

  async function keepConnecting(): Promise<void> {
    let pauseMs = waits.pauseMs;
    while (!ending.signal.aborted) {
      const waitMs = await attempt();
      if (waitMs === undefined || ending.signal.aborted) return;
      await pause(waitMs === "backoff" ? pauseMs : waitMs, ending.signal);
      pauseMs = Math.min(pauseMs * 2, waits.longestPauseMs);
    }
  }

  /** @returns how long to wait before the next; undefined where there need be none */
  async function attempt(): Promise<number | "backoff" | undefined> {
    // Asked before the SDK asks it: it takes a day without sessions left for an error.
    const info = await tried(() => api.call<APIGatewayBotInfo>("GET", Routes.gatewayBot()));
    if (info.kind === "no token") return undefined;
    if (info.kind !== "done") return failed(info.why, info.kind === "later" ? info.afterMs : "backoff");
    const { remaining, reset_after: afterMs } = info.value.session_start_limit;
    if (remaining === 0) return failed("Discord lets no more sessions begin for now", afterMs);
    try {
      await connect();
      return undefined;
    } catch (err) {
      // Why has been said, and it is not tried again.
      if (ending.signal.aborted) return undefined;
      log.warn({ err }, "discord: no session could be begun");
      return failed("Discord did not take the connection", "backoff");
    }
  }

  function failed(why: string, waitMs: number | "backoff"): number | "backoff" {
    if (state.kind !== "stopped") state = { kind: "connecting", why };
    log.warn({ why, waitMs }, "discord: not connected, it is tried again");
    client = undefined;
    onFailure();
    return waitMs;
  }

  return {
    async start() {
      const failedOnce = new Promise<void>((resolve) => {
        onFailure = resolve;
      });
      const trying = keepConnecting().catch((err) => log.error({ err }, "discord: connecting failed"));
      await within(waits.startMs, Promise.race([trying, failedOnce]));
      if (state.kind === "stopped") throw new UserError(state.why);
    },
    async stop() {
      ending.abort();
      await client?.end();
    },
    halt,
    state() {
      const ping = client?.client.ws.ping;
      if (state.kind !== "connected" || ping === undefined || !(ping >= 0)) return state;
      return { kind: "connected", pingMs: Math.round(ping) };
    },
    client: () => client?.client,
    me: () => me,
  };
}

const LISTENED_TO = [
  GatewayDispatchEvents.InteractionCreate,
  GatewayDispatchEvents.MessageCreate,
  GatewayDispatchEvents.ChannelUpdate,
  GatewayDispatchEvents.ChannelDelete,
  GatewayDispatchEvents.ThreadDelete,
  GatewayDispatchEvents.GuildCreate,
  GatewayDispatchEvents.GuildRoleUpdate,
  GatewayDispatchEvents.GuildMemberUpdate,
] as const;

/** After these there is no sense in connecting again: …/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes */
function finalWords(code: number): string | undefined {
  switch (code) {
    case GatewayCloseCodes.AuthenticationFailed:
      return TOKEN_REJECTED;
    case GatewayCloseCodes.DisallowedIntents:
      return "Discord does not give this bot what people write: switch on Message Content Intent for it in Discord's developer portal, under Bot, or unset DISCORD_MESSAGE_CONTENT, and restart.";
    case GatewayCloseCodes.ShardingRequired:
      return "The bot is in too many servers for one connection: see docs/discord.md on sharding.";
    case GatewayCloseCodes.InvalidShard:
    case GatewayCloseCodes.InvalidAPIVersion:
    case GatewayCloseCodes.InvalidIntents:
      return `Discord takes no connection of this version of LogHunter (${code}): install a newer one.`;
    default:
      return undefined;
  }
}
