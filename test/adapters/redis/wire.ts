import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** The wire to a Redis, which a test can cut, freeze and mend. */
export interface Wire {
  port: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Keeps connections and takes new ones, but nothing comes through any more. */
  freeze(): void;
  mend(): Promise<void>;
  /** The next answers come so much later, each by its own, ms. */
  slow(...ms: number[]): void;
  close(): Promise<void>;
}

export async function wireTo(redisUrl: string, tls?: { key: string; cert: string }): Promise<Wire> {
  const to = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  let late: number[] = [];
  let port = 0;
  let server: Server | undefined;

  function through(near: Socket): void {
    const far = connect(Number(to.port || 6379), to.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => {
        if (frozen) return;
        const ms = from === far ? late.shift() : undefined;
        if (ms === undefined) into.write(bytes);
        else setTimeout(() => into.write(bytes), ms);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        into.destroy();
      });
    }
  }

  async function open(): Promise<void> {
    const opened = tls ? createTlsServer(tls, through) : createServer(through);
    await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
    const address = opened.address();
    if (address !== null && typeof address === "object") port = address.port;
    server = opened;
  }

  async function cut(): Promise<void> {
    const closing = server;
    server = undefined;
    const closed = new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await open();
  return {
    get port() {
      return port;
    },
    cut,
    slow(...ms) {
      late = ms;
    },
    freeze() {
      frozen = true;
    },
    async mend() {
      frozen = false;
      await cut(); // a frozen connection has lost bytes
      await open();
    },
    close: cut,
  };
}
