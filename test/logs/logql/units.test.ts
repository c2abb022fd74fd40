import { describe, expect, test } from "@jest/globals";
import { matcherOf } from "../../../src/logs/logql/match.ts";
import { parseLogql } from "../../../src/logs/logql/parse.ts";

/** Everything else waits while one is read. */
const AT_ONCE_MS = 5_000;

function took(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

function isFound(pipeline: string, text: string): boolean {
  const line = { atNs: 0n, service: "checkout", namespace: "shop", level: undefined, text };
  return matcherOf(parseLogql(`{service="checkout"} ${pipeline}`))(line);
}

describe("what is nearly a number or a duration is told at once", () => {
  test.each(["11s".repeat(12), "11s".repeat(1_500)])("in a query", (parts) => {
    const query = `{a="b"} | took > ${parts}1`;
    expect(took(() => expect(() => parseLogql(query)).toThrow("is no number, duration"))).toBeLessThan(
      AT_ONCE_MS,
    );
  });

  test.each(["11s".repeat(12), "11s".repeat(40_000), "1".repeat(120_000)])("in a line", (parts) => {
    const text = JSON.stringify({ took: `${parts}!` });
    for (const amount of ["5s", "5", "5MB"])
      expect(
        took(() => expect(isFound(`| json | took > ${amount} | __error__!=""`, text)).toBe(true)),
      ).toBeLessThan(AT_ONCE_MS);
  });

  test.each([
    ["1h30m", "5400s"],
    ["1.5s", "1500ms"],
    ["1.s", "1s"],
    [".5m", "30s"],
    ["-1.5s", "-1500ms"],
  ])("and %s is still %s", (text, same) => {
    expect(isFound(`| logfmt | took == ${same}`, `took=${text}`)).toBe(true);
    expect(isFound(`| logfmt | took == ${same} | __error__=""`, `took=${text}`)).toBe(true);
  });
});
