import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import { messageOf } from "../../../adapters/discord/message.ts";
import { button, type Card } from "../../../src/chat/card.ts";
import { fitCard } from "../../../src/chat/fit.ts";
import { createLog } from "../../../src/log.ts";
import { arbitraryCard, HOSTILE_TEXTS } from "../../support/arbitraryCard.ts";
import { readMarkdown } from "../../support/discord/markdown.ts";
import { checkMessage, flat, type SentFile } from "../../support/discord/rules.ts";
import { textsOf, visible } from "../../support/visibleText.ts";
import { ONE_PIXEL } from "./harness.ts";

const log = createLog("silent");
const parts = { draw: async () => ONE_PIXEL, log, ask: false };

/** What people read of a card, and what Discord would say of it. */
async function shown(card: Card, ask = false) {
  const { body, files } = await messageOf(card, { ...parts, ask });
  const sent = files.map(({ name, data, contentType = "" }, at): SentFile => {
    return {
      field: `files[${at}]`,
      name,
      type: contentType,
      bytes: Buffer.from(data as string | Uint8Array),
    };
  });
  const all = flat(body.components as never) as {
    type: number;
    content?: string;
    label?: string;
    url?: string;
  }[];
  const reads = all.flatMap(({ type, content = "", label = "", url }) => {
    if (type === 10) return [readMarkdown(content)];
    return type === 2 && url !== undefined ? [{ text: label, links: [url], alive: [] }] : [];
  });
  return {
    body,
    files: sent,
    buttons: all.filter(({ type, url }) => type === 2 && url === undefined).map(({ label }) => label),
    text: reads.map(({ text }) => text).join("\n"),
    links: reads.flatMap(({ links }) => links),
    alive: reads.flatMap(({ alive }) => alive),
    broken: checkMessage("create", body, sent),
  };
}

const plain = (text: string): Card => ({ title: "A card", tone: "neutral", body: [{ kind: "text", text }] });

