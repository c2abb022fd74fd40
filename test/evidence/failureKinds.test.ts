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
  const msOf = (line: string) => leastMs(() => tellsWhy(line), 20);
  expect(msOf(hostile) / msOf(ordinary)).toBeLessThan(1.5);
});
