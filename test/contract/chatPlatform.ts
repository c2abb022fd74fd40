import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Block, button, type Card } from "../../src/chat/card.ts";
import { parseCall } from "../../src/chat/command.ts";
import { fitCard, sizeOf } from "../../src/chat/fit.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { ChatPlatform, Delivery, MessageRef, Place } from "../../src/chat/platform.ts";
import { arbitraryCard, HOSTILE_TEXTS } from "../support/arbitraryCard.ts";
import { createScriptedCore, type ScriptedCore } from "../support/scriptedCore.ts";
import { textsOf, visible } from "../support/visibleText.ts";

/** A platform that was started with a core, and a user who acts on it over real sockets. */
export interface ChatPlatformHarness {
  platform: ChatPlatform;
  /** A channel that exists, for posts that nobody asked for. */
  channel: Place;
  /**
   * The user types a command, without the slash command itself.
   * Resolves once the platform was told that the act has arrived; the answer may come later.
   */
  command(text: string, thread?: string): Promise<Act>;
  /** The user writes under a message. */
  reply(root: string, text: string): Promise<Act>;
  /** The user presses a button that stands on a message. */
  press(message: string, label: string): Promise<Act>;
  /** What the user is offered while typing. */
  suggest(text: string): Promise<string[]>;
  /** Everything that stands in the channel and its threads as the user sees it, oldest first. */
  standing(): Promise<Standing[]>;
  /** One of them. */
  message(id: string): Promise<Standing | undefined>;
  /** Has the message removed on the platform's side, where that can be; or names one that never was. */
  gone(): Promise<MessageRef>;
  /** Rules of the platform that something it was sent has broken. */
  complaints(): string[];
  close(): Promise<void>;
}

export interface Act {
  /** Delivers the very same act again, as a platform does that has not heard of it. */
  again(): Promise<void>;
}

export interface Standing {
  id: string;
  thread?: string;
  by: "bot" | "person";
  seenBy: "everybody" | "caller";
  /** All that can be read, marks and addresses left out. */
  text: string;
  buttons: string[];
  links: string[];
  pictures: { alt: string; bytes: Uint8Array }[];
  files: { name: string; text: string }[];
}

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
      sentOf(await on.platform.post(place, card, randomUUID()));
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
        const id = randomUUID();
        const first = sentOf(await on.platform.post(on.channel, plain("alert"), id));
        const again = sentOf(await on.platform.post(on.channel, plain("alert"), id));
        expect(again).toEqual(first);
        await standingAs(first);
        expect(await bots()).toHaveLength(1);
      });

      test("to a channel that is not there is refused", async () => {
        const nowhere = { ...on.channel, channel: "999000111" };
        expect(await on.platform.post(nowhere, plain("lost"), randomUUID())).toMatchObject({
          outcome: "refused",
        });
      });

      test("can be edited; one that is gone cannot", async () => {
        const ref = await post(plain("before"));
        expect(await on.platform.edit(ref, plain("after"))).toEqual({ outcome: "sent", message: ref });
        await eventually(async () =>
          (await bots()).find(({ id, text }) => id === ref.id && text.includes("after")),
        );
        expect(await on.platform.edit(await on.gone(), plain("never"))).toMatchObject({ outcome: "refused" });
      });
    });

    describe("a card", () => {
      for (const [kind, block] of Object.entries(BLOCKS)) {
        test(`shows its ${kind}`, async () => {
          const card: Card = { ...plain(`a ${kind}`), body: [block] };
          const message = await standingAs(await post(card));
          expectTexts(message, card, on.platform);
          expect(message.files).toEqual([]);
        });
      }

      test("shows a chart as a picture that says in words what it shows", async () => {
        const card: Card = { ...plain("a chart"), body: [CHART] };
        const message = await standingAs(await post(card));
        expect(message.pictures).toHaveLength(1);
        expect(message.pictures[0]?.alt).toBe("Errors rose from 2 to 40 a minute");
        // The first four bytes of every PNG.
        expect([...(message.pictures[0]?.bytes ?? [])].slice(0, 4)).toEqual([0x89, 0x50, 0x4e, 0x47]);
      });

      test("shows its links and its buttons in their order", async () => {
        const links: Block = {
          kind: "links",
          links: [{ label: "Explore", url: "https://grafana.test/explore?left=%7B%7D&x=1" }],
        };
        const actions = ["One", "Two", "Three", "Four", "Five"].map((label) =>
          button(label, { name: "test.go", subject: label }),
        );
        const message = await standingAs(await post({ ...plain("linked"), body: [links], actions }));
        expect(message.links).toEqual(["https://grafana.test/explore?left=%7B%7D&x=1"]);
        expect(message.buttons).toEqual(["One", "Two", "Three", "Four", "Five"]);
      });

      for (const tone of ["neutral", "working", "good", "warning", "critical"] as const) {
        test(`of the tone ${tone} shows its state in a word`, async () => {
          const message = await standingAs(await post({ ...plain("toned"), tone, badge: "state word" }));
          expect(message.text).toContain("state word");
        });
      }

      for (const [what, hostile] of Object.entries(HOSTILE_TEXTS)) {
        test(`stays literal with ${what} in every place of it`, async () => {
          const card = everywhere(hostile);
          const message = await standingAs(await post(card));
          expectTexts(message, card, on.platform);
          expect(message.links).toEqual([]);
          expect(message.buttons).toEqual([]);
        });
      }

      test("with 100 kB of text arrives short, with everything in its file", async () => {
        const card = plain(`start ${"<long> & ".repeat(11_000)} end`);
        const message = await standingAs(await post(card));
        expectTexts(message, card, on.platform);
        expect(message.files.map((file) => visible(file.text))).toEqual([visible(plainText(card))]);
      });

      test("with too many of everything arrives short, with everything in its file", async () => {
        const many = Array.from({ length: 300 }, (_, at) => `line ${at} <of> many`);
        const card: Card = {
          ...plain("too many"),
          body: [
            { kind: "log", lines: [...many, ...many, ...many, ...many] },
            {
              kind: "items",
              items: many.map((heading, at) => ({ number: at + 1, heading, log: many.slice(0, 9) })),
            },
            { kind: "facts", facts: many.map((label) => ({ label, value: label })) },
            { kind: "table", columns: ["a", "b"], rows: many.map((cell) => [cell, cell]) },
            { kind: "progress", steps: many.map((label) => ({ label, state: "next" as const })) },
          ],
        };
        const message = await standingAs(await post(card));
        expectTexts(message, card, on.platform);
        expect(message.files.map((file) => visible(file.text))).toEqual([visible(plainText(card))]);
      });

      test("whatever is in it, is shown within the limits", async () => {
        await fc.assert(
          fc.asyncProperty(arbitraryCard, async (card) => {
            const delivery = await on.platform.post(on.channel, card, randomUUID());
            expect(delivery.outcome).toBe("sent");
            const message = await standingAs(sentOf(delivery));
            expectTexts(message, card, on.platform);
            expectWithin(card, on.platform);
          }),
          { numRuns: 60 },
        );
      });
    });
  });
}

