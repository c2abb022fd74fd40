import { expect, test } from "@jest/globals";
import { readEnvironment } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { openChats } from "../../src/main/chats.ts";
import { createMemoryActs } from "../support/memoryActs.ts";

test("of a Discord that does not answer the start says so, and not that its servers are there", async () => {
  const env = readEnvironment({ DISCORD_TOKEN: "a-token", DISCORD_API_URL: "http://127.0.0.1:9/api" });
  const chats = await openChats(env, "local", async () => undefined as never, createLog("silent"));
  const [discord] = chats.open({ acts: createMemoryActs(), directory: {} as never } as never);
  try {
    expect(await chats.report()).toEqual([["Discord", "not reached yet; it is tried again by itself"]]);
  } finally {
    await discord?.stop();
  }
});
