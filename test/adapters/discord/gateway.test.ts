import { afterEach, describe, expect, test } from "@jest/globals";
import { createDiscord } from "../../../adapters/discord/index.ts";
import { UserError } from "../../../src/errors.ts";
import { createLog } from "../../../src/log.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { refusedWith } from "../../support/discord/faults.ts";
import { type Loopback, openLoopback } from "../../support/discord/loopback.ts";
import { eventually, until } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { discordOptions } from "./harness.ts";
import { eachOpens, forAll } from "./open.ts";

const WAITS = { pauseMs: 20, longestPauseMs: 100, stopMs: 200, identifyMs: 100 };
const open = eachOpens();

describe("A connection that is lost", () => {
  const ways: [string, (loopback: Loopback) => void][] = [
    ["because Discord asks to connect anew", ({ gateway }) => gateway.askToReconnect()],
    ["because it is closed", ({ gateway }) => gateway.close(4000)],
    ["because it breaks", ({ gateway }) => gateway.cut()],
  ];
  test.each(ways)("%s, is taken up where it was, and nothing is missed or done twice", async (_, lose) => {
    const { ana, core, loopback, says } = await open({ options: { acts: createMemoryActs(), waits: WAITS } });
    core.answer(forAll("answered"));
    const before = ana.slash("status", {});
    await says("answered");
    lose(loopback);
    await eventually(async () => (loopback.gateway.isConnected() ? undefined : true));
    // What happens meanwhile is replayed, and Discord replays what was had before too.
    const meanwhile = ana.slash("status", {});
    before.again();
    await eventually(async () => loopback.gateway.resumes[0]);
    await eventually(async () => core.inbounds[1]);
    await quiet();
    expect(core.inbounds.map(({ id }) => id)).toEqual([before.asked.id, meanwhile.asked.id]);
    expect(loopback.gateway.identifies).toHaveLength(1);
  });

  test("with its session, begins a new one", async () => {
    const { ana, core, loopback, platform, channel } = await open({ options: { waits: WAITS } });
    loopback.gateway.invalidate(false);
    await eventually(async () => loopback.gateway.identifies[1]);
    await until(async () => (await platform.health(channel.workspace)).ok);
    ana.slash("status", {});
    await eventually(async () => core.inbounds[0]);
  });

  test("again and again, begins new sessions less and less often", async () => {
    const { loopback } = await open({ options: { waits: { ...WAITS, identifyMs: 300 } } });
    const { gateway } = loopback;
    for (let nth = 1; nth < 8; nth++) {
      gateway.invalidate(false);
      await eventually(async () => gateway.identifies[nth]);
    }
    const gaps = gateway.identifies
      .slice(1)
      .map(({ atMs }, at) => atMs - (gateway.identifies[at]?.atMs ?? 0));
    // The SDK itself pauses half a second each time. The one before the last may have been late on a busy machine.
    expect(gaps[0]).toBeLessThan(gaps.at(-1) ?? 0);
    expect(gaps.at(-1)).toBeGreaterThan(300 * 2 ** 2 - 400);
  });

  test("is told by health, as long as it lasts", async () => {
    const { loopback, platform, channel } = await open({ options: { waits: WAITS } });
    loopback.gateway.away(true);
    loopback.gateway.cut();
    await eventually(async () => ((await platform.health(channel.workspace)).ok ? undefined : true));
    expect(platform.isConnected()).toBe(false);
    loopback.gateway.away(false);
    await until(async () => (await platform.health(channel.workspace)).ok);
    expect(platform.isConnected()).toBe(true);
  });

  test("for a reason that stays, is not sought again", async () => {
    const { loopback, platform, channel } = await open({ options: { waits: WAITS } });
    loopback.gateway.close(4004);
    const health = await eventually(async () => {
      const now = await platform.health(channel.workspace);
      return now.ok ? undefined : now;
    });
    expect(health.summary).toContain("DISCORD_TOKEN");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(loopback.gateway.identifies).toHaveLength(1);
  });
});

