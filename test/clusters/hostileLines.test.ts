import { expect, test } from "@jest/globals";
import { createHostileStrings } from "../../bench/hostileStrings.ts";
import { faultOf } from "../../bench/lineFaults.ts";
import { tellLine } from "../../src/logs/parse.ts";

test("nothing that can stand in a line throws, is told apart from itself, or changes when it is redacted again", () => {
  const hostile = createHostileStrings(11);
  const faults: string[] = [];
  for (let i = 0; i < 15_000; i++) {
    const text = hostile.next();
    const fault = faultOf(text);
    if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(text)}`);
  }
  expect(faults).toEqual([]);
});

test("a megabyte of anything is a line like others", () => {
  const hostile = createHostileStrings(3);
  const faults = Array.from({ length: 10 }, () => faultOf(hostile.long(1_000_000)));
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

test.each([
  ["before a stack", { msg: `m${" ".repeat(100_000)}x\nError: y\n    at a (b.js:1:1)` }],
  ["in a stack", { msg: "m", stack: `E: y${"\n".repeat(200_000)}  File "a.py", line 1` }],
  ["in the message of an error", { msg: "m", err: { message: `a${"\r\n".repeat(100_000)}b`, stack: "x" } }],
])("a hundred thousand blanks %s hold nothing up", (_, line) => {
  const text = JSON.stringify(line);
  const startMs = performance.now();
  const { stack } = tellLine(text);
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(stack).toMatch(/^(?:at a|File "a\.py"|x$)/);
});