describe("A card on Discord", () => {
  test("whatever is in it, breaks no rule, brings nothing to life and is read letter by letter", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCard, fc.boolean(), async (card, discussable) => {
        const { text, alive, broken } = await shown({ ...card, ...(discussable && { discussable }) }, true);
        expect(broken).toEqual([]);
        expect(alive.filter((mark) => !card.mentions?.includes(mark.slice(2, -1)))).toEqual([]);
        const read = visible(text);
        let at = 0;
        for (const one of textsOf(fitCard(card, LIMITS).card)) {
          const found = read.indexOf(visible(one), at);
          if (found < 0)
            throw new Error(`${JSON.stringify(one)} is not in ${JSON.stringify(read.slice(at, at + 90))}`);
          at = found + visible(one).length;
        }
      }),
      { numRuns: 400 },
    );
  });

  for (const [what, hostile] of Object.entries(HOSTILE_TEXTS)) {
    test(`links nowhere and calls nobody with ${what}`, async () => {
      const { links, alive } = await shown({
        ...plain(hostile),
        title: hostile,
        footnote: [hostile, { strong: hostile }, { code: hostile }],
      });
      expect({ links, alive }).toEqual({ links: [], alive: [] });
    });
  }

  for (const literal of [
    "https://evil.test/a_b and http://evil.test",
    "```\ncode\n``` and ``two`` and `one`",
    "1. one\n2. two\n- three\n* four\n+ five\n> six\n# seven\n-# eight",
    "||hidden|| ~~gone~~ __under__ *it* **bold** _it_",
    "<t:1764000000:R> <@1> <@&2> <#3> </analyze:4> <:smile:5> :tada: <https://evil.test>",
    "[label](https://evil.test) [x](<https://evil.test>)",
    "C:\\path\\*.log ends in \\",
    "@everyone @here",
  ]) {
    test(`says ${JSON.stringify(literal.slice(0, 30))} and means nothing by it, in text and in lines`, async () => {
      const card: Card = {
        ...plain(literal),
        body: [
          {
            kind: "text",
            text: [literal, { strong: literal }, literal, { code: literal }, { code: literal }],
          },
          { kind: "log", lines: [literal, literal] },
          { kind: "items", items: [{ heading: literal, detail: literal }] },
          { kind: "facts", facts: [{ label: literal, value: literal }] },
        ],
      };
      const { text, links, alive } = await shown(card);
      expect({ links, alive }).toEqual({ links: [], alive: [] });
      const times = visible(text).split(visible(literal)).length - 1;
      expect(times).toBe(11);
    });
  }

  test("shows a time in the reader's own zone", async () => {
    const { body } = await shown({
      ...plain(""),
      body: [
        {
          kind: "text",
          text: [
            { atMs: 1_764_000_000_000, show: "time" },
            { atMs: 1_764_000_000_000, show: "date and time" },
            { atMs: 1_764_000_000_000, show: "relative" },
          ],
        },
      ],
    });
    const written = JSON.stringify(body.components);
    for (const mark of ["<t:1764000000:t>", "<t:1764000000:f>", "<t:1764000000:R>"])
      expect(written).toContain(mark);
  });

  test("keeps a line that breaks apart from the lines around it", async () => {
    const { body } = await shown({ ...plain(""), body: [{ kind: "log", lines: ["one\nforged", "two"] }] });
    expect(JSON.stringify(body.components)).toContain("one\\n  forged\\ntwo");
  });

  test("offers to be asked about only where it is discussable and its thread is not read", async () => {
    const card: Card = { ...plain("cause"), discussable: true };
    expect((await shown(card, true)).buttons).toEqual(["Ask about it"]);
    expect((await shown(card, false)).buttons).toEqual([]);
    expect((await shown(plain("no cause"), true)).buttons).toEqual([]);
  });

  test("has room for the question beside five buttons", async () => {
    const actions = ["1", "2", "3", "4", "5"].map((label) => ({
      label,
      style: "plain" as const,
      action: { name: "test.go", subject: label },
    }));
    const { buttons, broken } = await shown({ ...plain("x"), discussable: true, actions }, true);
    expect(buttons).toEqual(["1", "2", "3", "4", "5", "Ask about it"]);
    expect(broken).toEqual([]);
  });

  test("links by a button where the address fits one, and by a word where it does not", async () => {
    const long = `https://grafana.test/explore?left=${"x".repeat(600)}`;
    const card = (url: string): Card => ({
      ...plain(""),
      body: [{ kind: "links", links: [{ label: "Explore", url }] }],
    });
    expect(JSON.stringify((await shown(card("https://grafana.test/x"))).body.components)).toContain(
      '"style":5',
    );
    const { body, links, broken } = await shown(card(long));
    expect(JSON.stringify(body.components)).not.toContain('"style":5');
    expect({ links, broken }).toEqual({ links: [long], broken: [] });
  });

  test("shows an address that is none of the web as text", async () => {
    const links = [{ label: "Run", url: "javascript:alert(1)" }];
    const read = await shown({ ...plain(""), body: [{ kind: "links", links }] });
    expect(read.links).toEqual([]);
    expect(read.text).toContain("javascript:alert(1)");
  });

  test("tells a picture that cannot be drawn in words", async () => {
    const chart = { title: "t", unit: "u", fromMs: 0, stepMs: 60_000, values: [1] };
    const card: Card = { ...plain("x"), body: [{ kind: "chart", chart, alt: "It rose" }] };
    const fails = async () => {
      throw new Error("no memory");
    };
    const { body, files } = await messageOf(card, { draw: fails, log, ask: false });
    expect(files).toEqual([]);
    expect(JSON.stringify(body.components)).toContain("It rose");
  });

  test("with more pictures than a message takes tells the last in words", async () => {
    const chart = { title: "t", unit: "u", fromMs: 0, stepMs: 60_000, values: [1] };
    const body = Array.from({ length: 12 }, (_, at) => ({
      kind: "chart" as const,
      chart,
      alt: `Picture ${at}`,
    }));
    const read = await shown({ ...plain("x"), body });
    expect(read.broken).toEqual([]);
    expect(read.files).toHaveLength(8);
    expect(read.text).toContain("Picture 11");
  });

  test("too long for Discord even without marks, is shown as far as it goes", async () => {
    const { broken } = await shown({ ...plain("x"), badge: "b".repeat(9_000) });
    expect(broken).toEqual([]);
  });
});

test("a card with as much of everything as there may be stays within the 40 components of a message", async () => {
  const text = { kind: "text" as const, text: "x".repeat(40) };
  const links = Array.from({ length: 5 }, (_, at) => ({ label: `L${at}`, url: `https://example.com/${at}` }));
  const card: Card = {
    title: "t",
    tone: "good",
    body: [{ kind: "links", links }, ...Array.from({ length: 30 }, () => text)],
    actions: Array.from({ length: 12 }, (_, at) => button(`B${at}`, { name: `a${at}`, subject: "" })),
    footnote: "f",
    discussable: true,
  };
  const { body, broken } = await shown(card, true);
  expect(flat(body.components as never).length).toBeGreaterThan(30);
  expect(broken).toEqual([]);
});
