import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before several servers as a load balancer does: one after the other, and past those that take no connection. */
export interface Balancer {
  url: string;
  /** Origins of those behind it. Who is not ready is sent nothing. */
  behind: string[];
  /** Requests that broke off after a server had taken them: whoever sent those hears of it. */
  broken: string[];
  close(): Promise<void>;
}

const LOOK_MS = 250;

export async function openBalancer(): Promise<Balancer> {
  let turn = 0;
  const ready = new Map<string, boolean>();
  const looking = setInterval(() => {
    for (const origin of balancer.behind)
      fetch(`${origin}/readyz`).then(
        ({ ok }) => ready.set(origin, ok),
        () => ready.set(origin, false),
      );
  }, LOOK_MS);
  const server = createServer((incoming, response) => {
    void pass(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    turn++;
    const able = balancer.behind.filter((origin) => ready.get(origin) !== false);
    const inTurn = able.map((_, at, all) => all[(at + turn) % all.length] as string);
    for (const origin of inTurn) {
      const outcome = await send(origin, incoming, body, response);
      if (outcome === "answered") return;
      if (outcome === "refused") continue;
      balancer.broken.push(`${incoming.method} ${incoming.url}`);
      return void response.writeHead(502).end();
    }
    response.writeHead(503).end();
  }

  const balancer: Balancer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behind: [],
    broken: [],
    close() {
      clearInterval(looking);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return balancer;
}

function send(
  origin: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<"answered" | "refused" | "broken"> {
  return new Promise((resolve) => {
    const onward = request(
      `${origin}${url}`,
      { method, headers: { ...headers, connection: "close" } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("error", () => response.destroy());
        answer.pipe(response);
        resolve("answered");
      },
    );
    onward.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ECONNREFUSED" ? "refused" : "broken"),
    );
    onward.end(body);
  });
}
