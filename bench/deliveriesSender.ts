/**
 * A process that sends what is owed, to a stand-in for a platform: `node --import tsx bench/deliveriesSender.ts
 * <database url> <address of the stand-in>`. Says "ready" once it sends, and its memory in MB on each line it is given.
 */
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { Pool } from "undici";
import { startDeliverer } from "../src/alerting/deliver.ts";
import type { Card } from "../src/chat/card.ts";
import type { Limits } from "../src/chat/limits.ts";
import type { ChatPlatform, Delivery, MessageRef, Place } from "../src/chat/platform.ts";
import { openDatabase } from "../src/database.ts";
import { createLog } from "../src/log.ts";
import { createDirectory } from "../src/tenancy/directory.ts";

const [databaseUrl = "", address = ""] = process.argv.slice(2);
const log = createLog("warn");
const http = new Pool(address, { connections: 256 });
const database = openDatabase({ url: databaseUrl, log });

async function send(path: string, place: Place, card: Card, id: string): Promise<Delivery> {
  const body = JSON.stringify({ channel: place.channel, title: card.title, id });
  const { body: answer } = await http.request({ path, method: "POST", body });
  const { message } = (await answer.json()) as { message: string };
  return { outcome: "sent", message: { place, id: message } };
}

const platform: ChatPlatform = {
  name: "bench",
  limits: {} as Limits,
  start: async () => undefined,
  stop: async () => undefined,
  post: (place, card, { deliveryId }) => send("/post", place, card, deliveryId),
  edit: (message: MessageRef, card) => send("/edit", message.place, card, message.id),
  tell: async () => ({ outcome: "refused", reason: "not permitted", why: "nobody is told" }),
  addressOf: async () => undefined,
  isConnected: () => undefined,
  whoIs: async () => "not told",
  health: async () => ({ ok: true, summary: "", warnings: [] }),
  reach: async () => ({ outcome: "open" }),
};
const deliverer = startDeliverer({
  directory: createDirectory(database),
  platforms: [platform],
  log,
  owner: randomUUID(),
});
console.log("ready");
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  if (line === "stop") break;
  console.log((process.memoryUsage().rss / 2 ** 20).toFixed(0));
}
await deliverer.stop();
await database.close();
await http.close();
