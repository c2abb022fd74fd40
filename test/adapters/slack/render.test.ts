import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { LIMITS } from "../../../adapters/slack/limits.ts";
import { renderCard, type Surface } from "../../../adapters/slack/render.ts";
import type { Card } from "../../../src/chat/card.ts";
import { fitCard } from "../../../src/chat/fit.ts";
import { arbitraryCard, HOSTILE_TEXTS } from "../../support/arbitraryCard.ts";
import { complaintsAboutBlocks, complaintsAboutText } from "../../support/slack/rules.ts";
import { asShown, readBlocks } from "../../support/slack/shown.ts";
import { textsOf, visible } from "../../support/visibleText.ts";

const render = (card: Card, surface: Surface = "message", pictures = new Map<number, string>()) =>
  renderCard(fitCard(card, LIMITS), pictures, surface);

describe("a card on Slack", () => {
  test("keeps every rule of Slack's, and every letter, whatever is in it", () => {
    fc.assert(
      fc.property(
        arbitraryCard,
        fc.constantFrom("message", "home"),
        fc.boolean(),
        (card, surface, hasPictures) => {
          const fitted = fitCard(card, LIMITS).card;
          const charts = fitted.body.flatMap((block, at) =>
            block.kind === "chart" && hasPictures ? [at] : [],
          );
          const { text, blocks } = render(card, surface, new Map(charts.map((at) => [at, "F0CHART01"])));
          expect(complaintsAboutBlocks(blocks, surface)).toEqual([]);
          expect(complaintsAboutText(text)).toEqual([]);
          const shown = visible(readBlocks(blocks).text);
          let at = 0;
          for (const part of textsOf(fitted)) {
            const found = shown.indexOf(visible(part), at);
            expect([part, found >= 0]).toEqual([part, true]);
            at = found + visible(part).length;
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("is not too long for Slack, whatever lines of a log are made of", () => {
    for (const log of ["\n".repeat(3_000), "\n<".repeat(1_500), "\r\n\u2028".repeat(1_000)]) {
      const items = [1, 2, 3].map((number) => ({ number, heading: "what it logs", log: [log] }));
      const { blocks } = render({ title: "t", tone: "critical", body: [{ kind: "items", items }] });
      expect(complaintsAboutBlocks(blocks, "message")).toEqual([]);
    }
  });

  for (const [what, hostile] of Object.entries(HOSTILE_TEXTS)) {
    test(`has no live ${what} in its notification`, () => {
      const { text } = render({
        title: hostile,
        tone: "critical",
        badge: hostile,
        body: [{ kind: "text", text: hostile }],
      });
      expect(complaintsAboutText(text)).toEqual([]);
      expect(visible(asShown(text))).toContain(visible(hostile));
    });
  }

  test("says its state in a symbol and a word, never in a colour alone", () => {
    const symbols = (["working", "good", "warning", "critical"] as const).map((tone) => {
      const { blocks, text } = render({ title: "t", tone, body: [] });
      const line = readBlocks(blocks).text.split("\n")[1] ?? "";
      expect(line).toMatch(/^\S+ (Working|Good|Warning|Critical)$/);
      expect(text).toContain(line.split(" ")[0]);
      return line.split(" ")[0];
    });
    expect(new Set(symbols).size).toBe(4);
  });

  test("shows one line of a log as one, whatever line ends it holds", () => {
    const { blocks } = render({
      title: "t",
      tone: "neutral",
      body: [{ kind: "log", lines: ["first\n2026 ERROR forged", "second"] }],
    });
    expect(readBlocks(blocks).text.split("\n").slice(1)).toEqual([
      "first",
      "    2026 ERROR forged",
      "second",
    ]);
  });

  test("links http and https, and shows every other address", () => {
    const links = [
      "javascript:alert(1)",
      "slack://open",
      `https://a.test/${"x".repeat(3_100)}`,
      "https://good.test/",
    ];
    const { blocks } = render({
      title: "t",
      tone: "neutral",
      body: [{ kind: "links", links: links.map((url) => ({ label: "Open", url })) }],
    });
    const shown = readBlocks(blocks);
    expect(shown.links).toEqual(["https://good.test/"]);
    expect(shown.text).toContain("javascript:alert(1)");
  });

  test("has one table of Slack's; a second, and those in the Home tab, are in fixed width", () => {
    const table: Card["body"][number] = {
      kind: "table",
      columns: ["Service", "Lines"],
      rows: [
        ["checkout", "12"],
        ["a", ""],
      ],
    };
    const card: Card = { title: "t", tone: "neutral", body: [table, table] };
    expect(render(card).blocks.map(({ type }) => type)).toEqual(["header", "table", "rich_text"]);
    expect(render(card, "home").blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "rich_text"]);
    expect(readBlocks(render(card, "home").blocks).text).toContain("checkout  12");
  });

  test("shows times in the reader's own zone", () => {
    const { blocks } = render({
      title: "t",
      tone: "neutral",
      body: [{ kind: "text", text: ["at ", { atMs: 1_764_000_000_999, show: "time" }] }],
    });
    expect(JSON.stringify(blocks)).toContain('"type":"date","timestamp":1764000000,"format":"{time_secs}"');
  });
});
