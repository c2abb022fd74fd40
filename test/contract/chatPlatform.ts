import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseCall } from "../../src/chat/call.ts";
import { button, type Card } from "../../src/chat/card.ts";
import { answerIdOf, type MessageRef } from "../../src/chat/platform.ts";
import { eventually } from "../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../support/scriptedCore.ts";
import { cardCases } from "./chatCards.ts";
import { type ChatPlatformHarness, quiet, sentOf } from "./chatHarness.ts";
import { secretCases } from "./chatSecrets.ts";

/** What every chat platform does: run it once an adapter. */
export function chatPlatformContract(
  name: string,
  open: (core: ScriptedCore) => Promise<ChatPlatformHarness>,
): void {
  describe(`${name}: a chat platform`, () => {
    let core: ScriptedCore;
    let on: ChatPlatformHarness;
    beforeEach(async () => {
      core = createScriptedCore();
      on = await open(core);
    });
    afterEach(async () => {
      const complaints = on.complaints();
      await on.close();
      expect(complaints).toEqual([]);
    });

    const bots = async () => (await on.standing()).filter((message) => message.by === "bot");
    const post = async (card: Card, place = on.channel) =>
      sentOf(await on.platform.post(place, card, { deliveryId: randomUUID() }));
    const standingAs = async (ref: MessageRef) => eventually(() => on.message(ref.id));

    describe("a command", () => {
      test("reaches the core as typed, with where and who", async () => {
        await on.command('analyze checkout since:2h namespace:"eu west"');
        const inbound = await eventually(async () => core.inbounds[0]);
        if (inbound.kind !== "command") throw new Error(`the core was handed a ${inbound.kind}`);
        const { definition, options } = parseCall(core.catalogue, inbound.call);
        expect(definition.name).toBe("analyze");
        expect(options).toEqual({ service: "checkout", since: "2h", namespace: "eu west" });
        expect(inbound.place).toEqual(on.channel);
        expect(inbound.person.id).not.toBe("");
        expect(inbound.person.name).not.toBe("");
      });

      test("is answered in the channel, for everybody", async () => {
        core.answer({ kind: "message", card: plain("checkout: fine"), visibility: "channel" });
        await on.command("analyze checkout");
        const [answer] = await eventually(async () => some(await bots()));
        expect(answer).toMatchObject({ seenBy: "everybody" });
        expect(answer?.text).toContain("checkout: fine");
        expect(answer).not.toHaveProperty("thread");
      });

      test("that was delivered twice is handled once and answered once", async () => {
        core.answer({ kind: "message", card: plain("once"), visibility: "channel" });
        const act = await on.command("analyze checkout");
        await act.again();
        await eventually(async () => some(await bots()));
        await act.again();
        await quiet();
        expect(await bots()).toHaveLength(1);
        expect(new Set(core.inbounds.map((inbound) => inbound.id)).size).toBe(1);
      });

      test("whose answer is for the caller shows it to nobody else", async () => {
        core.answer({ kind: "message", card: plain("for you"), visibility: "caller" });
        await on.command("secret");
        const [answer] = await eventually(async () => some(await bots()));
        expect(answer).toMatchObject({ seenBy: "caller" });
        expect(answer?.text).toContain("for you");
      });

      test("may be answered slowly, and its answer can be edited later where it was shown", async () => {
        let shownAt: MessageRef | undefined;
        let release = () => {};
        core.answerWith(async () => {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return {
            kind: "message",
            card: plain("working"),
            visibility: "channel",
            shown: async (message) => {
              shownAt = message;
            },
          };
        });
        const typed = on.command("analyze checkout");
        await eventually(async () => core.inbounds[0]);
        release();
        await typed;
        const ref = await eventually(async () => shownAt);
        expect(ref.place).toMatchObject({ channel: on.channel.channel, workspace: on.channel.workspace });
        expect((await on.platform.edit(ref, plain("done"))).outcome).toBe("sent");
        await eventually(async () => (await bots()).find((message) => message.text.includes("done")));
        expect(await bots()).toHaveLength(1);
      });

      test("stands although the core could not note where its answer is", async () => {
        core.answer({
          kind: "message",
          card: plain("stands"),
          visibility: "channel",
          shown: async () => {
            throw new Error("no database");
          },
        });
        await on.command("analyze checkout");
        await eventually(async () => some(await bots()));
      });

      test("whose name has two words is read like every other", async () => {
        await on.command('filters save slow service:checkout "timed out" twice');
        const inbound = await eventually(async () => core.inbounds[0]);
        if (inbound.kind !== "command") throw new Error(`the core was handed a ${inbound.kind}`);
        const { definition, options } = parseCall(core.catalogue, inbound.call);
        expect([definition.name, options]).toEqual([
          "filters save",
          { name: "slow", service: "checkout", keywords: '"timed out" twice' },
        ]);
      });

      test("is completed while it is typed", async () => {
        core.suggestions = ["checkout", "check-in"];
        expect(await on.suggest("analyze che")).toEqual(expect.arrayContaining(["checkout", "check-in"]));
        expect(core.asks.at(-1)).toMatchObject({
          command: "analyze",
          option: "service",
          typed: "che",
          place: on.channel,
        });
      });
    });

    describe("an answer whose process died before it could say where it stands", () => {
      test("is found by the act it answers, and becomes what is owed", async () => {
        core.answer({ kind: "message", card: plain("looking for the cause"), visibility: "channel" });
        await on.command("analyze checkout");
        const [shown] = await eventually(async () => some(await bots()));
        const [asked] = core.inbounds;
        const sending = { deliveryId: answerIdOf(asked?.id ?? ""), maybeSent: true };
        const owed = sentOf(await on.platform.post(on.channel, plain("the cause"), sending));
        expect(owed.id).toBe(shown?.id);
        await eventually(async () => (await bots()).find(({ text }) => text.includes("the cause")));
        expect((await bots()).map(({ text }) => text.includes("looking for"))).toEqual([false]);
      });
    });

    describe("a press", () => {
      const pressable = () => ({
        ...plain("press me"),
        actions: [button("Go", { name: "test.go", subject: "42" })],
      });

      test("reaches the core with the button's action and the message it stands on", async () => {
        const ref = await post(pressable());
        await standingAs(ref);
        await on.press(ref.id, "Go");
        const inbound = await eventually(async () => core.inbounds[0]);
        expect(inbound).toMatchObject({
          kind: "press",
          action: { name: "test.go", subject: "42" },
          message: { id: ref.id },
        });
      });

      test("can replace the card it stands on", async () => {
        const ref = await post(pressable());
        await standingAs(ref);
        core.answer({ kind: "replace", card: plain("pressed by you") });
        await on.press(ref.id, "Go");
        const now = await eventually(async () => {
          const message = await on.message(ref.id);
          return message?.text.includes("pressed by you") ? message : undefined;
        });
        expect(now.buttons).toEqual([]);
        expect(await bots()).toHaveLength(1);
      });

      test("can be answered with a message in the thread under it, once, also when delivered twice", async () => {
        const ref = await post(pressable());
        await standingAs(ref);
        core.answer({ kind: "message", card: plain("under it"), visibility: "channel" });
        const act = await on.press(ref.id, "Go");
        await act.again();
        const answer = await eventually(async () =>
          (await bots()).find(({ text }) => text.includes("under it")),
        );
        await quiet();
        expect(answer.thread).toBe(ref.id);
        expect(await bots()).toHaveLength(2);
      });

      test("can be met with silence", async () => {
        const ref = await post(pressable());
        await standingAs(ref);
        core.answer({ kind: "silence" });
        await on.press(ref.id, "Go");
        await eventually(async () => core.inbounds[0]);
        await quiet();
        expect(await bots()).toHaveLength(1);
      });
    });

    describe("a thread", () => {
      test("what is written in it reaches the core, and the answer goes there", async () => {
        const ref = await post(plain("root"));
        await standingAs(ref);
        core.answer({ kind: "message", card: plain("because of the deploy"), visibility: "channel" });
        await on.reply(ref.id, "why then?");
        const inbound = await eventually(async () => core.inbounds[0]);
        expect(inbound).toMatchObject({
          kind: "reply",
          text: "why then?",
          toBot: true,
          place: { ...on.channel, thread: ref.id },
        });
        const answer = await eventually(async () =>
          (await bots()).find(({ text }) => text.includes("because")),
        );
        expect(answer.thread).toBe(ref.id);
      });

      test("the core can stay silent in it", async () => {
        const ref = await post(plain("root"));
        await standingAs(ref);
        core.answer({ kind: "silence" });
        await on.reply(ref.id, "lunch?");
        await eventually(async () => core.inbounds[0]);
        await quiet();
        expect(await bots()).toHaveLength(1);
      });

      test("can be posted to", async () => {
        const root = await post(plain("root"));
        const ref = await post(plain("in the thread"), { ...on.channel, thread: root.id });
        expect((await standingAs(ref)).thread).toBe(root.id);
      });
    });

    describe("a post", () => {
      test("with the same delivery id stands once", async () => {
        const deliveryId = randomUUID();
        const first = sentOf(await on.platform.post(on.channel, plain("alert"), { deliveryId }));
        const again = await on.platform.post(on.channel, plain("alert, grown"), {
          deliveryId,
          maybeSent: true,
        });
        expect(sentOf(again)).toEqual(first);
        await eventually(async () =>
          (await bots()).find(({ id, text }) => id === first.id && text.includes("alert, grown")),
        );
        expect(await bots()).toHaveLength(1);
      });

      test("to a channel that is not there is refused", async () => {
        const nowhere = { ...on.channel, channel: "999000111" };
        expect(await on.platform.post(nowhere, plain("lost"), { deliveryId: randomUUID() })).toMatchObject({
          outcome: "refused",
          reason: "channel gone",
        });
      });

      test("is known beforehand to be taken or refused, and nobody sees that it was asked", async () => {
        const { signal } = new AbortController();
        expect(await on.platform.reach(on.channel, signal)).toEqual({ outcome: "open" });
        expect(await on.platform.reach({ ...on.channel, channel: "999000111" }, signal)).toMatchObject({
          outcome: "refused",
          reason: "channel gone",
        });
        await quiet();
        expect(await bots()).toEqual([]);
      });

      test("can be edited; one that is gone cannot", async () => {
        const ref = await post(plain("before"));
        expect(await on.platform.edit(ref, plain("after"))).toEqual({ outcome: "sent", message: ref });
        await eventually(async () =>
          (await bots()).find(({ id, text }) => id === ref.id && text.includes("after")),
        );
        expect(await on.platform.edit(await on.gone(), plain("never"))).toMatchObject({
          outcome: "refused",
          reason: "message gone",
        });
      });

      test("that nobody waits for any longer is not sent", async () => {
        const signal = AbortSignal.abort();
        await on.platform.post(on.channel, plain("too late"), { deliveryId: randomUUID(), signal });
        await quiet();
        expect(await bots()).toEqual([]);
      });

      test("has an address that opens it, where the platform has addresses", async () => {
        const ref = await post(plain("linked"));
        const address = await on.platform.addressOf(ref);
        if (address !== undefined) expect(new URL(address).href).toContain(ref.id.replace(".", ""));
      });

      test("knows its people by their ids, and nobody else", async () => {
        await on.command("status");
        const { person, place } = await eventually(async () => core.inbounds[0]);
        expect(await on.platform.whoIs(place.workspace, person.id)).toEqual({
          name: expect.stringMatching(/./),
        });
        expect(await on.platform.whoIs(place.workspace, "999000111222333444")).toBe("nobody");
      });

      test("can be for one person, whom it tells what nobody else sees", async () => {
        await on.command("status");
        const { person, place } = await eventually(async () => core.inbounds[0]);
        const before = new Set((await bots()).map(({ id }) => id));
        const sending = { deliveryId: randomUUID() };
        const told = sentOf(
          await on.platform.tell(place.workspace, person.id, plain("for the admin"), sending),
        );
        const message = await standingAs(told);
        expect(before.has(message.id)).toBe(false);
        expect(message).toMatchObject({ seenBy: "caller" });
        expect(message.text).toContain("for the admin");
      });
    });

    describe("a form", () => {
      const withForm = () => ({
        ...plain("press me"),
        actions: [button("Save as filter", { name: "test.form", subject: "" })],
      });
      const opened = () => eventually(() => on.openForm());

      test("opens in place of an answer where a command lacks what it requires, with what was given", async () => {
        await on.command("filters save service:checkout");
        const form = await opened();
        expect(form).toMatchObject({ title: "Save a filter", submitLabel: "Save" });
        expect(form.fields).toEqual([
          { name: "name", value: "" },
          { name: "service", value: "checkout" },
          { name: "levels", value: "" },
          { name: "keep", value: "" },
          { name: "keywords", value: "" },
        ]);
        await quiet();
        expect(core.inbounds).toEqual([]);
        expect(await bots()).toEqual([]);
      });

      test("that is sent off calls its command with what its fields hold", async () => {
        core.answer({ kind: "message", card: plain("kept"), visibility: "channel" });
        await on.command("filters save service:checkout");
        await opened();
        const filled = await on.fill({
          name: "slow",
          levels: "error,fatal",
          keep: "1d",
          keywords: 'timed out "no answer"',
        });
        expect(filled.mistakes).toBe("");
        const inbound = await eventually(async () => core.inbounds[0]);
        if (inbound.kind !== "command") throw new Error(`the core was handed a ${inbound.kind}`);
        const { definition, options } = parseCall(core.catalogue, inbound.call);
        expect(definition.name).toBe("filters save");
        expect(options).toEqual({
          name: "slow",
          service: "checkout",
          levels: "error,fatal",
          keep: "1d",
          keywords: 'timed out "no answer"',
        });
        expect(inbound.place).toEqual(on.channel);
        const [answer] = await eventually(async () => some(await bots()));
        expect(answer).toMatchObject({ seenBy: "everybody" });
        expect(answer?.text).toContain("kept");
      });

      test("that was delivered twice calls its command once", async () => {
        core.answer({ kind: "message", card: plain("kept once"), visibility: "channel" });
        await on.command("filters save");
        await opened();
        const filled = await on.fill({ name: "slow" });
        await eventually(async () => some(await bots()));
        await filled.again();
        await quiet();
        expect(await bots()).toHaveLength(1);
        expect(new Set(core.inbounds.map(({ id }) => id)).size).toBe(1);
      });

      test("with a mistake says what is wrong, and calls nothing", async () => {
        await on.command("filters save");
        await opened();
        const filled = await on.fill({ name: "two words" });
        expect(filled.mistakes).toContain('"two words" is not a name: letters and digits only.');
        await quiet();
        expect(core.inbounds).toEqual([]);
      });

      test("opens from a button, with what the core puts into it; its answer goes under the button", async () => {
        const ref = await post(withForm());
        await standingAs(ref);
        core.answer({ kind: "message", card: plain("saved from it"), visibility: "channel" });
        await on.press(ref.id, "Save as filter");
        const form = await opened();
        expect(form.fields[1]).toEqual({ name: "service", value: "checkout" });
        expect(core.inbounds).toEqual([]);
        await on.fill({ name: "slow" });
        const answer = await eventually(async () =>
          (await bots()).find(({ text }) => text.includes("saved from it")),
        );
        expect(answer.thread).toBe(ref.id);
      });

      test("shows what its button chose, and not what that filled in, and hands both over when it is sent off", async () => {
        const judge = button("Not right", {
          name: "test.judge",
          subject: "5fdd33dc-0000-4000-8000-000000000000",
        });
        const ref = await post({ ...plain("press me"), actions: [judge] });
        await standingAs(ref);
        await on.press(ref.id, "Not right");
        const form = await opened();
        expect(form.fields).toEqual([{ name: "verdict", value: "wrong" }]);
        await on.fill({});
        const inbound = await eventually(async () => core.inbounds[0]);
        if (inbound.kind !== "command") throw new Error(`the core was handed a ${inbound.kind}`);
        expect(parseCall(core.catalogue, inbound.call).options).toEqual({
          verdict: "wrong",
          about: "5fdd33dc-0000-4000-8000-000000000000",
        });
      });

      test("that somebody may not have is refused with a card for them only", async () => {
        core.refuseForms(plain("not for you"));
        await on.command("filters save");
        const [answer] = await eventually(async () => some(await bots()));
        expect(answer).toMatchObject({ seenBy: "caller" });
        expect(answer?.text).toContain("not for you");
        expect(await on.openForm()).toBeUndefined();
      });
    });

    describe("a message that somebody wants explained", () => {
      const LOG = "2026-01-01T00:00:00Z ERROR checkout <timeout> & *no* answer\n  at `pay` (pay.js:3)";

      test("reaches the core letter by letter, and the answer stands under it, once", async () => {
        core.answer({ kind: "message", card: plain("a time-out"), visibility: "channel" });
        const id = await on.say(LOG);
        const act = await on.explain(id);
        const inbound = await eventually(async () => core.inbounds[0]);
        expect(inbound).toMatchObject({ kind: "explain", text: LOG, place: on.channel, message: { id } });
        const answers = async () => (await bots()).filter(({ text }) => text.includes("a time-out"));
        const [answer] = await eventually(async () => some(await answers()));
        expect(answer?.thread).toBe(id);
        await act.again();
        await quiet();
        expect(await answers()).toHaveLength(1);
      });
    });

    cardCases(() => on);
    secretCases(
      () => on,
      () => core,
    );
  });
}

const plain = (text: string): Card => ({ title: "A card", tone: "neutral", body: [{ kind: "text", text }] });

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}
