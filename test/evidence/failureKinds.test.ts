import { expect, test } from "@jest/globals";
import { failureKindOf, tellsWhy } from "../../src/evidence/failureKinds.ts";
import { leastMs } from "../support/leastMs.ts";

test.each([
  ["quotes with backslashes", `"${'"\\'.repeat(4_000)}`],
  ["texts in such quotes", '\\"a'.repeat(2_700)],
  ["a fault's first word", `"${"column ".repeat(1_140)}`],
])("a line of 8,000 characters full of %s is told at once", (_, text) => {
  expect(leastMs(() => failureKindOf(text), 10)).toBeLessThan(20);
});

test("a line full of missing files is told as quickly as an ordinary one", () => {
  const hostile = "open() failed (2: ".repeat(440);
  const ordinary = "open() served 200: ".repeat(440).slice(0, hostile.length);
  // By turns, so that what else this machine does meets both.
  const least = { hostile: Number.POSITIVE_INFINITY, ordinary: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 100; round++)
    for (const [what, line] of Object.entries({ hostile, ordinary }) as [keyof typeof least, string][]) {
      const fromMs = performance.now();
      tellsWhy(line);
      least[what] = Math.min(least[what], performance.now() - fromMs);
    }
  expect(least.hostile / least.ordinary).toBeLessThan(1.5);
});
