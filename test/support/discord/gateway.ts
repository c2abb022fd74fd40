import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { acceptWebSocket } from "../webSocket.ts";
import { guildOf, type World } from "./world.ts";

/** The loopback's end of Discord's gateway: https://discord.com/developers/docs/events/gateway */
export interface GatewayEnd {
  upgrade(request: IncomingMessage, socket: Duplex): void;
  /** Sends an event, or keeps it for whoever resumes. */
  dispatch(event: string, data: unknown): void;
  readonly identifies: { intents: number; atMs: number }[];
  readonly resumes: number[];
  /** Whether somebody is connected and ready. */
  isConnected(): boolean;
  /** Op 7. */
  askToReconnect(): void;
  /** Op 9. */
  invalidate(resumable: boolean): void;
  close(code: number): void;
  cut(): void;
  /** Connections are taken and IDENTIFY is answered with this code, from now on. */
  refuseWith(code: number | undefined): void;
  /** From now on IDENTIFY is heard and not answered. */
  silent(isSilent: boolean): void;
  /** From now on no connection is taken at all. */
  away(isAway: boolean): void;
  /** The next connection cannot resume. */
  forgetSession(): void;
}

/** One connection: payloads, where a socket has texts. */
interface Connection {
  send(payload: unknown): void;
  close(code: number): void;
  cut(): void;
}

interface Session {
  id: string;
  sequence: number;
  sent: { s: number; t: string; d: unknown }[];
}

const MESSAGE_CONTENT = 1 << 15;

export function createGatewayEnd(
  world: World,
  parts: {
    token: string;
    contentGranted: boolean;
    url: () => string;
    /** Given each text that the bot sends. */
    hear: (text: string) => void;
    heartbeatMs?: number;
  },
): GatewayEnd {
  let session: Session | undefined;
  let connection: Connection | undefined;
  let refusal: number | undefined;
  let isAway = false;
  let isSilent = false;
  const identifies: GatewayEnd["identifies"] = [];
  const resumes: number[] = [];

  function dispatch(event: string, data: unknown): void {
    if (session === undefined) return;
    session.sequence++;
    const sent = { s: session.sequence, t: event, d: data };
    session.sent.push(sent);
    connection?.send({ op: 0, ...sent });
  }

  function identify(end: Connection, { token, intents }: { token: string; intents: number }) {
    identifies.push({ intents, atMs: Date.now() });
    if (isSilent) return;
    if (refusal !== undefined) return end.close(refusal);
    if (token !== parts.token) return end.close(4004);
    if ((intents & MESSAGE_CONTENT) !== 0 && !parts.contentGranted) return end.close(4014);
    session = { id: world.newId(), sequence: 0, sent: [] };
    connection = end;
    const guilds = [world.guild, world.otherGuild];
    dispatch("READY", {
      v: 10,
      user: { ...world.bot, flags: 0, verified: true },
      guilds: guilds.map((id) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: parts.url(),
      application: { id: world.bot.id, flags: 0 },
      shard: [0, 1],
    });
    for (const id of guilds) dispatch("GUILD_CREATE", guildOf(world, id));
  }

  function resume(end: Connection, { session_id, seq }: { session_id: string; seq: number }) {
    resumes.push(seq);
    if (session === undefined || session.id !== session_id) return end.send({ op: 9, d: false });
    connection = end;
    for (const missed of session.sent.filter(({ s }) => s > seq)) end.send({ op: 0, ...missed });
    dispatch("RESUMED", {});
  }

  function upgrade(request: IncomingMessage, socket: Duplex): void {
    if (isAway) {
      socket.destroy();
      return;
    }
    const end = acceptWebSocket(request, socket, {
      text(text) {
        parts.hear(text);
        const { op, d } = JSON.parse(text) as { op: number; d: never };
        if (op === 1) opened.send({ op: 11 });
        if (op === 2) identify(opened, d);
        if (op === 6) resume(opened, d);
      },
      closed() {
        if (connection === opened) connection = undefined;
      },
    });
    const opened: Connection = { ...end, send: (payload) => end.send(JSON.stringify(payload)) };
    opened.send({ op: 10, d: { heartbeat_interval: parts.heartbeatMs ?? 41_250 } });
  }

  return {
    upgrade,
    dispatch,
    identifies,
    resumes,
    isConnected: () => connection !== undefined,
    askToReconnect: () => connection?.send({ op: 7, d: null }),
    invalidate(resumable) {
      if (!resumable) session = undefined;
      connection?.send({ op: 9, d: resumable });
    },
    close: (code) => connection?.close(code),
    cut: () => connection?.cut(),
    refuseWith: (code) => {
      refusal = code;
    },
    silent: (next) => {
      isSilent = next;
    },
    away: (next) => {
      isAway = next;
    },
    forgetSession: () => {
      session = undefined;
    },
  };
}
