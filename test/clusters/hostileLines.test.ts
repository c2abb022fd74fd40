import { expect, test } from "@jest/globals";
import { createHostileStrings } from "../../bench/hostileStrings.ts";
import { faultOf } from "../../bench/lineFaults.ts";

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
