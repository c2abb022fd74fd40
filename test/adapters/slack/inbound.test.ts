import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Card } from "../../../src/chat/card.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { ACME, ANNA, BOT_USER, LOGS, type User } from "../../support/slack/world.ts";
import { type OpenSlack, openHttpSlack, openSocketSlack } from "./harness.ts";

const card = (title: string): Card => ({ title, tone: "neutral", body: [] });
const toAll = (title: string): Reply => ({ kind: "message", visibility: "channel", card: card(title) });
const toCaller = (title: string): Reply => ({ kind: "message", visibility: "caller", card: card(title) });

for (const [mode, open] of [
  ["Socket Mode", openSocketSlack],
  ["HTTP", openHttpSlack],
] as const) {
  describe(`What people do on Slack, in ${mode}`, () => {
    let core: ScriptedCore;
    let on: OpenSlack;
    beforeEach(async () => {
      core = createScriptedCore();
      on = await open(core);
    });
    afterEach(async () => {
      const { complaints } = on.server;
      await on.close();
      expect(complaints).toEqual([]);
    });

    const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
    const bots = () => on.server.world.messages.filter(({ by }) => by === "bot");
    const firstInbound = () => eventually(async () => core.inbounds[0]);
    const post = async (title: string) =>
      sentOf(await on.slack.post(place, card(title), { deliveryId: title }));

    describe("is acknowledged", () => {
      test("although the core hangs: commands, presses, mentions, explanations and forms", async () => {
        core.answerWith(() => new Promise<Reply>(() => {}));
        const ref = sentOf(
          await on.slack.post(
            place,
            {
              ...card("pressable"),
              actions: [{ label: "Go", style: "plain", action: { name: "test.go", subject: "" } }],
            },
            { deliveryId: "p" },
          ),
        );
        const message = on.server.world.message(LOGS.id, ref.id);
        if (message === undefined) throw new Error("it does not stand");
        const startedMs = Date.now();
        await on.anna.command("status");
        await on.anna.press(message, "Go");
        await on.anna.mention("status");
        await on.anna.explain(on.anna.say("ERROR"));
        await on.anna.command("filters save");
        const form = await eventually(async () => on.server.world.views.at(-1));
        expect(Date.now() - startedMs).toBeLessThan(2_500);
        // That waits for what may be wrong with it, and for less than Slack does.
        const sentMs = Date.now();
        await on.anna.submit(form, { name: "slow" });
        expect(Date.now() - sentMs).toBeLessThan(2_900);
        await eventually(async () => (core.inbounds.length === 5 ? true : undefined));
      });

      test("so that others see a command whose answer they will see, and no other", async () => {
        expect((await on.anna.command("status")).acknowledged).toMatchObject({ response_type: "in_channel" });
        expect((await on.anna.command("secret")).acknowledged ?? {}).not.toHaveProperty("response_type");
        expect((await on.anna.command("no such thing")).acknowledged ?? {}).not.toHaveProperty(
          "response_type",
        );
        expect((await on.anna.command("filters save")).acknowledged ?? {}).not.toHaveProperty(
          "response_type",
        );
      });
    });

    test("a command that names somebody says who that is; what is said in a thread has their name", async () => {
      await on.anna.command("members role <@U0BEN0001|ben> admin <!subteam^S1|@on-call> <#C1|general>");
      const text = "members role <@U0BEN0001|ben> admin <!subteam^S1|@on-call> #general";
      expect(await firstInbound()).toMatchObject({ kind: "command", call: { text } });
      const root = await post("root");
      await on.anna.write("ask <@U0BEN0001|ben> or <@U0ELSE001>", root.id);
      const reply = await eventually(async () => core.inbounds[1]);
      expect(reply).toMatchObject({ kind: "reply", text: "ask @ben or @U0ELSE001" });
    });

    test("an answer that everybody sees, and an invitation of the bot's, say that the channel takes messages", async () => {
      const join = (user: string, subtype = "channel_join") =>
        on.anna.event({
          ...{ type: "message", subtype, user, inviter: ANNA.id, channel: LOGS.id },
          ...{ channel_type: "channel", ts: "1764000001.000200", text: `<@${user}> has joined the channel` },
        });
      core.reached.length = 0;
      await join(ANNA.id);
      core.answer(toCaller("for you"));
      await on.anna.command("secret");
      await eventually(async () => bots()[0]);
      expect(core.reached).toEqual([]);
      await join(BOT_USER);
      await eventually(async () => core.reached[0]);
      await join(BOT_USER, "group_join");
      await eventually(async () => core.reached[1]);
      core.answer(toAll("for all"));
      await on.anna.command("status");
      await eventually(async () => core.reached[2]);
      expect(core.reached).toEqual([place, place, place]);
    });

    describe("a mention", () => {
      test("is a command, as it was typed: links, names and entities are text again", async () => {
        await on.anna.mention(
          "search &lt;nil&gt; &amp;amp; <http://shop.test|shop.test> <https://a.test/x> <@U0BEN0001|ben> <#C1|general> <!here>",
        );
        expect(await firstInbound()).toMatchObject({
          kind: "command",
          place,
          call: { text: "search <nil> &amp; shop.test https://a.test/x <@U0BEN0001|ben> #general @here" },
        });
        await quiet();
        expect(core.inbounds).toHaveLength(1);
      });

      test("in a thread is answered there", async () => {
        const root = on.anna.say("it broke");
        core.answer(toAll("in the thread"));
        await on.anna.mention("status", root.ts);
        const answer = await eventually(async () => bots()[0]);
        expect(answer.thread).toBe(root.ts);
        expect(core.inbounds[0]).toMatchObject({ kind: "command", place: { ...place, thread: root.ts } });
      });

      test("under a message of the bot's that is no command is a question to it", async () => {
        const root = await post("root cause");
        await on.anna.mention("why did it break?", root.id);
        expect(await firstInbound()).toMatchObject({ kind: "reply", text: "why did it break?", toBot: true });
        await quiet();
        expect(core.inbounds).toHaveLength(1);
      });

      test("with nothing else in it is a call for help", async () => {
        await on.anna.mention("");
        expect(await firstInbound()).toMatchObject({ kind: "command", call: { text: "" } });
      });
    });

    describe("what is written", () => {
      test("to the bot alone is a command, and its private answer stays there", async () => {
        on.server.world.channels.push({ id: "D0ANNA001", hasBot: true, of: ANNA.id });
        core.answer(toCaller("just you"));
        await on.anna.writeDirectly("status", "D0ANNA001");
        expect(await firstInbound()).toMatchObject({
          kind: "command",
          call: { text: "status" },
          place: { channel: "D0ANNA001" },
        });
        const answer = await eventually(async () => bots()[0]);
        expect(answer).toMatchObject({ channel: "D0ANNA001" });
        expect(answer.onlyFor).toBeUndefined();
      });

      test("in a thread among people is told to the core as such", async () => {
        const root = on.anna.say("lunch?");
        core.answer({ kind: "silence" });
        await on.anna.write("at one", root.ts);
        expect(await firstInbound()).toMatchObject({ kind: "reply", text: "at one", toBot: false });
      });

      test("and begins a name a hundred thousand times is read at once", async () => {
        const root = await post("root");
        const startedMs = Date.now();
        await on.anna.write("<@a".repeat(100_000), root.id);
        await firstInbound();
        expect(Date.now() - startedMs).toBeLessThan(10_000);
      });

      test("in a channel to nobody, by bots, or edited, is nobody's business", async () => {
        const root = await post("root");
        await on.anna.write("hello all");
        await on.anna.write("beep", root.id, { bot_id: "B0OTHER01" });
        await on.anna.write("edited", root.id, { subtype: "message_changed" });
        await on.anna.write("its own", root.id, { user: BOT_USER });
        await quiet();
        expect(core.inbounds).toEqual([]);
      });

      test("with a picture beside it is heard", async () => {
        const root = await post("root");
        await on.anna.write("see here", root.id, { subtype: "file_share" });
        expect(await firstInbound()).toMatchObject({ kind: "reply", text: "see here" });
      });
    });

    describe("a message to be explained", () => {
      test("is read with what stands in its blocks, attachments and files", async () => {
        const message = on.anna.say("Alert &amp; more");
        await on.anna.explain(message, {
          blocks: [
            { type: "header", text: { type: "plain_text", text: "checkout down" } },
            {
              type: "rich_text",
              elements: [
                { type: "rich_text_preformatted", elements: [{ type: "text", text: "ERROR <nil>" }] },
              ],
            },
          ],
          attachments: [
            {
              color: "#f00",
              title: "HighErrorRate",
              text: "5xx &gt; 3",
              fields: [{ title: "service", value: "checkout" }],
            },
            { fallback: "only a fallback" },
          ],
          files: [{ name: "app.log", preview: "line one\nline two" }],
        });
        const inbound = await firstInbound();
        expect(inbound.kind === "explain" && inbound.text.split("\n")).toEqual([
          "Alert & more",
          "checkout down",
          "ERROR <nil>",
          "HighErrorRate",
          "5xx > 3",
          "service: checkout",
          "only a fallback",
          "line one",
          "line two",
        ]);
      });

      test("that stands in a thread is explained in that thread", async () => {
        const root = on.anna.say("root");
        const inThread = on.anna.say("ERROR", root.ts);
        core.answer(toAll("explained"));
        await on.anna.explain(inThread);
        const answer = await eventually(async () => bots()[0]);
        expect(answer.thread).toBe(root.ts);
        expect(core.inbounds[0]).toMatchObject({ place: { thread: root.ts }, message: { id: inThread.ts } });
      });
    });

    describe("a person", () => {
      test("who is a guest of the workspace is told to the core as one, and nobody else is", async () => {
        const gil: User = { id: "U0GIL0001", team: ACME.id, name: "gil", guestOf: "channels" };
        const una: User = { id: "U0UNA0001", team: ACME.id, name: "una", guestOf: "one channel" };
        on.server.world.users.push(gil, una);
        for (const user of [gil, una, ANNA]) await on.as(user).command("status");
        await eventually(async () => (core.inbounds.length === 3 ? true : undefined));
        const guests = core.inbounds.filter(({ person }) => person.guest).map(({ person }) => person.id);
        expect(guests.sort()).toEqual([gil.id, una.id]);
        expect(core.inbounds.find(({ person }) => person.id === ANNA.id)?.person).not.toHaveProperty("guest");
      });

      test("is asked about once, not at every act", async () => {
        for (let at = 0; at < 3; at++) await on.anna.command("status");
        await eventually(async () => (core.inbounds.length === 3 ? true : undefined));
        expect(on.server.calls.filter(({ method }) => method === "users.info")).toHaveLength(1);
      });
    });

    test("a stop lets what is in hand be answered", async () => {
      let release = () => {};
      core.answerWith(async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return toAll("before the end");
      });
      await on.anna.command("status");
      await firstInbound();
      const stopped = on.slack.stop();
      release();
      await stopped;
      expect(bots()).toHaveLength(1);
    });
  });
}
