import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkProse, createProseCheck } from "../../src/analysis/grounding/discussion.ts";
import { groundsOf } from "../../src/analysis/grounding/evidence.ts";
import { ANALYST } from "../../src/analysis/prompt/rootCause.ts";
import { packOf } from "../support/groundedPacks.ts";

const grounds = groundsOf(packOf(), [ANALYST, "EVIDENCE-q3Zr8TjVw0aB"]);
const rules = { maxChars: 500, allowedHosts: [] };

/** What a check comes to, and how long its longest step took. */
function inPieces(text: string, pieceChars: number) {
  const check = createProseCheck(grounds, rules);
  const shown: string[] = [];
  let longestMs = 0;
  const step = <T>(work: () => T): T => {
    const fromMs = performance.now();
    const done = work();
    longestMs = Math.max(longestMs, performance.now() - fromMs);
    return done;
  };
  for (let at = 0; at < text.length; at += pieceChars)
    if (step(() => check.add(text.slice(at, at + pieceChars)))) shown.push(check.soFar.sentences.join(" "));
  const checked = step(() => check.end());
  return { checked, shown, longestMs };
}

describe("prose that comes in pieces", () => {
  test("comes to the same as the whole of it, and is shown a sentence at a time", () => {
    const text =
      'The database came first [1]. It logs "sorry, too many clients already" [1]. Orders fell [99]!\n- The callers wait. [2]\n\nNothing else changed [none]. This is my guess.';
    const whole = checkProse(text, grounds, rules);
    expect(whole).toMatchObject({ grounded: 3, dropped: 2, cites: [1, 2] });
    for (const pieceChars of [1, 3, 7, 1_000]) {
      const { checked, shown } = inPieces(text, pieceChars);
      expect(checked).toEqual(whole);
      for (const soFar of shown) expect(whole.sentences.join(" ").startsWith(soFar)).toBe(true);
    }
    expect(inPieces(text, 1).shown).toHaveLength(4);
  });

  test("comes to the same wherever it is parted", () => {
    const words = fc.constantFrom(
      "Callers",
      "wait",
      ".",
      "!",
      " ",
      "\n",
      "[1]",
      "[99]",
      "[none]",
      '"',
      "(",
      "- ",
      "1. ",
      "**",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (parts, pieceChars) => {
        const text = parts.join("");
        expect(inPieces(text, pieceChars).checked).toEqual(checkProse(text, grounds, rules));
      }),
    );
  });

  test("is not read without end, and half a sentence at its end is none", () => {
    const { sentences } = checkProse(`The callers wait [2]. ${"And wait ".repeat(1_000)}`, grounds, rules);
    expect(sentences).toEqual(["The callers wait [2]."]);
  });

  test.each([
    "Aa [99]. ",
    ". A",
    'No "a b c d". ',
    "The pool of it is spent. ",
    "x\n",
    "[1] ",
    "\n\n",
    " ",
    "a",
    "[](",
  ])("takes no time to speak of where it is nothing but %j", (unit) => {
    const text = unit.repeat(20_000 / unit.length);
    // What else this machine does is not what is measured.
    let least = { allMs: Number.POSITIVE_INFINITY, longestMs: Number.POSITIVE_INFINITY };
    for (let tries = 0; tries < 10 && (least.allMs >= 300 || least.longestMs >= 50); tries++) {
      const fromMs = performance.now();
      const longestMs = Math.min(least.longestMs, inPieces(text, 4).longestMs);
      least = { longestMs, allMs: Math.min(least.allMs, performance.now() - fromMs) };
    }
    expect(least.allMs).toBeLessThan(300);
    expect(least.longestMs).toBeLessThan(50);
  });
});
