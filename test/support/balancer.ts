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
/** As Kubernetes has it by itself: one late answer is no reason. https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ */
const MOST_FAILED = 3;

export async function openBalancer(): Promise<Balancer> {
  let turn = 0;
  /** How often in a row it was not ready; infinitely where it says that it leaves. */
  const failed = new Map<string, number>();
  const beingAsked = new Set<string>();
  async function look(origin: string): Promise<void> {
    if (beingAsked.has(origin)) return;
    beingAsked.add(origin);
    const { ok, status } = await fetch(`${origin}/readyz`)
      .then(async (answer) => ({ ok: answer.ok, ...((await answer.json()) as { status: string }) }))
      .catch(() => ({ ok: false, status: "away" }));
    const before = failed.get(origin) ?? 0;
    failed.set(origin, ok ? 0 : status === "stopping" ? Number.POSITIVE_INFINITY : before + 1);
    beingAsked.delete(origin);
  }
  const looking = setInterval(() => {
    for (const origin of balancer.behind) void look(origin);
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
    const able = balancer.behind.filter((origin) => (failed.get(origin) ?? 0) < MOST_FAILED);
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
