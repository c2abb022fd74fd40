import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createDiscord } from "../../../adapters/discord/index.ts";
import type { Card } from "../../../src/chat/card.ts";
import { makeKey } from "../../../src/keys/apiKey.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { refusedWith } from "../../support/discord/faults.ts";
import { botRole, TYPES, type World } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { discordOptions } from "./harness.ts";
import { eachOpens, forAll, forCaller, plain, pressable } from "./open.ts";

const THREADS = /^POST \/channels\/\d+\/messages\/\d+\/threads$/;
const open = eachOpens();
const cause: Card = { ...plain("the deploy"), title: "checkout: likely cause found", discussable: true };
const named = ({ bot }: World, text: string) => `<@${bot.id}> ${text}`;

async function withRoot(how = {}, card = cause) {
  const on = await open(how);
  const root = sentOf(await on.platform.post(on.channel, card, { deliveryId: randomUUID() }));
  return { ...on, root, thread: { ...on.channel, thread: root.id } };
}

describe("A thread", () => {
  test("is opened under a card that may be discussed, by its title, once", async () => {
    const { root, loopback, platform, asked } = await withRoot();
    const thread = await eventually(async () => loopback.world.channels.get(root.id));
    expect(thread.name).toBe("checkout: likely cause found");
    await platform.edit(root, { ...cause, body: [] });
    await quiet();
    expect(asked(THREADS)).toHaveLength(1);
  });

  test("is opened when a card becomes one that may be discussed", async () => {
    const { root, loopback, platform } = await withRoot({}, plain("looking"));
    expect(loopback.world.channels.has(root.id)).toBe(false);
    await platform.edit(root, cause);
    await eventually(async () => loopback.world.channels.get(root.id));
  });

  test("has a name that Discord takes, whatever the title", async () => {
    const { root, loopback } = await withRoot(
      {},
      { ...cause, title: `@everyone ${"x".repeat(99)}😀${"y".repeat(99)}` },
    );
    const thread = await eventually(async () => loopback.world.channels.get(root.id));
    expect(thread.name.length).toBeLessThanOrEqual(100);
    expect(thread.name).not.toContain("@everyone");
  });

  test("that somebody else has opened is used", async () => {
    const { root, thread, ana, platform } = await withRoot({}, plain("root"));
    ana.thread(root.id);
    expect(await platform.post(thread, plain("in it"), { deliveryId: "d" })).toMatchObject({
      outcome: "sent",
      message: { place: thread },
    });
  });

  test("that cannot be opened leaves the channel, as an answer to the message", async () => {
    const { root, thread, platform, loopback, says, channel, asked } = await withRoot({}, plain("root"));
    loopback.faults.order(THREADS, refusedWith(403, 50013));
    await platform.post(thread, plain("first"), { deliveryId: "1" });
    const sent = sentOf(await platform.post(thread, plain("here then"), { deliveryId: "d" }));
    expect(sent.place).toEqual(channel);
    expect((await says("here then")).channel).toBe(channel.channel);
    // What is refused is not asked for again at once.
    expect(asked(THREADS)).toHaveLength(1);
    const posted = loopback.requests.findLast(
      ({ method, path }) => method === "POST" && path.endsWith("/messages"),
    );
    expect(posted?.body.message_reference).toMatchObject({ message_id: root.id });
  });

  test("that one message cannot have says nothing of others in its channel", async () => {
    const { platform, channel, loopback, thread } = await withRoot({}, plain("root"));
    loopback.faults.order(THREADS, refusedWith(400, 50021));
    await platform.post(thread, plain("beside it"), { deliveryId: "1" });
    const other = sentOf(await platform.post(channel, plain("another root"), { deliveryId: "2" }));
    const under = { ...channel, thread: other.id };
    expect(sentOf(await platform.post(under, plain("under it"), { deliveryId: "3" })).place).toEqual(under);
  });

  test("under a message that is gone is refused", async () => {
    const { channel, platform } = await open();
    const place = { ...channel, thread: "123456789012345678" };
    expect(await platform.post(place, plain("x"), { deliveryId: "d" })).toMatchObject({
      outcome: "refused",
      reason: "message gone",
    });
  });

  test("is gone on in when the message above it was deleted, also after a restart", async () => {
    const { root, thread, ana, core, platform, loopback, says } = await withRoot();
    await eventually(async () => loopback.world.channels.get(root.id));
    await platform.stop();
    const restarted = createDiscord(discordOptions(loopback));
    await restarted.start(core);
    try {
      loopback.world.messages.delete(root.id);
      loopback.faults.order(THREADS, refusedWith(404, 10008));
      expect(await restarted.post(thread, plain("in it"), { deliveryId: "d" })).toMatchObject({
        outcome: "sent",
        message: { place: thread },
      });
      core.answer(forAll("because of v2"));
      ana.write(root.id, named(loopback.world, "why?"));
      expect((await says("because of v2")).channel).toBe(root.id);
      expect(core.inbounds[0]).toMatchObject({ kind: "reply", toBot: true, place: thread });
    } finally {
      await restarted.stop();
    }
  });

  test("that somebody has deleted is opened anew while its message stands", async () => {
    const { root, thread, platform, loopback } = await withRoot();
    await eventually(async () => loopback.world.channels.get(root.id));
    loopback.world.channels.delete(root.id);
    expect((await platform.post(thread, plain("again"), { deliveryId: "d" })).outcome).toBe("sent");
  });
});

