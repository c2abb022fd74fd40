import { expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { readEnvironment } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { openChats } from "../../src/main/chats.ts";
import { createKeyring } from "../../src/secrets/keyring.ts";
import { createInstallations } from "../../src/tenancy/installations.ts";
import { createMemoryActs } from "../support/memoryActs.ts";
import { openTestTenants } from "../support/tenants.ts";

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

test("of workspaces whose tokens no key opens the start says so", async () => {
  const t = await openTestTenants();
  const keysOf = (byte: number) => `k${byte}:${Buffer.alloc(32, byte).toString("base64")}`;
  const installationsBy = (keys: string) =>
    createInstallations({
      database: t.database,
      keyring: createKeyring(readEnvironment({ ENCRYPTION_KEYS: keys }).encryptionKeys ?? []),
      cache: createMemoryCache({ now: Date.now }),
    });
  const said = async (keys: string) => {
    const env = readEnvironment({
      ...{
        SLACK_SIGNING_SECRET: "s".repeat(32),
        SLACK_CLIENT_ID: "1.2",
        SLACK_CLIENT_SECRET: "c".repeat(32),
      },
      ...{ SLACK_STATE_SECRET: "s".repeat(32), HTTP_PUBLIC_URL: "https://logs.example.com" },
      ENCRYPTION_KEYS: keys,
    });
    const chats = await openChats(env, "local", async () => undefined as never, createLog("silent"));
    const parts = {
      acts: createMemoryActs(),
      directory: t.directory,
      installations: () => installationsBy(keys),
    };
    const [slack] = chats.open(parts);
    try {
      return await chats.report();
    } finally {
      await slack?.stop();
    }
  };
  try {
    await installationsBy(keysOf(1)).save("slack", "T1", {
      workspaceName: "Acme",
      installedBy: "U1",
      secret: "{}",
    });
    const slack = ["Slack", "over HTTP, for who installs it"];
    expect(await said(keysOf(1))).toEqual([slack]);
    expect(await said(keysOf(2))).toEqual([
      slack,
      [
        "Attention",
        "1 of 1 workspaces are not served: the key that sealed their tokens is not in ENCRYPTION_KEYS",
      ],
    ]);
  } finally {
    await t.close();
  }
});
