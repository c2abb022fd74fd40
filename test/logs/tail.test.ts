import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LogLine } from "../../src/logs/source.ts";
import { tailLines } from "../../src/logs/tail.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";

const START_MS = Date.UTC(2026, 10, 24, 3);

/** Follows lines that each come to be seen some time after they were written, by a clock that goes on with each sleep. */
async function follow(
  arriving: readonly { line: LogLine; afterMs: number }[],
  looks: number,
): Promise<LogLine[]> {
  let nowMs = START_MS;
  const stop = new AbortController();
  const there = () =>
    arriving
      .filter(({ line, afterMs }) => Number(line.atNs / 1_000_000n) + afterMs <= nowMs)
      .map(({ line }) => line);
  const logs = {
    ...createLinesSource([]),
    lines: (org: string, query: Parameters<ReturnType<typeof createLinesSource>["lines"]>[1]) =>
      createLinesSource(there()).lines(org, query),
  };
  const parts = {
    logs,
    now: () => nowMs,
    everyMs: 2_000,
    overlapMs: 10_000,
    async sleep(ms: number) {
      nowMs += ms;
      if (--looks === 0) stop.abort();
    },
  };
  const all: LogLine[] = [];
  for await (const fresh of tailLines(parts, "acme", {}, START_MS, stop.signal)) all.push(...fresh);
  return all;
}

test("a tail gives each line once, however late and in whatever order they come within the overlap", async () => {
  const anyArrival = fc.record({
    atMs: fc.integer({ min: 0, max: 30_000 }),
    text: fc.constantFrom("a", "b", "the same"),
    afterMs: fc.integer({ min: 0, max: 7_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyArrival, { maxLength: 30 }), async (given) => {
      const arriving = given.map(({ atMs, text, afterMs }) => ({
        line: lineAt(START_MS + atMs, text),
        afterMs,
      }));

      const seen = await follow(arriving, 30);

      const named = (lines: readonly LogLine[]) => lines.map(({ atNs, text }) => `${atNs} ${text}`).sort();
      expect(named(seen)).toEqual(named(arriving.map(({ line }) => line)));
    }),
    { numRuns: 200 },
  );
});

test("a tail gives nothing from before it began", async () => {
  const seen = await follow(
    [-5_000, -1, 0, 1].map((ms) => ({ line: lineAt(START_MS + ms, `at ${ms}`), afterMs: 0 })),
    5,
  );

  expect(seen.map(({ text }) => text)).toEqual(["at 0", "at 1"]);
});
