import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { KillPoint } from "./points.ts";
import type { Weather } from "./weather.ts";

/** The way of one instance to one platform: all its requests pass here, and what may happen to them does. */
export interface Door {
  /** As the platform's own, with this door in its place. */
  url: string;
  close(): Promise<void>;
}

export interface DoorParts {
  /** The platform's address. */
  target: string;
  weather: Weather;
  /** Kills the instance if it is to die here. @returns whether it did */
  kill(point: KillPoint): boolean;
}

type What = "post" | "edit" | "look" | "other" | "start";

/** Shorter than a lease: later than that nothing may arrive. */
const LATE_MS = 400;

export async function openDoor({ target, weather, kill }: DoorParts): Promise<Door> {
  const { origin, pathname } = new URL(target);
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const what = whatIs(`${request.method} ${request.url}`);
    if (what === "look" && kill("wire: looked for, not answered")) return;
    if (what === "post" && kill("wire: post lost with its sender")) return;
    if (what === "post" && kill("wire: post outlives its sender")) {
      await pause(LATE_MS);
      await forward(request, body);
      return;
    }
    // An instance that cannot start would be no test of anything.
    const fate = what === "start" ? "passes" : weather.next();
    if (fate === "is cut") return void response.destroy();
    if (fate === "is told to wait") return void response.writeHead(429, WAIT_HEADERS).end(WAIT);
    if (fate === "fails") return void response.writeHead(503).end("upstream failure");
    const answer = await forward(request, body);
    if (what === "post" && kill("wire: post stored, not answered")) return;
    if (what === "edit" && kill("wire: edit stored, not answered")) return;
    if (fate === "is done unheard") return void response.destroy();
    if (fate === "is done and hangs") return;
    if (fate === "is done and fails") return void response.writeHead(500).end("upstream failure");
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async function forward(request: IncomingMessage, body: Buffer) {
    const { authorization, "content-type": type } = request.headers;
    const method = request.method ?? "GET";
    const answer = await fetch(`${origin}${request.url}`, {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(type !== undefined && { "content-type": type }),
      },
      ...(method !== "GET" && { body: Uint8Array.from(body) }),
    });
    const headers = [...answer.headers].filter(([name]) => !OF_A_CONNECTION.has(name));
    return {
      status: answer.status,
      headers: Object.fromEntries(headers),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const OF_A_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "date"]);

/** As Slack says it and as Discord does, in one. */
const WAIT_HEADERS = { "retry-after": "1", "x-ratelimit-scope": "user", "content-type": "application/json" };
const WAIT = JSON.stringify({
  ok: false,
  error: "ratelimited",
  message: "You are being rate limited.",
  retry_after: 1,
  global: false,
});

const KINDS: readonly [RegExp, What][] = [
  [/^POST .*(chat\.postMessage|\/channels\/\d+\/messages)$/, "post"],
  [/^(POST .*chat\.update|PATCH .*\/channels\/\d+\/messages\/\d+)$/, "edit"],
  [/^(POST .*conversations\.(history|replies)|GET .*\/channels\/\d+\/messages\?)/, "look"],
  [/auth\.test|apps\.connections\.open|\/gateway\/bot|\/applications\//, "start"],
];

function whatIs(request: string): What {
  return KINDS.find(([pattern]) => pattern.test(request))?.[1] ?? "other";
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
