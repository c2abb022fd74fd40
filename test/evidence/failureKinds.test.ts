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

test("a hundred samples of files that are missing are told in little time", () => {
  const text = "open() failed (2: ".repeat(55);
  const work = () => {
    for (let i = 0; i < 100; i++) tellsWhy(`${text}${i}`);
  };
  expect(leastMs(work, 20)).toBeLessThan(15);
});
