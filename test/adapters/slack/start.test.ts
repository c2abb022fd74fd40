import { describe, expect, test } from "@jest/globals";
import { clientOptions } from "../../../adapters/slack/calls.ts";
import { createSlack, type SlackOptions } from "../../../adapters/slack/index.ts";
import { SCOPE_NAMES } from "../../../adapters/slack/scopes.ts";
import { sdkLog, withoutTokens } from "../../../adapters/slack/sdkLog.ts";
import { UserError } from "../../../src/errors.ts";
import { createLog, type Log } from "../../../src/log.ts";
import { until } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { createMemoryInstallations } from "../../support/slack/memory.ts";
import { CLIENT } from "../../support/slack/oauth.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "../../support/slack/server.ts";
import { ACME, LOGS } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { ONE_PIXEL, openSocketSlack } from "./harness.ts";

function options(server: SlackServer, own: Partial<SlackOptions> = {}): SlackOptions {
  return {
    draw: async () => ONE_PIXEL,
    log: createLog("silent"),
    now: Date.now,
    acts: createMemoryActs(),
    apiUrl: server.apiUrl,
    connection: { mode: "socket", botToken: ACME.token, appToken: APP_TOKEN },
    ...own,
  };
}

describe("Slack at its start", () => {
  test("knows its own workspace, and tells of it before anything is received", async () => {
    const server = await openSlackServer();
    const told: unknown[] = [];
    const slack = createSlack(
      options(server, {
        connection: {
          mode: "socket",
          botToken: ACME.token,
          appToken: APP_TOKEN,
          opened: async (workspace) => {
            told.push(workspace, server.socket.opened());
          },
        },
      }),
    );
    expect(slack.ownWorkspace).toBeUndefined();
    expect(slack.listener).toBeUndefined();
    const core = createScriptedCore();
    await slack.start(core);
    expect(told).toEqual([{ id: ACME.id, name: ACME.name }, 0]);
    expect(core.reached).toEqual([{ platform: "slack", workspace: ACME.id }]);
    expect(slack.ownWorkspace).toEqual({ id: ACME.id, name: ACME.name });
    expect((await slack.health(ACME.id)).ok).toBe(true);
    await slack.stop();
    await server.close();
  });

  const WRONG: [string, Partial<{ botToken: string; appToken: string }>][] = [
    ["SLACK_BOT_TOKEN", { botToken: "xoxb-unknown" }],
    ["SLACK_BOT_TOKEN", { botToken: "xoxp-a-persons-own" }],
    ["SLACK_APP_TOKEN", { appToken: "xapp-unknown" }],
    ["SLACK_APP_TOKEN", { appToken: "xoxb-acme-1" }],
  ];
  for (const [setting, wrong] of WRONG) {
    test(`says that ${setting} is wrong and where to get it: ${JSON.stringify(wrong)}`, async () => {
      const server = await openSlackServer();
      const connection = { mode: "socket" as const, botToken: ACME.token, appToken: APP_TOKEN, ...wrong };
      const slack = createSlack(options(server, { connection }));
      const error = await slack.start(createScriptedCore()).catch((failed: unknown) => failed);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toContain(setting);
      expect((error as UserError).message).toContain("https://api.slack.com/apps");
      expect((error as UserError).message).not.toContain(Object.values(wrong)[0]);
      await slack.stop();
      await server.close();
    });
  }

  describe("in HTTP mode", () => {
    const create = (publicUrl: string) => {
      const connection = {
        mode: "http" as const,
        signingSecret: "s",
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        stateSecret: "s",
        publicUrl,
        installations: createMemoryInstallations(),
      };
      return createSlack({
        draw: async () => ONE_PIXEL,
        log: createLog("silent"),
        now: Date.now,
        acts: createMemoryActs(),
        connection,
      });
    };

    test.each([
      "http://loghunter.example.com",
      "http://10.0.0.7:3141",
      "loghunter.example.com",
      "ftp://a.test",
    ])("says that HTTP_PUBLIC_URL is wrong where no installation could end well: %s", (publicUrl) => {
      expect(() => create(publicUrl)).toThrow(UserError);
      expect(() => create(publicUrl)).toThrow(/HTTP_PUBLIC_URL must begin with https/);
    });

    test.each([
      "https://loghunter.example.com",
      "http://127.0.0.1:3141",
      "http://localhost:3141",
      "http://[::1]:3141",
    ])("takes an https address, and that of this machine: %s", (publicUrl) => {
      expect(create(publicUrl).listener).toBeDefined();
    });
  });

  test("does not wait for a network that is away: it goes on trying, and says so", async () => {
    const server = await openSlackServer();
    const clock = createClock();
    const outage = { kind: "dropped" } as const;
    server.faults.next("auth.test", outage, outage, outage);
    server.faults.next("apps.connections.open", outage, outage);
    const slack = createSlack(options(server, { pause: clock.pause, now: clock.now }));
    await slack.start(createScriptedCore());
    const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
    const card = { title: "t", tone: "neutral" as const, body: [] };
    expect((await slack.health(ACME.id)).ok).toBe(false);
    expect(slack.isConnected()).toBe(false);
    expect((await slack.post(place, card, { deliveryId: "d" })).outcome).toBe("later");
    await until(async () => (await slack.health(ACME.id)).ok);
    expect(slack.isConnected()).toBe(true);
    expect((await slack.post(place, card, { deliveryId: "d" })).outcome).toBe("sent");
    await slack.stop();
    await server.close();
  });

  test("can be stopped while it still tries", async () => {
    const server = await openSlackServer();
    server.faults.always("auth.test", { kind: "dropped" });
    const slack = createSlack(options(server));
    await slack.start(createScriptedCore());
    await slack.stop();
    const calls = server.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.calls).toHaveLength(calls);
    await server.close();
  });
});

