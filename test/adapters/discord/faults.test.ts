import { randomUUID } from "node:crypto";
import { queryObjects } from "node:v8";
import { describe, expect, test } from "@jest/globals";
import type { Chart } from "../../../src/charts/chart.ts";
import type { Card } from "../../../src/chat/card.ts";
import type { Place } from "../../../src/chat/platform.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { rateLimited, refusedWith } from "../../support/discord/faults.ts";
import { guildOf } from "../../support/discord/world.ts";
import { eventually, until } from "../../support/eventually.ts";
import { eachOpens, plain, pressable } from "./open.ts";

const POST = /^POST \/channels\/\d+\/messages$/;
const EDIT = /^PATCH \/channels\/\d+\/messages\//;
const open = eachOpens();

/** Discord tells of each server once it is connected, and what it had refused there before is forgotten. */
async function toldOfServers({
  core,
  loopback: { world },
}: Pick<Awaited<ReturnType<typeof open>>, "core" | "loopback">) {
  const isTold = (server: string) => core.reached.some(({ workspace }) => workspace === server);
  await until(() => isTold(world.guild) && isTold(world.otherGuild), "word of its servers");
}

describe("A post to Discord", () => {
  test("that comes too soon is to come later, by as much as Discord says to a fraction of a second", async () => {
    const { platform, channel, loopback, bots } = await open();
    loopback.faults.order(POST, rateLimited(1.5));
    const delivery = await platform.post(channel, plain("soon"), { deliveryId: randomUUID() });
    if (delivery.outcome !== "later") throw new Error(delivery.outcome);
    expect(delivery.afterMs).toBeGreaterThanOrEqual(1_500);
    expect(delivery.afterMs).toBeLessThan(1_700);
    expect(bots()).toEqual([]);
  });

  test("that comes a moment too soon waits for that moment, and stands once", async () => {
    const { platform, channel, loopback, bots } = await open();
    loopback.faults.order(POST, rateLimited(0.2));
    expect((await platform.post(channel, plain("soon"), { deliveryId: randomUUID() })).outcome).toBe("sent");
    expect(bots()).toHaveLength(1);
  });

  test("whose route is used up is not even sent", async () => {
    const { platform, channel, loopback, asked } = await open();
    loopback.faults.order(POST, {
      kind: "answer",
      status: 200,
      body: { id: "1", channel_id: channel.channel },
      headers: { "x-ratelimit-limit": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "1.05" },
    });
    await platform.post(channel, plain("last"), { deliveryId: randomUUID() });
    const delivery = await platform.post(channel, plain("too many"), { deliveryId: randomUUID() });
    expect(delivery.outcome).toBe("later");
    expect(asked(POST)).toHaveLength(1);
  });

  test.each([500, 502, 503])("that Discord answers with %i may stand or not", async (status) => {
    const { platform, channel, loopback, asked } = await open();
    loopback.faults.order(POST, refusedWith(status, 0));
    const delivery = await platform.post(channel, plain("who knows"), { deliveryId: randomUUID() });
    expect(delivery.outcome).toBe("unknown");
    expect(asked(POST)).toHaveLength(1);
  });

  test("that is never answered is given up in time", async () => {
    const { platform, channel, loopback } = await open({ options: { waits: { requestMs: 200 } } });
    loopback.faults.order(POST, { kind: "hang" });
    const delivery = await platform.post(channel, plain("silence"), { deliveryId: randomUUID() });
    expect(delivery.outcome).toBe("unknown");
  });

  test("whose answer was lost stands once when it is tried again, also when Discord has forgotten its nonce", async () => {
    const { platform, channel, loopback, bots } = await open();
    for (const forgets of [false, true]) {
      loopback.faults.order(POST, { kind: "lost answer" });
      const deliveryId = randomUUID();
      const card = plain(`lost ${forgets}`);
      expect((await platform.post(channel, card, { deliveryId })).outcome).toBe("unknown");
      for (const kept of loopback.world.messages.values()) if (forgets) delete kept.nonce;
      const again = await platform.post(channel, card, { deliveryId, maybeSent: true });
      expect(sentOf(again).id).toBe(bots().at(-1)?.id);
    }
    expect(bots()).toHaveLength(2);
  });

  test("that never arrived is not taken for an equal one of another delivery", async () => {
    const { platform, channel, loopback, bots } = await open();
    const first = sentOf(await platform.post(channel, plain("test alert"), { deliveryId: randomUUID() }));
    loopback.faults.order(POST, { kind: "cut" });
    const deliveryId = randomUUID();
    expect((await platform.post(channel, plain("test alert"), { deliveryId })).outcome).toBe("unknown");
    const again = sentOf(await platform.post(channel, plain("test alert"), { deliveryId, maybeSent: true }));
    expect(again.id).not.toBe(first.id);
    expect(bots()).toHaveLength(2);
  });

  test("is not sent again while nobody can look whether it stands", async () => {
    const { platform, channel, loopback, asked } = await open();
    loopback.faults.order(/^GET \/channels\/\d+\/messages$/, refusedWith(503, 0));
    const delivery = await platform.post(channel, plain("x"), { deliveryId: "d", maybeSent: true });
    expect(delivery.outcome).toBe("unknown");
    expect(asked(POST)).toHaveLength(0);
  });

  test("is sent with its nonce where it may not look whether it stands, and stands once", async () => {
    const { platform, channel, loopback, bots } = await open();
    loopback.faults.order(POST, { kind: "lost answer" });
    await platform.post(channel, plain("x"), { deliveryId: "d" });
    loopback.faults.order(/^GET \/channels\/\d+\/messages$/, refusedWith(403, 50013));
    const delivery = await platform.post(channel, plain("x"), { deliveryId: "d", maybeSent: true });
    expect(sentOf(delivery).id).toBe(bots()[0]?.id);
    expect(bots()).toHaveLength(1);
  });

  test("that is given up while it waits is not sent afterwards", async () => {
    const { platform, channel, loopback, bots } = await open();
    loopback.faults.order(POST, rateLimited(0.3));
    const giveUp = new AbortController();
    const sending = { deliveryId: randomUUID(), signal: giveUp.signal };
    const delivery = platform.post(channel, plain("given up"), sending);
    await eventually(async () => loopback.requests.find(({ path }) => path.endsWith("/messages")));
    giveUp.abort();
    expect((await delivery).outcome).not.toBe("sent");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(bots()).toEqual([]);
  });

  test("leaves nothing in memory of how long it was waited for", async () => {
    const { platform, channel } = await open();
    const post = () => platform.post(channel, plain("x"), { deliveryId: randomUUID() });
    await post();
    const before = Number(queryObjects(AbortSignal));
    for (let nth = 0; nth < 20; nth++) await post();
    expect(Number(queryObjects(AbortSignal)) - before).toBeLessThan(10);
  });

  test("with Discord out of reach is to come later, for nothing was sent", async () => {
    const { platform, channel, loopback } = await open();
    await loopback.close();
    const post = () => platform.post(channel, plain("away"), { deliveryId: randomUUID() });
    // The first may have gone out on a connection that was open still.
    await post();
    expect(await post()).toMatchObject({ outcome: "later" });
  });

  test.each([
    ["not acceptable", 400, 50035],
    ["not acceptable", 413, 40005],
    ["not permitted", 403, 50001],
    ["not permitted", 403, 50013],
    ["channel gone", 404, 10003],
    ["not installed", 404, 10004],
  ] as const)("is refused as %s for %i %i", async (reason, status, code) => {
    const { platform, channel, loopback } = await open();
    loopback.faults.order(POST, refusedWith(status, code));
    const delivery = await platform.post(channel, plain("no"), { deliveryId: randomUUID() });
    expect(delivery).toMatchObject({ outcome: "refused", reason });
  });

  test("that lacks a permission says which", async () => {
    const { platform, channel, loopback } = await open({
      prepare: ({ world }) => {
        world.permissions &= ~0x8000n;
      },
    });
    loopback.faults.order(POST, refusedWith(403, 50013));
    expect(await platform.post(channel, plain("x"), { deliveryId: "d" })).toMatchObject({
      why: expect.stringContaining("Attach Files"),
    });
    expect((await platform.health(channel.workspace)).warnings.join()).toContain("Attach Files");
  });
});