const plain = (text: string): Card => ({ title: "A card", tone: "neutral", body: [{ kind: "text", text }] });

const CHART: Block = {
  kind: "chart",
  alt: "Errors rose from 2 to 40 a minute",
  chart: {
    title: "checkout",
    unit: "errors / min",
    fromMs: 1_764_000_000_000,
    stepMs: 60_000,
    values: [2, 2, null, 30, 40],
  },
};

const BLOCKS: Record<string, Block> = {
  text: {
    kind: "text",
    text: [
      "Errors began at ",
      { atMs: 1_764_000_000_000, show: "time" },
      ", ",
      { strong: "after" },
      " ",
      { code: "v2.4.1" },
      ".",
    ],
  },
  facts: {
    kind: "facts",
    facts: [
      { label: "Observed", value: "40 / min" },
      { label: "Expected", value: [{ strong: "2" }, " / min"] },
    ],
  },
  items: {
    kind: "items",
    items: [
      {
        number: 1,
        heading: "Connection refused",
        detail: "31 lines, new",
        log: ["ERROR dial tcp 10.0.0.7:5432"],
      },
      { heading: "No number", log: ["one", "two\n\tat a stack"] },
    ],
  },
  log: { kind: "log", lines: ["  indented", "tab\there", ""], caption: "Two lines of checkout" },
  table: {
    kind: "table",
    columns: ["Cluster", "Lines", "Trend"],
    rows: [
      ["timeout", "12", "▁▂▅█"],
      [[{ code: "refused" }], "3", ""],
    ],
  },
  chart: CHART,
  links: { kind: "links", links: [{ label: "Grafana Explore", url: "https://grafana.test/explore" }] },
  progress: {
    kind: "progress",
    steps: [
      { label: "Read the logs", state: "done" },
      { label: "Grouping", state: "now" },
      { label: "Explaining", state: "next" },
    ],
  },
};

/** A card with the text in every place that takes one. */
function everywhere(text: string): Card {
  return {
    title: text,
    tone: "warning",
    badge: text,
    body: [
      { kind: "text", text: [text, { strong: text }, { code: text }] },
      { kind: "facts", facts: [{ label: text, value: text }] },
      { kind: "items", items: [{ number: 1, heading: text, detail: text, log: [text, text] }] },
      { kind: "log", lines: [text, text], caption: text },
      { kind: "table", columns: [text], rows: [[text]] },
      {
        kind: "chart",
        chart: { title: text, unit: text, fromMs: 0, stepMs: 60_000, values: [1, 2] },
        alt: text,
      },
      { kind: "progress", steps: [{ label: text, state: "now" }] },
    ],
    footnote: text,
  };
}

/** Every text of the fitted card can be read in what stands there, in its order and letter by letter. */
function expectTexts(message: Standing, card: Card, platform: ChatPlatform): void {
  const shown = visible(message.text);
  let at = 0;
  for (const text of textsOf(fitCard(card, platform.limits).card)) {
    const found = shown.indexOf(visible(text), at);
    if (found < 0)
      throw new Error(
        `not shown after ${JSON.stringify(shown.slice(Math.max(0, at - 60), at))}: ${JSON.stringify(text)}`,
      );
    at = found + visible(text).length;
  }
}

function expectWithin(card: Card, { limits }: ChatPlatform): void {
  const fitted = fitCard(card, limits).card;
  expect(sizeOf(fitted, limits)).toBeLessThanOrEqual(limits.totalChars);
  expect(limits.cost(fitted.title)).toBeLessThanOrEqual(limits.titleChars);
  expect(fitted.body.length).toBeLessThanOrEqual(limits.blocks);
  expect(fitted.actions?.length ?? 0).toBeLessThanOrEqual(limits.buttons);
}

function sentOf(delivery: Delivery): MessageRef {
  if (delivery.outcome !== "sent") throw new Error(`not sent: ${delivery.outcome}, ${delivery.why}`);
  return delivery.message;
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Asks until there is an answer: what travels over a socket is there when it is there. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const untilMs = Date.now() + 5_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > untilMs) throw new Error("it did not happen within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Long enough for what must not happen to have happened. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
