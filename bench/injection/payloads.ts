import type { webApi } from "@slack/bolt";
import { messageOf } from "../../adapters/discord/message.ts";
import type { Account } from "../../adapters/slack/accounts.ts";
import { createPosting } from "../../adapters/slack/posting.ts";
import type { Card } from "../../src/chat/card.ts";
import { createLog } from "../../src/log.ts";

/** A card as each platform would be sent it. */
export interface Payloads {
  slack: Record<string, unknown>;
  discord: Record<string, unknown>;
}

const ACCOUNT: Account = {
  workspace: "T1",
  name: "bench",
  token: "none",
  botUserId: undefined,
  botId: undefined,
  enterpriseId: undefined,
  isOrgWide: false,
};

export async function payloadsOf(card: Card): Promise<Payloads> {
  return { slack: await slackOf(card), discord: await discordOf(card) };
}

/** What Slack's client is called with; nothing is sent, and what cannot be uploaded is told in words. */
async function slackOf(card: Card): Promise<Record<string, unknown>> {
  let sent: Record<string, unknown> = {};
  const client = {
    chat: {
      postMessage: async (args: Record<string, unknown>) => {
        sent = args;
        return { ok: true, ts: "1.000100" };
      },
    },
  } as unknown as webApi.WebClient;
  const posting = createPosting({
    calls: {
      make: async (_account, call) => ({ ok: true, value: await call(client) }),
      upload: async () => ({ ok: true, value: undefined }),
      tokenTrouble: () => undefined,
      tryTokenAgain: () => undefined,
    },
    pictures: { of: async () => new Map(), forget: () => undefined },
    sharing: { inThread: async () => true, withPerson: async () => true, noteEarlier: async () => undefined },
    pause: async () => undefined,
    log: createLog("silent"),
    resendsUnsure: false,
  });
  const place = { platform: "slack", workspace: "T1", channel: "C1" };
  await posting.post(ACCOUNT, place, card, { deliveryId: NO_ID });
  return JSON.parse(withoutIds(JSON.stringify(sent)));
}

async function discordOf(card: Card): Promise<Record<string, unknown>> {
  const parts = { draw: async () => new Uint8Array(8), log: createLog("silent"), ask: true };
  const { body } = await messageOf(card, parts);
  return JSON.parse(withoutIds(JSON.stringify(body)));
}

const NO_ID = "00000000-0000-4000-8000-000000000000";

/** Ids are made at random, and digits in them could look like anything. */
function withoutIds(json: string): string {
  return json.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, NO_ID);
}