describe("A channel in which nothing may be attached", () => {
  test("gets the words without the picture, also when they are edited", async () => {
    const { platform, channel, loopback, bots } = await open({
      prepare: ({ world }) => {
        world.permissions &= ~0x8000n;
      },
    });
    const chart = { kind: "chart", chart: {} as Chart, alt: "12 errors a minute *now*" } as const;
    const lines = { kind: "log", lines: Array.from({ length: 400 }, (_, at) => `line ${at}`) } as const;
    const card: Card = { ...plain("what happened"), body: [chart, { ...lines, lines: [...lines.lines] }] };
    const ref = sentOf(await platform.post(channel, card, { deliveryId: randomUUID() }));
    await platform.edit(ref, { ...card, title: "Now" });
    expect(bots()).toMatchObject([{ pictures: [], files: [] }]);
    expect(bots()[0]?.text).toContain("12 errors a minute *now*");
    expect(bots()[0]?.text).toContain("give LogHunter Attach Files");
    expect(loopback.requests.flatMap(({ files }) => files)).toEqual([]);
  });
});

describe("A channel that refuses", () => {
  const refuses = async (now = Date.now) => {
    const on = await open({ options: { now } });
    await toldOfServers(on);
    on.loopback.forbidden.set(on.channel.channel, 50013);
    const post = (place: Place = on.channel) =>
      on.platform.post(place, plain("x"), { deliveryId: randomUUID() });
    await post();
    return { ...on, post };
  };

  test("is left alone for ten minutes", async () => {
    let nowMs = Date.now();
    const { post, asked } = await refuses(() => nowMs);
    expect(await post()).toMatchObject({ outcome: "refused", reason: "not permitted" });
    expect(asked(POST)).toHaveLength(1);
    nowMs += 10 * 60_000 + 1;
    await post();
    expect(asked(POST)).toHaveLength(2);
  });

  test.each([
    ["GUILD_ROLE_UPDATE", (guild: string) => ({ guild_id: guild, role: { id: guild, permissions: "0" } })],
    ["CHANNEL_UPDATE", (guild: string, channel: string) => ({ id: channel, guild_id: guild, type: 0 })],
  ])("is asked again once %s tells of a change", async (event, data) => {
    const { post, asked, loopback, channel, core } = await refuses();
    const { platform, workspace } = channel;
    // It was connected.
    expect(core.reached).toContainEqual({ platform, workspace });
    core.reached.length = 0;
    loopback.gateway.dispatch(event, data(workspace, channel.channel));
    await until(() => core.reached.length > 0, "word of the change");
    expect(core.reached).toEqual([{ platform, workspace }]);
    await post();
    expect(asked(POST)).toHaveLength(2);
  });

  test("is not asked again for a change of somebody else's rights", async () => {
    const { post, asked, loopback, channel } = await refuses();
    const user = loopback.world.ana;
    loopback.gateway.dispatch("GUILD_MEMBER_UPDATE", { guild_id: channel.workspace, user, roles: [] });
    await quiet();
    await post();
    expect(asked(POST)).toHaveLength(1);
  });
});

