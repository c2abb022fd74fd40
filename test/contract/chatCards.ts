import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Block, button, type Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { ChatPlatform, MessageRef } from "../../src/chat/platform.ts";
import { sizeOf } from "../../src/chat/shrink.ts";
import { arbitraryCard, HOSTILE_TEXTS } from "../support/arbitraryCard.ts";
import { eventually } from "../support/eventually.ts";
import { textsOf, visible } from "../support/visibleText.ts";
import { type ChatPlatformHarness, type Standing, sentOf } from "./chatHarness.ts";

/** How cards look on every chat platform: part of `chatPlatformContract`. @param under the platform of the running test */
export function cardCases(under: () => ChatPlatformHarness): void {
  const post = async (card: Card) =>
    sentOf(await under().platform.post(under().channel, card, { deliveryId: randomUUID() }));
  const standingAs = (ref: MessageRef) => eventually(() => under().message(ref.id));

  describe("a card", () => {
    for (const [kind, block] of Object.entries(BLOCKS)) {
      test(`shows its ${kind}`, async () => {
        const card: Card = { ...plain(`a ${kind}`), body: [block] };
        const message = await standingAs(await post(card));
        expectTexts(message, card, under().platform);
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

    test("names a channel of its own workspace", async () => {
      const { channel } = under().channel;
      const message = await standingAs(
        await post({
          ...plain("where"),
          body: [{ kind: "text", text: ["in ", { channel }, ", and not <#1>"] }],
        }),
      );
      expect(visible(message.text)).toContain(visible(`in #${channel}, and not <#1>`));
    });

    test("mentions whom it names, once each, when it is posted and when it is edited", async () => {
      const { person, group } = under().mentions;
      const named = [person, ...(group === undefined ? [] : [group])];
      const card: Card = { ...plain("critical"), mentions: [...named, ...named] };
      const ref = await post(card);
      expect(new Set((await standingAs(ref)).pings)).toEqual(new Set(named));
      await under().platform.edit(ref, { ...card, title: "Acknowledged" });
      const edited = await eventually(async () => {
        const now = await under().message(ref.id);
        return now?.text.includes("Acknowledged") ? now : undefined;
      });
      expect(new Set(edited.pings)).toEqual(new Set(named));
      expectTexts(edited, { ...card, title: "Acknowledged" }, under().platform);
      await under().platform.edit(ref, plain("over"));
      await eventually(async () => ((await under().message(ref.id))?.pings.length === 0 ? true : undefined));
    });

    test("mentions nobody by what is no id, and never everybody", async () => {
      const { wrong, person } = under().mentions;
      expect((await standingAs(await post({ ...plain("wrong"), mentions: wrong }))).pings).toEqual([]);
      const both = await standingAs(await post({ ...plain("both"), mentions: [...wrong, person] }));
      expect(both.pings).toEqual([person]);
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
        expectTexts(message, card, under().platform);
        expect(message.links).toEqual([]);
        expect(message.buttons).toEqual([]);
        expect(message.pings).toEqual([]);
      });
    }

    test("with 100 kB of text arrives short, with everything in its file", async () => {
      const card = plain(`start ${"<long> & ".repeat(11_000)} end`);
      const message = await standingAs(await post(card));
      expectTexts(message, card, under().platform);
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
      expectTexts(message, card, under().platform);
      expect(message.files.map((file) => visible(file.text))).toEqual([visible(plainText(card))]);
    });

    test("whatever is in it, is shown within the limits", async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryCard, async (card) => {
          const delivery = await under().platform.post(under().channel, card, { deliveryId: randomUUID() });
          expect(delivery.outcome).toBe("sent");
          const message = await standingAs(sentOf(delivery));
          expectTexts(message, card, under().platform);
          expect((card.mentions ?? []).map(visible)).toEqual(
            expect.arrayContaining(message.pings.map(visible)),
          );
          expectWithin(card, under().platform);
        }),
        { numRuns: 60 },
      );
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