describe("What is written in a thread", () => {
  test("without naming the bot, and without the intent, is not for it", async () => {
    const { ana, root, core } = await withRoot();
    ana.write(ana.thread(root.id), "shall we have lunch?");
    await quiet();
    expect(core.inbounds).toEqual([]);
  });

  test("with the bot's name in it is a question without that name", async () => {
    const { ana, root, core, loopback, thread } = await withRoot();
    ana.write(ana.thread(root.id), `why ${named(loopback.world, "then?")}`);
    const inbound = await eventually(async () => core.inbounds[0]);
    expect(inbound).toMatchObject({ kind: "reply", text: "why  then?", toBot: true, place: thread });
  });

  test("as a command with the bot's name before it is that command", async () => {
    const { ana, root, core, loopback, says, thread } = await withRoot();
    core.answer(forAll("errors of checkout"));
    ana.write(ana.thread(root.id), named(loopback.world, "errors checkout"));
    expect((await says("errors of checkout")).channel).toBe(root.id);
    expect(core.inbounds[0]).toMatchObject({
      kind: "command",
      call: { text: "errors checkout" },
      place: thread,
    });
  });

  test("under a person's message is not to the bot", async () => {
    const { ana, core, loopback } = await open({ messageContent: true });
    const { message } = ana.write(loopback.world.channel, "it is slow");
    ana.write(ana.thread(message.api.id), "is it?");
    const inbound = await eventually(async () => core.inbounds[0]);
    expect(inbound).toMatchObject({ kind: "reply", toBot: false });
  });

  test("that was delivered twice is handled once, also where nobody can say what is in hand", async () => {
    const acts = createMemoryActs();
    acts.begin = async () => {
      throw new Error("no database");
    };
    const { ana, root, core } = await withRoot({ messageContent: true, options: { acts } });
    const { again } = ana.write(ana.thread(root.id), "why?");
    again();
    await eventually(async () => core.inbounds[0]);
    await quiet();
    expect(core.inbounds).toHaveLength(1);
  });

  test("by a bot is nothing", async () => {
    const { ana, root, core, loopback, platform, thread } = await withRoot({ messageContent: true });
    ana.thread(root.id);
    await platform.post(thread, plain(named(loopback.world, "analyze checkout")), { deliveryId: "d" });
    await quiet();
    expect(core.inbounds).toEqual([]);
  });

  test("in a thread under no message, a private one or a forum's post stands in a channel of its own", async () => {
    const { ana, core, loopback, channel } = await open();
    const { world } = loopback;
    const forum = { id: world.newId(), type: TYPES.forum, name: "forum", guild_id: world.guild };
    world.channels.set(forum.id, forum);
    for (const [type, parent_id] of [
      [TYPES.privateThread, world.channel],
      [TYPES.publicThread, forum.id],
      [TYPES.publicThread, world.channel],
    ] as const) {
      const id = world.newId();
      world.channels.set(id, { id, type, name: "t", guild_id: world.guild, parent_id });
      ana.write(id, named(world, "analyze checkout"));
      const inbound = await eventually(async () => core.inbounds.find(({ place }) => place.channel === id));
      expect(inbound).toMatchObject({ kind: "command", place: { ...channel, channel: id } });
      expect(inbound.place).not.toHaveProperty("thread");
    }
  });

  test("and answered for the writer only, is answered directly, once where the bot was not named", async () => {
    const { ana, root, core, loopback, says, bots } = await withRoot({ messageContent: true });
    core.answer(forCaller("nothing to ask here"));
    const thread = ana.thread(root.id);
    ana.write(thread, "one");
    ana.write(thread, "two");
    await eventually(async () => core.inbounds[1]);
    expect((await says("nothing to ask here")).seenBy).toBe("caller");
    expect((await says("nothing to ask here")).text).toContain("What is written here does not reach me");
    await quiet();
    const told = () => bots().filter(({ text }) => text.includes("nothing to ask here"));
    expect(told()).toHaveLength(1);
    ana.write(thread, named(loopback.world, "three"));
    await eventually(async () => told()[1]);
  });

  test("and answered for a writer who takes no direct words, says no more than that there is an answer", async () => {
    const { ana, core, loopback, says, bots } = await open();
    core.answer(forCaller("the secret"));
    loopback.faults.order(/^POST \/users\/@me\/channels$/, refusedWith(403, 50007));
    ana.write(loopback.world.channel, named(loopback.world, "status"));
    expect(await says("an answer for you alone")).toMatchObject({ seenBy: "everybody" });
    expect(bots().some(({ text }) => text.includes("the secret"))).toBe(false);
  });
});

