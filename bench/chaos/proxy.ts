import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** What a network does to the connections that pass through a proxy. */
export type Way =
  | { kind: "open" }
  /** Each piece is so late, in both directions. */
  | { kind: "slow"; ms: number }
  /** Connections are ended, and none is taken. */
  | { kind: "refuses" }
  /** Connections stand and are taken, and nothing comes through; once it is open again, what was sent arrives. */
  | { kind: "hangs" }
  /** Whoever asks anything gets this, and the connection ends. The other side hears nothing. */
  | { kind: "answers"; bytes: () => Buffer | string };

/** Stands before a server on this machine; an instance knows no other address of it. */
export interface Passage {
  port: number;
  /** What is in the way from now on. */
  set(way: Way): void;
  /** Ends what stands; it may come back. */
  cut(): void;
  close(): Promise<void>;
}

const OPEN: Way = { kind: "open" };

/** @param to where it leads: its host is 127.0.0.1 unless the address says so */
export async function openProxy(to: { port: number; hostname?: string }): Promise<Passage> {
  const pairs = new Set<Pair>();
  let way = OPEN;

  const server = createServer((client) => {
    if (way.kind === "refuses") return void client.destroy();
    const upstream = connect(to.port, to.hostname ?? "127.0.0.1");
    const pair = join(client, upstream, () => way);
    pairs.add(pair);
    client.once("close", () => pairs.delete(pair));
  });
  // So that pieces arrive as they were sent, where they are slowed down.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const pair of pairs) pair.end();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    set(next) {
      way = next;
      if (way.kind === "refuses") cut();
      for (const pair of pairs) pair.look();
    },
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Pair {
  end(): void;
  /** The way may be another one. */
  look(): void;
}

function join(client: Socket, upstream: Socket, way: () => Way): Pair {
  const both = [client, upstream] as const;
  const end = () => {
    for (const socket of both) socket.destroy();
  };
  for (const socket of both) {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", end);
  }
  const flows = [flow(client, upstream, way), flow(upstream, client, way)];
  client.on("data", (data) => {
    const now = way();
    if (now.kind !== "answers") return flows[0]?.take(data);
    client.end(now.bytes());
    upstream.destroy();
  });
  upstream.on("data", (data) => flows[1]?.take(data));
  return {
    end,
    look() {
      for (const each of flows) each.look();
    },
  };
}

/** One direction: in order, whatever the way is while a piece is on it. */
function flow(from: Socket, to: Socket, way: () => Way) {
  const waiting: { data: Buffer; atMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function pass(): void {
    clearTimeout(timer);
    if (way().kind === "hangs") return void from.pause();
    from.resume();
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const waitMs = next.atMs - Date.now();
      if (waitMs > 0) {
        timer = setTimeout(pass, waitMs);
        return;
      }
      waiting.shift();
      if (!to.destroyed) to.write(next.data);
    }
  }

  from.once("close", () => clearTimeout(timer));
  return {
    take(data: Buffer) {
      const now = way();
      waiting.push({ data, atMs: Date.now() + (now.kind === "slow" ? now.ms : 0) });
      pass();
    },
    look: pass,
  };
}

/** An answer in HTTP/1.1 that ends its connection. */
export function httpAnswer(
  status: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): () => string {
  const all = {
    "content-type": body.startsWith("{") ? "application/json" : "text/plain; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return () => `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`;
}

/** How PostgreSQL turns a new connection away: https://www.postgresql.org/docs/15/protocol-message-formats.html */
export function postgresRefusal(code: string, message: string): () => Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`;
  const bytes = Buffer.alloc(5 + Buffer.byteLength(fields));
  bytes.write("E", 0);
  bytes.writeInt32BE(4 + Buffer.byteLength(fields), 1);
  bytes.write(fields, 5);
  return () => bytes;
}
