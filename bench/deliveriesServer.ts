import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a channel was sent, and when. */
export interface Sent {
  channel: string;
  title: string;
  id: string;
  atMs: number;
}

/** A stand-in for a chat platform that takes 50 to 150 ms for each message, and remembers them all. */
export async function serveMessages(): Promise<{ address: string; sent: Sent[]; stop(): Promise<void> }> {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { channel, title, id } = JSON.parse(text) as Omit<Sent, "atMs">;
    sent.push({ channel, title, id, atMs: performance.now() });
    const message = JSON.stringify({ message: `M${sent.length}` });
    setTimeout(() => response.end(message), 50 + (sent.length % 11) * 10);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