describe("What is written in a channel", () => {
  test("after the bot's name is a command", async () => {
    const { ana, core, loopback, channel } = await open();
    ana.write(loopback.world.channel, named(loopback.world, "analyze checkout since:2h"));
    const inbound = await eventually(async () => core.inbounds[0]);
    expect(inbound).toMatchObject({
      kind: "command",
      call: { text: "analyze checkout since:2h" },
      place: channel,
    });
  });

  test("with nothing but the bot's name is told how to go on, in a thread too, and what is no command where it was asked", async () => {
    const { ana, core, root, loopback, says, bots } = await withRoot();
    const { world } = loopback;
    ana.write(world.channel, `<@${world.bot.id}>`);
    expect((await says("Write a command after my name")).channel).toBe(world.channel);
    ana.write(ana.thread(root.id), `<@${world.bot.id}> `);
    await eventually(async () =>
      bots().find(({ channel, text }) => channel === root.id && text.includes("Write a command")),
    );
    expect(core.inbounds).toEqual([]);
    core.answer(forCaller('There is no command "hello"'));
    ana.write(world.channel, named(world, "hello"));
    expect(await says('There is no command "hello"')).toMatchObject({
      ...{ seenBy: "everybody", channel: world.channel },
    });
  });

  test("as a reply to a message of the bot's is a question about it, answered in its thread", async () => {
    const { ana, core, root, thread, loopback, says } = await withRoot();
    core.answer(forAll("because of v2"));
    ana.write(loopback.world.channel, "why?", root.id);
    expect((await says("because of v2")).channel).toBe(root.id);
    expect(core.inbounds).toMatchObject([{ kind: "reply", text: "why?", toBot: false, place: thread }]);
  });

  test("as a reply to a person is nothing", async () => {
    const { ana, core, loopback } = await open({ messageContent: true });
    const { message } = ana.write(loopback.world.channel, "it is slow");
    ana.write(loopback.world.channel, "it is", message.api.id);
    await quiet();
    expect(core.inbounds).toEqual([]);
  });

  test("after the name of the bot's role is a command where it can be read, and is told how to name it where not", async () => {
    const { ana, core, loopback, says, bots } = await open();
    const { world } = loopback;
    const text = `<@&${botRole(world.guild)}> analyze checkout`;
    ana.write(world.channel, text);
    expect((await says("named my role")).channel).toBe(world.channel);
    ana.write(world.channel, text);
    await quiet();
    expect(bots()).toHaveLength(1);
    expect(core.inbounds).toEqual([]);
    ana.write(world.channel, `${text} <@${world.bot.id}>`);
    expect(await eventually(async () => core.inbounds[0])).toMatchObject({
      call: { text: "analyze checkout" },
    });
  });

  test("is nothing where the bot is not named, also where its text arrives", async () => {
    const { ana, core, loopback } = await open({ messageContent: true });
    ana.write(loopback.world.channel, "analyze checkout");
    await quiet();
    expect(core.inbounds).toEqual([]);
  });
});