describe("At its start", () => {
  let loopback: Loopback;
  let stop = async () => {};
  afterEach(async () => {
    await stop();
    await loopback.close();
    expect(loopback.complaints).toEqual([]);
  });

  async function begin(
    prepare: (loopback: Loopback) => void,
    own: Parameters<typeof discordOptions>[1] = {},
  ) {
    loopback = await openLoopback({ contentGranted: false });
    prepare(loopback);
    const platform = createDiscord(discordOptions(loopback, { waits: WAITS, ...own }));
    stop = () => platform.stop();
    return { platform, started: platform.start(createScriptedCore()) };
  }
  const workspace = () => loopback.world.guild;

  test("asks for no more than it needs", async () => {
    const { started } = await begin(() => {});
    await started;
    // Guilds and GuildMessages: https://discord.com/developers/docs/events/gateway#list-of-intents
    expect(loopback.gateway.identifies[0]?.intents).toBe((1 << 0) | (1 << 9));
  });

  test("with a token that Discord does not know, says which setting is wrong", async () => {
    const { started, platform } = await begin(() => {}, { token: "another" });
    await expect(started).rejects.toThrow(UserError);
    await expect(started).rejects.toThrow("DISCORD_TOKEN");
    expect((await platform.health(workspace())).ok).toBe(false);
    expect(loopback.gateway.identifies).toEqual([]);
  });

  test("with an intent that was not granted, says which switch to set", async () => {
    const logged: string[] = [];
    const log = createLog("warn", { write: (line: string) => logged.push(JSON.parse(line).msg) });
    const { started } = await begin(() => {}, { messageContent: true, log });
    await expect(started).rejects.toThrow(UserError);
    await expect(started).rejects.toThrow("Message Content Intent");
    await quiet();
    expect(logged).toEqual(["discord: stopped for good"]);
  });

  test("with Discord out of reach, starts all the same, and connects when it is there", async () => {
    const { started, platform } = await begin(({ faults }) => faults.order(/gateway/, { kind: "cut" }, 3));
    await started;
    expect(await platform.health(workspace())).toMatchObject({
      ok: false,
      summary: expect.stringContaining("tried again"),
    });
    await until(async () => (await platform.health(workspace())).ok);
    await eventually(async () => loopback.commands[0]);
  });

  test("with Discord failing, waits longer each time", async () => {
    const { started } = await begin(({ faults }) => faults.order(/gateway/, refusedWith(500, 0), 4));
    await started;
    await eventually(async () => loopback.gateway.identifies[0]);
    const asked = loopback.requests.filter(({ path }) => path === "/gateway/bot").map(({ atMs }) => atMs);
    const gaps = asked.slice(1, 4).map((atMs, at) => atMs - (asked[at] ?? 0));
    // Longer on a busy machine, and a timer may be a millisecond early.
    for (const [at, leastMs] of [WAITS.pauseMs, 2 * WAITS.pauseMs, 4 * WAITS.pauseMs].entries())
      expect(gaps[at]).toBeGreaterThanOrEqual(leastMs - 2);
  });

  test("with no sessions left, waits until there are, and says so", async () => {
    const { started, platform } = await begin(({ session }) => {
      session.remaining = 0;
      session.resetAfterMs = 300;
    });
    await started;
    expect((await platform.health(workspace())).summary).toContain("no more sessions");
    expect(loopback.gateway.identifies).toEqual([]);
    loopback.session.remaining = 1_000;
    await eventually(async () => loopback.gateway.identifies[0]);
  });

  test("can be stopped while its session begins", async () => {
    const { started, platform } = await begin(({ gateway }) => gateway.silent(true), {
      waits: { ...WAITS, startMs: 100 },
    });
    await eventually(async () => loopback.gateway.identifies[0]);
    await started;
    const beganMs = Date.now();
    await platform.stop();
    expect(Date.now() - beganMs).toBeLessThan(3_000);
  });

  test("can be stopped before it ever connected", async () => {
    const { started, platform } = await begin(({ gateway }) => gateway.away(true), {
      waits: { ...WAITS, startMs: 100 },
    });
    await started;
    await platform.stop();
    loopback.gateway.away(false);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(loopback.gateway.identifies).toEqual([]);
  });
});

describe("Health", () => {
  test("of a server that LogHunter is not in says how to invite it", async () => {
    const { platform } = await open();
    expect(await platform.health("42")).toMatchObject({
      ok: false,
      summary: expect.stringContaining("Invite it with the link"),
    });
  });

  test("tells what it reads in threads, which is nothing to mend", async () => {
    const { platform, channel } = await open();
    const health = await platform.health(channel.workspace);
    expect(health.summary).toContain("In threads it reads what names it");
    expect(health.warnings).toEqual([]);
  });

  test("has nothing to say where all is well", async () => {
    const { platform, channel } = await open({ messageContent: true });
    expect(await platform.health(channel.workspace)).toMatchObject({ ok: true, warnings: [] });
  });
});