describe("A refusal that is not Discord's own", () => {
  test.each([401, 403, 404])("such as a proxy's %i, says nothing of tokens or channels", async (status) => {
    const { platform, channel, loopback } = await open();
    loopback.faults.order(POST, { kind: "answer", status, headers: { "content-type": "text/html" } });
    const post = () => platform.post(channel, plain("x"), { deliveryId: randomUUID() });
    expect(await post()).toMatchObject({ outcome: "later", why: expect.stringContaining(String(status)) });
    expect((await post()).outcome).toBe("sent");
    expect((await platform.health(channel.workspace)).ok).toBe(true);
  });
});

describe("A server that LogHunter was removed from", () => {
  const removed = async () => {
    const on = await open();
    const { loopback, channel, platform } = on;
    loopback.gateway.dispatch("GUILD_DELETE", { id: channel.workspace });
    loopback.forbidden.set(channel.channel, 50001);
    await eventually(async () => ((await platform.health(channel.workspace)).ok ? undefined : true));
    const post = () => platform.post(channel, plain("x"), { deliveryId: randomUUID() });
    return { ...on, post };
  };

  test("is known to have done so, and Discord is asked for nothing there", async () => {
    const { post, platform, channel, loopback } = await removed();
    const before = loopback.requests.length;
    const refusal = {
      outcome: "refused",
      reason: "not installed",
      why: expect.stringContaining("invite it"),
    };
    expect(await post()).toMatchObject(refusal);
    const { ana } = loopback.world;
    expect(await platform.tell(channel.workspace, ana.id, plain("x"), { deliveryId: "d" })).toMatchObject(
      refusal,
    );
    expect(loopback.requests).toHaveLength(before);
  });

  test("takes messages at once when it has been invited again", async () => {
    const { post, loopback, channel, platform } = await removed();
    loopback.forbidden.clear();
    loopback.gateway.dispatch("GUILD_CREATE", guildOf(loopback.world, channel.workspace));
    await until(async () => (await platform.health(channel.workspace)).ok);
    expect((await post()).outcome).toBe("sent");
  });

  test("takes messages at once also where it had refused them before", async () => {
    const { platform, channel, loopback, core } = await open();
    const post = () => platform.post(channel, plain("x"), { deliveryId: randomUUID() });
    await toldOfServers({ core, loopback });
    loopback.forbidden.set(channel.channel, 50001);
    expect((await post()).outcome).toBe("refused");
    loopback.forbidden.clear();
    core.reached.length = 0;
    loopback.gateway.dispatch("GUILD_CREATE", guildOf(loopback.world, channel.workspace));
    await until(() => core.reached.length > 0, "word of the invitation");
    expect((await post()).outcome).toBe("sent");
  });
});

