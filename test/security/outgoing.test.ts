import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { slackAddresses } from "../../adapters/slack/addresses.ts";
import { clientOptions, createCalls } from "../../adapters/slack/calls.ts";
import { createResponseUrl } from "../../adapters/slack/responseUrl.ts";
import { sdkLog } from "../../adapters/slack/sdkLog.ts";
import type { Card } from "../../src/chat/card.ts";
import { createClient } from "../../src/cli/client.ts";
import { createLog } from "../../src/log.ts";
import { openDiscord } from "../adapters/discord/harness.ts";
import { openTestLoki } from "../adapters/loki/open.ts";
import { openHttpSlack } from "../adapters/slack/harness.ts";
import { eventually } from "../support/eventually.ts";
import { createScriptedCore } from "../support/scriptedCore.ts";
import { signed } from "../support/slack/person.ts";
import { ACME, ANNA, LOGS } from "../support/slack/world.ts";

interface Said {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** A server that says the same to everybody, and notes what it was sent. */
async function serve(answer: (said: Said) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push(
        `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}\n${Buffer.concat(chunks).toString("latin1")}`,
      );
      const said: Said = { status: 200, headers: {}, body: "{}" };
      answer(said);
      response.writeHead(said.status, said.headers).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
type Served = Awaited<ReturnType<typeof serve>>;

let elsewhere: Served;
beforeEach(async () => {
  elsewhere = await serve(() => undefined);
});
afterEach(() => elsewhere.close());

// Models keep to it by their contract: test/contract/languageModelRefusals.ts.
describe.each([301, 302, 303, 307, 308])(
  "a redirect with status %i is not followed, and nothing goes along",
  (status) => {
    let before: Served;
    beforeEach(async () => {
      before = await serve((said) => {
        said.status = status;
        said.headers = { location: `${elsewhere.url}/taken` };
      });
    });
    afterEach(async () => {
      expect(elsewhere.seen).toEqual([]);
      await before.close();
    });

    test("by Loki's client", async () => {
      const source = await openTestLoki(before.url, { connection: { url: before.url, token: "loki-token" } });
      await expect(source.services("acme", { fromMs: 0, toMs: 60_000 })).rejects.toThrow();
      expect(before.seen[0]).toContain("loki-token");
      await source.close();
    });

    test("by Slack's: a call, with and without a signal, an upload and an answer", async () => {
      const isSlacks = slackAddresses(before.url);
      const options = clientOptions({ apiUrl: `${before.url}/api/` }, sdkLog(createLog("silent")));
      const calls = createCalls(options, isSlacks, Date.now);
      const account = {
        ...{ workspace: ACME.id, name: ACME.name, token: "xoxb-slack-token", isOrgWide: false },
        ...{ botUserId: undefined, botId: undefined, enterpriseId: undefined },
      };
      for (const signal of [undefined, new AbortController().signal]) {
        const asked = await calls.make(account, (client) => client.auth.test({}), signal);
        expect(asked.ok).toBe(false);
      }
      expect(before.seen[0]).toContain("xoxb-slack-token");
      expect((await calls.upload(`${before.url}/upload`, Buffer.from("x"))).ok).toBe(false);
      const answer = createResponseUrl(`${before.url}/response`, Date.now, isSlacks);
      expect((await answer.send({ text: "x", blocks: [] }, "new")).ok).toBe(false);
      expect(before.seen).toHaveLength(4);
    });

    test("by Discord's", async () => {
      const on = await openDiscord(createScriptedCore());
      const sent = { kind: "answer", status, headers: { location: `${elsewhere.url}/taken` } } as const;
      on.loopback.faults.order(/^POST .*\/messages$/, sent, 3);
      const card: Card = { title: "x", tone: "neutral", body: [] };
      const posted = await on.platform.post(on.channel, card, { deliveryId: "d1" });
      expect(posted.outcome).not.toBe("sent");
      await on.close();
    });

    test("by the command line", async () => {
      const client = createClient({
        ...{ url: before.url, key: "lh_key", newId: () => "1", pause: async () => undefined, fetch },
        ...{ tell: () => undefined, someoneWaits: false },
      });
      await expect(client.get("/key")).rejects.toThrow();
      await expect(client.post("/analyses", {})).rejects.toThrow();
      expect(before.seen[0]).toContain("lh_key");
      expect(before.seen[0]).toContain("lh_key");
    });
  },
);

test("an answer of Loki's that is packed small and is huge is one that is too large", async () => {
  // 17 times 16 MB, in 270 kB: so well are lines packed that somebody has written to be.
  const body = Buffer.concat(new Array<Buffer>(17).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024, "x"))));
  const packed = await serve((said) => {
    said.headers = { "content-encoding": "gzip", "content-type": "application/json" };
    said.body = body;
  });
  const source = await openTestLoki(packed.url);
  const asked = source.services("acme", { fromMs: 0, toMs: 60_000 });
  await expect(asked).rejects.toThrow("more than Loki may read or send at once");
  await source.close();
  await packed.close();
});

describe("an address in a payload of Slack's", () => {
  test.each([
    "https://hooks.slack.com/commands/T1/2/3",
    "https://hooks.slack-gov.com/actions/T1/2/3",
    "https://files.slack.com/upload/v1/abc",
  ])("is used where it is Slack's: %s", (url) => {
    expect(slackAddresses(undefined)(url)).toBe(true);
  });

  test.each([
    ...["http://hooks.slack.com/x", "https://hooks.slack.com:8443/x", "https://slack.com@evil.test/x"],
    ...["https://user:word@hooks.slack.com/x", "https://evilslack.com/x", "https://slack.com.evil.test/x"],
    ...["https://evil.test/slack.com", "https://evil.test\\@slack.com/", "https://hooks.slack.com.:443/x"],
    ...["https://127.0.0.1/x", "http://169.254.169.254/latest/meta-data/", "https://[::ffff:7f00:1]/x"],
    ...["file:///etc/passwd", "//hooks.slack.com/x", "hooks.slack.com", ""],
  ])("is not used where it is anybody else's: %s", (url) => {
    expect(slackAddresses(undefined)(url)).toBe(false);
    // With an address of the operator's own for Slack's Web API neither.
    expect(slackAddresses("https://slack-proxy.internal/api/")(url)).toBe(false);
  });

  test("gets nothing, and the answer goes the way that needs none", async () => {
    const core = createScriptedCore();
    core.answer({
      kind: "message",
      visibility: "caller",
      card: { title: "For you", tone: "neutral", body: [] },
    });
    const on = await openHttpSlack(core);
    const body = new URLSearchParams({
      ...{ command: "/loghunter", text: "status", team_id: ACME.id, channel_id: LOGS.id, user_id: ANNA.id },
      ...{ trigger_id: "trigger-1", response_url: `${elsewhere.url}/inside` },
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded", ...signed(body) };
    expect((await fetch(`${on.url}/slack/events`, { method: "POST", headers, body })).status).toBe(200);
    const isShown = async () => on.server.world.messages.find(({ onlyFor }) => onlyFor === ANNA.id);
    expect((await eventually(isShown)).text).toContain("For you");
    expect(elsewhere.seen).toEqual([]);
    await on.close();
  });
});
