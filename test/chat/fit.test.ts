import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { button, type Card, decodeAction, encodeAction } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import { clip, type Limits } from "../../src/chat/limits.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { sizeOf } from "../../src/chat/shrink.ts";
import { arbitraryCard } from "../support/arbitraryCard.ts";

/** Small, and with an escape that makes some characters dearer, as Slack's and Discord's do. */
const LIMITS: Limits = {
  titleChars: 60,
  textChars: 200,
  logChars: 300,
  blocks: 6,
  facts: 4,
  items: 5,
  tableRows: 5,
  progressSteps: 5,
  links: 5,
  buttons: 5,
  buttonLabelChars: 20,
  altChars: 80,
  totalChars: 1_500,
  cost: (text) => text.length + (text.match(/[&<>]/g)?.length ?? 0) * 4,
};

const card = (body: Card["body"]): Card => ({ title: "checkout", tone: "neutral", body });

describe("a card made to fit", () => {
  test("is untouched, with no file, when it fits", () => {
    const small = card([{ kind: "text", text: "fine" }]);

    expect(fitCard(small, LIMITS)).toEqual({ card: small, files: [] });
  });

  test("keeps whole log lines from the start, and everything in a file", () => {
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i} ${"x".repeat(20)}`);
    const { card: fitted, files } = fitCard(card([{ kind: "log", lines }]), LIMITS);

    const block = fitted.body[0];
    const kept = block?.kind === "log" ? block.lines : [];
    expect(kept.length).toBeGreaterThan(3);
    expect(kept).toEqual(lines.slice(0, kept.length));
    expect(files).toHaveLength(1);
    for (const line of lines) expect(files[0]?.text).toContain(line);
  });

  test("cuts long log lines where that shows more of them, and only there", () => {
    const roomy = { ...LIMITS, logChars: 1_300, totalChars: 5_000 };
    const lines = ["a", "b", "c"].map((letter) => letter.repeat(600));

    const { card: crowded, files } = fitCard(card([{ kind: "log", lines }]), roomy);
    expect(crowded.body[0]).toMatchObject({ lines: [`${"a".repeat(499)}…`, `${"b".repeat(499)}…`] });
    expect(files[0]?.text).toContain(lines.join("\n"));
    const two = card([{ kind: "log", lines: lines.slice(0, 2) }]);
    expect(fitCard(two, roomy)).toEqual({ card: two, files: [] });
  });

  test("shows the start of a single line that is too long", () => {
    const { card: fitted } = fitCard(card([{ kind: "log", lines: ["y".repeat(5_000)] }]), LIMITS);

    expect(fitted.body[0]).toMatchObject({ kind: "log", lines: [expect.stringMatching(/^y+…$/)] });
  });

  test("keeps the newest of lines where those are last", () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i} ${"y".repeat(40)}`);
    const { card: fitted } = fitCard(card([{ kind: "log", lines, newestLast: true }]), LIMITS);
    const kept = fitted.body[0]?.kind === "log" ? fitted.body[0].lines : [];

    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(lines.slice(-kept.length));
  });

  test("drops the last blocks before the first ones", () => {
    const many = Array.from({ length: 12 }, (_, i) => ({
      kind: "text" as const,
      text: `${i} ${"word ".repeat(30)}`,
    }));
    const { card: fitted, files } = fitCard(card(many), LIMITS);

    expect(fitted.body[0]).toEqual(many[0]);
    expect(fitted.body.length).toBeLessThanOrEqual(6);
    expect(files[0]?.text).toContain("11 word");
  });

  test("is within every limit and loses nothing, whatever it holds", () => {
    fc.assert(
      fc.property(arbitraryCard, (whole) => {
        const { card: fitted, files } = fitCard(whole, LIMITS);
        const { cost } = LIMITS;

        expect(cost(fitted.title)).toBeLessThanOrEqual(LIMITS.titleChars);
        expect(fitted.body.length).toBeLessThanOrEqual(LIMITS.blocks);
        expect(sizeOf(fitted, LIMITS)).toBeLessThanOrEqual(LIMITS.totalChars);
        for (const block of fitted.body) {
          if (block.kind === "log") expect(cost(block.lines.join("\n"))).toBeLessThanOrEqual(LIMITS.logChars);
          if (block.kind === "items") expect(block.items.length).toBeLessThanOrEqual(LIMITS.items);
          if (block.kind === "table") expect(block.rows.length).toBeLessThanOrEqual(LIMITS.tableRows);
        }
        if (plainText(fitted) !== plainText(whole)) expect(files[0]?.text).toBe(plainText(whole));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a clipped text", () => {
  test("is a start of the text, never ends in half a character, and is as long as it may be", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, max) => {
        const clipped = clip(text, max, LIMITS.cost);

        expect(LIMITS.cost(clipped)).toBeLessThanOrEqual(Math.max(max, 1));
        expect(clipped.isWellFormed()).toBe(true);
        if (clipped !== text) expect(text.startsWith(clipped.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe("a button", () => {
  test("that would not survive the narrowest platform is refused when it is made", () => {
    expect(() => button("Mute", { name: "mute", subject: "x".repeat(96) })).toThrow(
      "action id is 101 characters",
    );
    expect(() => button("Mute", { name: "Mute it", subject: "" })).toThrow("not an action name");
  });

  test("comes back as it was sent", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (subject) => {
        expect(decodeAction(encodeAction({ name: "feedback.right", subject }))).toEqual({
          name: "feedback.right",
          subject,
        });
      }),
    );
    expect(decodeAction("nonsense")).toBeUndefined();
    expect(decodeAction(`a:${"x".repeat(99)}`)).toBeUndefined();
  });
});