describe("What Discord has refused is not asked for again", () => {
  test("in a thread, by edits", async () => {
    const { platform, channel, loopback, asked } = await open();
    const root = sentOf(await platform.post(channel, plain("root"), { deliveryId: randomUUID() }));
    const place = { ...channel, thread: root.id };
    const ref = sentOf(await platform.post(place, plain("in it"), { deliveryId: randomUUID() }));
    loopback.forbidden.set(root.id, 50013);
    for (const text of ["one", "two", "three"]) await platform.edit(ref, plain(text));
    expect(asked(EDIT)).toHaveLength(1);
  });

  test("by looking under whose message a thread hangs", async () => {
    const { ana, core, loopback, asked } = await open({ messageContent: true });
    const thread = ana.thread(ana.write(loopback.world.channel, "root").message.api.id);
    loopback.forbidden.set(loopback.world.channel, 50013);
    ana.write(thread, "one");
    await eventually(async () => core.inbounds[0]);
    ana.write(thread, "two");
    await eventually(async () => core.inbounds[1]);
    expect(asked(/^GET \/channels\/\d+\/messages\/\d+$/)).toHaveLength(1);
  });
});

describe("An edit", () => {
  test.each([400, 429])(
    "of an old message, of which Discord takes few (%i), is to come later",
    async (status) => {
      const { platform, channel, loopback } = await open();
      const ref = sentOf(await platform.post(channel, plain("old"), { deliveryId: randomUUID() }));
      loopback.faults.order(EDIT, refusedWith(status, 30046));
      expect((await platform.edit(ref, plain("new"))).outcome).toBe("later");
    },
  );

  test("in a thread that sleeps wakes it", async () => {
    const { platform, channel, loopback, bots } = await open();
    const root = sentOf(await platform.post(channel, plain("root"), { deliveryId: randomUUID() }));
    const place = { ...channel, thread: root.id };
    const ref = sentOf(await platform.post(place, plain("in it"), { deliveryId: randomUUID() }));
    const thread = loopback.world.channels.get(root.id);
    if (thread?.thread_metadata === undefined) throw new Error("there is no thread");
    thread.thread_metadata.archived = true;
    expect((await platform.edit(ref, plain("edited"))).outcome).toBe("sent");
    thread.thread_metadata.archived = true;
    expect((await platform.post(place, plain("more"), { deliveryId: randomUUID() })).outcome).toBe("sent");
    expect(bots().map(({ text }) => text.includes("edited") || text.includes("more"))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("in a thread that is locked is refused", async () => {
    const { platform, channel, loopback } = await open();
    const root = sentOf(await platform.post(channel, plain("root"), { deliveryId: randomUUID() }));
    const place = { ...channel, thread: root.id };
    await platform.post(place, plain("in it"), { deliveryId: randomUUID() });
    const thread = loopback.world.channels.get(root.id);
    if (thread?.thread_metadata === undefined) throw new Error("there is no thread");
    thread.thread_metadata.locked = true;
    expect(await platform.post(place, plain("more"), { deliveryId: randomUUID() })).toMatchObject({
      outcome: "refused",
      reason: "channel archived",
    });
  });
});

describe("A token that Discord takes no longer", () => {
  test("stops everything, and health says what mends it", async () => {
    const { platform, channel, loopback } = await open();
    loopback.faults.order(POST, refusedWith(401, 0, "401: Unauthorized"));
    const post = () => platform.post(channel, plain("x"), { deliveryId: randomUUID() });
    expect(await post()).toMatchObject({ outcome: "refused", reason: "not installed" });
    const before = loopback.requests.length;
    expect(await post()).toMatchObject({ outcome: "refused", reason: "not installed" });
    expect(loopback.requests).toHaveLength(before);
    expect(await platform.health(channel.workspace)).toMatchObject({
      ok: false,
      summary: expect.stringContaining("DISCORD_TOKEN"),
    });
    await eventually(async () => (loopback.gateway.isConnected() ? undefined : true));
  });
});

describe("Direct words", () => {
  test("have no buttons, for nobody vouches there for the server that they are about", async () => {
    const { platform, channel, loopback, bots } = await open();
    const card: Card = { ...pressable("for you"), discussable: true };
    await platform.tell(channel.workspace, loopback.world.ana.id, card, { deliveryId: "d" });
    expect(bots()).toMatchObject([{ seenBy: "caller", buttons: [] }]);
  });

  test("to somebody who takes none are refused", async () => {
    const { platform, channel, loopback } = await open();
    loopback.faults.order(POST, refusedWith(403, 50007));
    const told = await platform.tell(channel.workspace, loopback.world.ana.id, plain("x"), {
      deliveryId: "d",
    });
    expect(told).toMatchObject({ outcome: "refused", reason: "not permitted" });
  });

  test("to somebody who has left the server are not said", async () => {
    const { platform, channel, loopback, asked } = await open();
    const told = await platform.tell(channel.workspace, loopback.world.newId(), plain("x"), {
      deliveryId: "d",
    });
    expect(told).toMatchObject({ outcome: "refused", reason: "not permitted" });
    expect(asked(/^POST \/users/)).toEqual([]);
  });
});
