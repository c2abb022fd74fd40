import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** Stands before a PostgreSQL, and does to connections that listen for notices on a channel what networks do. */
export interface ListenProxy {
  /** The database's address, by way of this. */
  url: string;
  /** How many listen just now. */
  listeners(): number;
  /** Ends those that listen; they may come back. */
  cut(): void;
  /** From now on nothing reaches those that listen, and nobody ends them; undone by `heal`. */
  swallow(): void;
  /** Ends all connections, and lets none through; undone by `heal`. */
  goDown(): void;
  heal(): void;
  close(): Promise<void>;
}

export async function startListenProxy(databaseUrl: string, channel: string): Promise<ListenProxy> {
  const to = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const listening = new Set<Socket>();
  let swallows = false;
  let isDown = false;

  const server = createServer((client) => {
    if (isDown) return void client.destroy();
    const database = connect(Number(to.port), to.hostname.replaceAll(/[[\]]/g, ""));
    const both = [client, database];
    for (const socket of both) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        listening.delete(client);
        for (const other of both) other.destroy();
      });
    }
    client.on("data", (data) => {
      if (data.includes(`listen "${channel}"`)) listening.add(client);
      database.write(data);
    });
    database.on("data", (data) => {
      if (!(swallows && listening.has(client))) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    listeners: () => listening.size,
    cut() {
      for (const client of listening) client.destroy();
      listening.clear();
    },
    swallow() {
      swallows = true;
    },
    goDown() {
      isDown = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      swallows = false;
      isDown = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