describe("A question that is asked with a button", () => {
  test("goes to the thread, where others see it, and so does its answer", async () => {
    const { ana, root, core, says, thread, bots } = await withRoot();
    core.answer({ ...forAll("because of v2.4.1"), asked: "why *then*?" });
    const { asked } = ana.pressLabelled(root.id, "Ask about it");
    await eventually(async () => asked.modal);
    ana.submit(asked, { question: "why *then*?" });
    expect((await says("because of v2.4.1")).channel).toBe(root.id);
    expect((await says("why *then*?")).channel).toBe(root.id);
    expect(bots().map(({ text }) => /why|because/.exec(text)?.[0])).toEqual([undefined, "why", "because"]);
    expect(core.inbounds).toHaveLength(1);
    expect(core.inbounds[0]).toMatchObject({
      kind: "reply",
      text: "why *then*?",
      toBot: true,
      place: thread,
    });
  });

  test("is shown to the others as what answers it has it, without the secrets in it", async () => {
    const { ana, root, core, loopback, says } = await withRoot();
    core.answer({
      ...forAll("it is"),
      asked: "is it password=<redacted:password>, or <redacted:loghunter-key>?",
    });
    const { asked } = ana.pressLabelled(root.id, "Ask about it");
    await eventually(async () => asked.modal);
    const key = makeKey(randomUUID()).raw;
    ana.submit(asked, { question: `is it password=${key.slice(30, 48)}, or ${key}?` });
    const { text } = await says("is it password");
    expect(text).toContain("<redacted:password>");
    expect(text).toContain("<redacted:loghunter-key>");
    expect(loopback.heard.join()).not.toContain(key.slice(30, 48));
  });

  test("stands in no thread where it is answered to nobody but whoever asked", async () => {
    const { ana, root, core, says, bots } = await withRoot();
    core.answer({ ...forCaller("nothing can be asked about this"), asked: "why then?" });
    const { asked } = ana.pressLabelled(root.id, "Ask about it");
    await eventually(async () => asked.modal);
    ana.submit(asked, { question: "why then?" });
    expect(await says("nothing can be asked")).toMatchObject({ seenBy: "caller" });
    expect(bots().map(({ text }) => text)).not.toContainEqual(expect.stringContaining("why then?"));
  });

  test("but holds none is refused with what is missing", async () => {
    const { ana, root, core, says } = await withRoot();
    const { asked } = ana.pressLabelled(root.id, "Ask about it");
    await eventually(async () => asked.modal);
    ana.submit(asked, { question: "  " });
    expect(await says("write a question")).toMatchObject({ seenBy: "caller" });
    expect(core.inbounds).toEqual([]);
  });

  test("is not offered where threads are read", async () => {
    const { bots } = await withRoot({ messageContent: true });
    expect(bots()[0]?.buttons).toEqual([]);
  });
});

describe("A log that somebody wants explained", () => {
  test("in a channel that has no threads is explained beside it", async () => {
    const { ana, core, loopback, says, channel } = await open();
    loopback.faults.order(THREADS, refusedWith(403, 50013));
    core.answer(forAll("a time-out"));
    const { message } = ana.write(loopback.world.channel, "ERROR timeout");
    ana.explain(message.api.id);
    expect(await says("a time-out")).toMatchObject({ channel: channel.channel, seenBy: "everybody" });
  });

  test("may stand in an embed of another bot", async () => {
    const { ana, core, loopback } = await open();
    const { message } = ana.write(loopback.world.channel, "");
    message.api.embeds = [
      { title: "Alert", description: "ERROR timeout", fields: [{ name: "pod", value: "a-1" }] },
    ];
    ana.explain(message.api.id);
    expect(await eventually(async () => core.inbounds[0])).toMatchObject({
      text: "Alert\nERROR timeout\npod: a-1",
    });
  });

  test("with nothing to read in it is refused", async () => {
    const { ana, core, loopback, says } = await open();
    ana.explain(ana.write(loopback.world.channel, "").message.api.id);
    expect(await says("no text")).toMatchObject({ seenBy: "caller" });
    expect(core.inbounds).toEqual([]);
  });

  test("in a file is refused with what to do in its place", async () => {
    const { ana, core, loopback, says } = await open();
    const { message } = ana.write(loopback.world.channel, "");
    message.api.attachments = [{ id: "1", filename: "app.log" }] as never;
    ana.explain(message.api.id);
    expect(await says("Paste some of the lines")).toMatchObject({ seenBy: "caller" });
    expect(core.inbounds).toEqual([]);
  });
});

describe("A press in a thread", () => {
  test("is answered in that thread", async () => {
    const { ana, root, core, platform, thread, says } = await withRoot({}, plain("root"));
    const ref = sentOf(await platform.post(thread, pressable("in it"), { deliveryId: "d" }));
    core.answer(forAll("beside it"));
    ana.pressLabelled(ref.id, "Go");
    expect((await says("beside it")).channel).toBe(root.id);
    expect(core.inbounds[0]).toMatchObject({
      kind: "press",
      place: thread,
      message: { id: ref.id, place: thread },
    });
  });
});
