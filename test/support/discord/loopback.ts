import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createFaults, type Faults } from "./faults.ts";
import { createGatewayEnd, type GatewayEnd } from "./gateway.ts";
import { createInteractions, type Interactions } from "./interactions.ts";
import { type Answer, type Request, readRequest, sendAnswer } from "./requests.ts";
import { createRest } from "./rest.ts";
import { createWorld, type World } from "./world.ts";

export const TOKEN = "a-token.for.the-loopback";

/** A Discord of one's own on 127.0.0.1: its gateway, its REST interface, its rules, and faults when they are ordered. */
export interface Loopback {
  apiUrl: string;
  world: World;
  gateway: GatewayEnd;
  interactions: Interactions;
  faults: Faults;
  /** Whatever was asked, in order. */
  requests: Seen[];
  /** All that came in, whole: each request with its address, headers and body, and each frame of a socket. */
  heard: string[];
  /** Rules of Discord's that something it was sent has broken. */
  complaints: string[];
  commands: Record<string, unknown>[];
  session: { remaining: number; resetAfterMs: number };
  forbidden: Map<string, number>;
  close(): Promise<void>;
}

export interface Seen extends Request {
  atMs: number;
}

export interface LoopbackOptions {
  /** The switch in the developer portal. */
  contentGranted: boolean;
  heartbeatMs?: number;
  /** The same world, as after a restart of a bot. */
  world?: World;
  /** How long a nonce is known: "the past few minutes", says Discord. */
  nonceMs?: number;
}

export async function openLoopback({
  contentGranted,
  heartbeatMs,
  world = createWorld(),
  nonceMs = 5 * 60_000,
}: LoopbackOptions) {
  const faults = createFaults();
  const interactions = createInteractions(world);
  const requests: Seen[] = [];
  const heard: string[] = [];
  const complaints: string[] = [];
  const commands: Record<string, unknown>[] = [];
  const session = { remaining: 1000, resetAfterMs: 86_400_000 };
  const forbidden = new Map<string, number>();
  const gatewayUrl = () => `ws://127.0.0.1:${port}`;
  const gateway = createGatewayEnd(world, {
    ...{ token: TOKEN, contentGranted, url: gatewayUrl, hear: (text) => void heard.push(text) },
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  });
  const rest = createRest({
    ...{
      world,
      token: TOKEN,
      interactions,
      gatewayUrl,
      session,
      commands,
      forbidden,
      nonceMs,
      contentGranted,
    },
    dispatch: gateway.dispatch,
    complain: (what) => complaints.push(what),
  });

  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming).catch((error) => {
      complaints.push(`a request that cannot be read: ${error}`);
      return undefined;
    });
    if (request === undefined) return void response.writeHead(400).end();
    heard.push(`${incoming.method} ${incoming.url}\n${incoming.rawHeaders.join("\n")}\n\n${request.sent}`);
    requests.push({ ...request, atMs: Date.now() });
    const fault = faults.take(`${request.method} ${request.path}`);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "cut") return void incoming.socket.destroy();
    const answer: Answer = fault?.kind === "answer" ? fault : rest(request);
    if (fault?.kind === "lost answer") return void incoming.socket.destroy();
    sendAnswer(response, answer);
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket) => {
    upgraded.add(socket);
    gateway.upgrade(request, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const loopback: Loopback = {
    apiUrl: `http://127.0.0.1:${port}/api`,
    ...{ world, gateway, interactions, faults, requests, heard, complaints, commands, session, forbidden },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        // Also those whose other end was killed: a server does not count them among its own.
        for (const socket of upgraded) socket.destroy();
      }),
  };
  return loopback;
}