describe("Slack's health", () => {
  test("names each scope that is missing, with what is lost and what mends it", async () => {
    const on = await openSocketSlack(createScriptedCore());
    const [team] = on.server.world.teams;
    if (team !== undefined)
      team.scopes = SCOPE_NAMES.filter((scope) => scope !== "files:write" && scope !== "users:read");
    const { ok, warnings } = await on.slack.health(ACME.id);
    expect(ok).toBe(true);
    expect(warnings).toHaveLength(2);
    expect(warnings.join(" ")).toMatch(/users:read.*admin.*files:write.*charts/);
    await on.close();
  });

  test("says that a token is not accepted, and is well again once it is", async () => {
    const on = await openSocketSlack(createScriptedCore());
    const [team] = on.server.world.teams;
    if (team !== undefined) team.isRevoked = true;
    const health = await on.slack.health(ACME.id);
    expect(health).toMatchObject({ ok: false });
    expect(health.summary).toContain("install LogHunter again");
    if (team !== undefined) team.isRevoked = false;
    expect((await on.slack.health(ACME.id)).ok).toBe(true);
    await on.close();
  });
});

describe("Slack's addresses", () => {
  test("are the SDK's own where none is set", () => {
    expect(clientOptions({}, sdkLog(createLog("silent")))).not.toHaveProperty("slackApiUrl");
  });

  test("end with a slash, as the SDK wants them", () => {
    const { slackApiUrl } = clientOptions(
      { apiUrl: "https://proxy.test/slack/api" },
      sdkLog(createLog("silent")),
    );
    expect(slackApiUrl).toBe("https://proxy.test/slack/api/");
  });
});

test("no token and no code of an installation gets into the log", async () => {
  const lines: string[] = [];
  const note = (data: unknown, message?: unknown) => void lines.push(JSON.stringify([data, message]));
  const log = { debug: note, info: note, warn: note, error: note } as unknown as Log;
  sdkLog(log).error(
    new Error(
      "failed: xoxb-1-secret xapp-1-A-secret xoxe.xoxb-1-secret https://a.test/?code=secret&state=secret",
    ),
  );
  expect(lines.join()).not.toContain("secret");
  expect(withoutTokens("nothing to hide")).toBe("nothing to hide");

  const server = await openSlackServer();
  server.faults.next("apps.connections.open", { kind: "error", code: "fatal_error" });
  const slack = createSlack({ ...options(server), log });
  await slack.start(createScriptedCore());
  await slack.stop();
  await server.close();
  expect(lines.join()).not.toMatch(/xoxb-|xapp-/);
});
