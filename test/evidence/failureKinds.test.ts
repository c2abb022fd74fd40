import { expect, test } from "@jest/globals";
import { failureKindOf } from "../../src/evidence/failureKinds.ts";
import { leastMs } from "../support/leastMs.ts";

test.each([
  ["quotes with backslashes", `"${'"\\'.repeat(4_000)}`],
  ["texts in such quotes", '\\"a'.repeat(2_700)],
  ["a fault's first word", `"${"column ".repeat(1_140)}`],
])("a line of 8,000 characters full of %s is told at once", (_, text) => {
  expect(leastMs(() => failureKindOf(text), 3)).toBeLessThan(20);
});
