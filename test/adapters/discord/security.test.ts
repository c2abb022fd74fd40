import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { HOSTILE_TEXTS } from "../../support/arbitraryCard.ts";
import { see } from "../../support/discord/seen.ts";
import { botRole } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";
import { eachOpens, forAll, forCaller, plain, pressable } from "./open.ts";

const open = eachOpens();

describe("A server's messages", () => {
  test("are never posted or edited in another server's channel", async () => {
    const { platform, channel, loopback, asked } = await open();
    const { otherChannel, otherGuild } = loopback.world;
    const forged = { ...channel, channel: otherChannel };
    const theirs = { ...forged, workspace: otherGuild };
    const own = sentOf(await platform.post(theirs, plain("theirs"), { deliveryId: randomUUID() }));
    const sends = () => asked(/^(POST|PATCH) \/channels/).length;
    const before = sends();
    for (const [place, reason] of [
      [forged, "channel gone"],
      [{ ...theirs, workspace: "42" }, "not installed"],
    ] as const) {
      expect(await platform.post(place, plain("x"), { deliveryId: randomUUID() })).toMatchObject({
        outcome: "refused",
        reason,
      });
      expect((await platform.edit({ ...own, place }, plain("x"))).outcome).toBe("refused");
    }
    expect(sends()).toBe(before);
  });

  test("belong to the server that Discord says an act came from", async () => {
    const { ana, core, loopback } = await open();
    const { otherChannel, otherGuild } = loopback.world;
    ana.slash("status", {}, otherChannel);
    const inbound = await eventually(async () => core.inbounds[0]);
    expect(inbound.place).toEqual({ platform: "discord", workspace: otherGuild, channel: otherChannel });
  });
});

describe("A button", () => {
  test("that does not stand on the message is refused", async () => {
    const { ana, core, platform, channel, says } = await open();
    const ref = sentOf(await platform.post(channel, pressable("press me"), { deliveryId: "d" }));
    ana.press(ref.id, "test.go:43");
    expect(await says("means nothing any more")).toMatchObject({ seenBy: "caller" });
    expect(core.inbounds).toEqual([]);
  });

  test("whose id is none of LogHunter's is refused", async () => {
    const { ana, core, platform, channel, says } = await open();
    const ref = sentOf(await platform.post(channel, pressable("press me"), { deliveryId: "d" }));
    ana.press(ref.id, "__proto__");
    await says("means nothing any more");
    expect(core.inbounds).toEqual([]);
  });

  test("on somebody else's message is refused", async () => {
    const { ana, core, loopback, says } = await open();
    const { message } = ana.write(loopback.world.channel, "mine");
    message.api.components = [
      { type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "test.go:42" }] },
    ] as never;
    ana.press(message.api.id, "test.go:42");
    await says("means nothing any more");
    expect(core.inbounds).toEqual([]);
  });

  test("on a message that stands in another channel than it was pressed in is refused", async () => {
    const { ana, core, platform, channel, loopback, says } = await open();
    const ref = sentOf(await platform.post(channel, pressable("press me"), { deliveryId: "d" }));
    const kept = loopback.world.messages.get(ref.id);
    if (kept === undefined) throw new Error("it does not stand");
    const begin = loopback.interactions.begin;
    loopback.interactions.begin = (of) => {
      const asked = begin(of);
      kept.api.channel_id = loopback.world.otherChannel;
      return asked;
    };
    ana.press(ref.id, "test.go:42");
    await says("means nothing any more");
    expect(core.inbounds).toEqual([]);
  });
});

describe("A button that is pressed outside of any server", () => {
  test("does nothing, and a sentence says where to go", async () => {
    const { ana, core, platform, channel, loopback } = await open();
    const told = await platform.tell(channel.workspace, loopback.world.ana.id, plain("for you"), {
      deliveryId: "d",
    });
    const { asked } = ana.press(sentOf(told).id, "test.go:42");
    const answer = await eventually(async () => asked.original);
    expect(see(loopback.world, answer)).toMatchObject({
      seenBy: "caller",
      text: expect.stringContaining("Use LogHunter in the server"),
    });
    expect(core.inbounds).toEqual([]);
  });
});

describe("A form", () => {
  // The last one took a minute to be read, in which nobody else was answered.
  const slow = `form:filters save:1:${"a=".repeat(39)}&&`;
  test.each(["form:drop everything:1", "form:status", "filters save", "form:filters save:1:2", slow])(
    "with the forged id %s calls nothing",
    async (forged) => {
      const { ana, core, says } = await open();
      const { asked } = ana.slash("filters save", {});
      const modal = await eventually(async () => asked.modal);
      modal.custom_id = forged;
      ana.submit(asked, { name: "slow" });
      await says("another version");
      expect(core.inbounds).toEqual([]);
    },
  );
});

describe("Nobody is pinged", () => {
  test("by anything that LogHunter sends, whatever stands in it", async () => {
    const { ana, core, platform, channel, loopback, bots } = await open();
    const hostile = plain(`${HOSTILE_TEXTS.mentions} @everyone <@${loopback.world.ana.id}>`);
    const ref = sentOf(await platform.post(channel, hostile, { deliveryId: randomUUID() }));
    await platform.edit(ref, { ...hostile, title: "@here" });
    await platform.tell(channel.workspace, loopback.world.ana.id, hostile, { deliveryId: randomUUID() });
    for (const reply of [forAll, forCaller]) {
      core.answer({ ...reply("x"), card: hostile });
      const before = bots().length;
      ana.slash("status", {});
      await eventually(async () => (bots().length > before ? true : undefined));
    }
    const sent = loopback.requests.filter(({ body }) => "components" in body || "data" in body);
    const messages = sent.map(
      ({ body }) => ("components" in body ? body : body.data) as Record<string, unknown>,
    );
    const written = messages.filter((message) => "components" in message);
    expect(written.length).toBeGreaterThanOrEqual(5);
    for (const message of written) expect(message.allowed_mentions).toEqual({ parse: [] });
    expect(bots().flatMap(({ alive }) => alive)).toEqual([]);
  });
});

describe("Who runs the server", () => {
  test.each([
    [0x8n, true],
    [0x20n, true],
    [0x800n | 0x10n, false],
  ])("is an admin here: permissions %s", async (permissions, isAdmin) => {
    const { ana, core, loopback } = await open();
    loopback.world.anaPermissions = permissions;
    ana.slash("status", {});
    const inbound = await eventually(async () => core.inbounds[0]);
    expect(inbound.person).toEqual({ id: loopback.world.ana.id, name: "Ana", platformAdmin: isAdmin });
  });

  test("is known by their roles where they write", async () => {
    const { ana, core, loopback } = await open({
      prepare: ({ world }) => {
        world.permissions |= 0x20n;
      },
    });
    const { world } = loopback;
    ana.write(world.channel, `<@${world.bot.id}> status`);
    expect((await eventually(async () => core.inbounds[0])).person.platformAdmin).toBe(false);
    world.anaRoles.push(botRole(world.guild));
    ana.write(world.channel, `<@${world.bot.id}> status`);
    expect((await eventually(async () => core.inbounds[1])).person.platformAdmin).toBe(true);
    await quiet();
  });
});

describe("The bot's token", () => {
  test("is not sent with what interactions are answered with", async () => {
    const { ana, says, asked } = await open();
    ana.slash("status", {});
    await says("Answered");
    for (const { token } of asked(/\/callback$|\/webhooks\//)) expect(token).toBeUndefined();
  });
});
