import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { LineLabels } from "./lineLabels.ts";
import { type FoundLine, readLines } from "./readLines.ts";
import { evaluate } from "./readSamples.ts";
import { Shelf } from "./shelf.ts";
import { compilePipeline } from "./stages.ts";
import type { StandInLine } from "./standIn.ts";

const PODS = ["a", "b", "c"];
/** Most lines stand close together, some far off, many on one nanosecond. */
const anyTime = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 2_000n }) },
  { weight: 2, arbitrary: fc.constantFrom(0n, 1n, 999n, 1_000n, 1_001n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 15n }) },
);
const anyLines = fc.array(
  fc.tuple(
    anyTime,
    fc.constantFrom(...PODS),
    fc.constantFrom("x", "y", "z"),
    fc.constantFrom("info", "error"),
  ),
  { minLength: 1, maxLength: 4_000, size: "max" },
);

function linesOf(drawn: readonly (readonly [bigint, string, string, string])[]): StandInLine[] {
  return drawn.map(([atNs, pod, text, level]) => ({
    labels: { pod, service_name: "s" },
    atNs,
    text: `${text} ${level}`,
    metadata: { detected_level: level },
  }));
}

function shelfOf(lines: readonly StandInLine[]): Shelf {
  const shelf = new Shelf({ detectLevel: true, nameService: true });
  shelf.push("o", lines);
  return shelf;
}

/** What is stored: the same line of the same stream and nanosecond once. */
function stored(lines: readonly StandInLine[]): StandInLine[] {
  return [...new Map(lines.map((line) => [keyOf(line), line])).values()];
}

function keyOf({ labels, atNs, text }: StandInLine): string {
  return `${labels.pod} ${atNs} ${text}`;
}

function foundKey({ stream, atNs, text }: FoundLine): string {
  return `${stream.labels.get("pod")} ${atNs} ${text}`;
}

/** Shrinking thousands of lines would go on for minutes. */
const ENOUGH = { numRuns: 60, interruptAfterTimeLimit: 30_000 };

describe("the stand-in agrees with a plain filter", () => {
  test("on the lines of any page", () => {
    const anyPage = fc.record({
      span: fc.tuple(anyTime, anyTime),
      forward: fc.boolean(),
      limit: fc.constantFrom(1, 3, 100, 1_500, 5_000),
      shuffle: fc.nat(),
    });
    fc.assert(
      fc.property(anyLines, fc.array(anyPage, { minLength: 4, maxLength: 4 }), (drawn, pages) => {
        const lines = linesOf(drawn);
        const shelf = shelfOf(lines);
        for (const {
          span: [startNs, endNs],
          forward,
          limit,
          shuffle,
        } of pages) {
          const pipeline = compilePipeline([{ kind: "line", op: "|=", texts: ["error"] }]);
          const work = { lines: 0, bytes: 0 };
          const reading = { startNs, endNs, forward, limit, pipeline, shuffle };
          const found = readLines(shelf.select("o", []), reading, work);
          const expected = stored(lines)
            .filter(({ atNs, text }) => atNs >= startNs && atNs < endNs && text.includes("error"))
            .sort((a, b) => (a.atNs === b.atNs ? 0 : a.atNs < b.atNs === forward ? -1 : 1));
          const all = new Set(expected.map(keyOf));
          expect(found.map(({ atNs }) => atNs)).toEqual(expected.slice(0, limit).map(({ atNs }) => atNs));
          expect(new Set(found.map(foundKey)).size).toBe(found.length);
          expect(found.filter((line) => !all.has(foundKey(line)))).toEqual([]);
        }
      }),
      ENOUGH,
    );
  });

  test("on a page that is read in several goes, with a line on each nanosecond", () => {
    const drawn = Array.from(
      { length: 9_000 },
      (_, n) => [BigInt(n), PODS[n % 3] ?? "", String(n % 10), "error"] as const,
    );
    const streams = shelfOf(linesOf(drawn)).select("o", []);
    for (const forward of [true, false]) {
      // One line in ten passes, so that the first goes find too few; each of the ten stands on some edge.
      for (let digit = 0; digit < 10; digit += 1) {
        const pipeline = { any: false, steps: [], passes: (line: string) => line.startsWith(String(digit)) };
        const reading = { startNs: 1n, endNs: 8_999n, forward, limit: 700, pipeline, shuffle: 0 };
        const found = readLines(streams, reading, { lines: 0, bytes: 0 });
        const expected = drawn.flatMap(([atNs, , text]) =>
          text === String(digit) && atNs >= 1n && atNs < 8_999n ? [atNs] : [],
        );
        if (!forward) expected.reverse();
        expect(found.map(({ atNs }) => atNs)).toEqual(expected.slice(0, 700));
      }
    }
  });

  test("on the counts of any points, range and offset, with and without a filter", () => {
    const anyCount = fc.record({
      firstNs: anyTime,
      stepNs: fc.constantFrom(1n, 7n, 500n, 10n ** 14n),
      points: fc.constantFrom(1, 2, 11),
      rangeNs: fc.constantFrom(1n, 7n, 1_000n, 10n ** 14n),
      offsetNs: fc.constantFrom(0n, 1n, -5n),
      by: fc.constantFrom("pod", "detected_level", undefined),
      filtered: fc.boolean(),
    });
    fc.assert(
      fc.property(anyLines, fc.array(anyCount, { minLength: 4, maxLength: 4 }), (drawn, counts) => {
        const lines = linesOf(drawn);
        const shelf = shelfOf(lines);
        for (const { firstNs, stepNs, points, rangeNs, offsetNs, by, filtered } of counts) {
          const pointsNs = Array.from({ length: points }, (_, n) => firstNs + BigInt(n) * stepNs);
          const series = evaluate(
            {
              kind: "vector",
              function: "sum",
              grouping: { without: false, labels: by === undefined ? [] : [by] },
              of: {
                kind: "range",
                function: "count_over_time",
                log: {
                  kind: "log",
                  matchers: [],
                  stages: filtered ? [{ kind: "line", op: "|=", texts: ["error"] }] : [],
                },
                rangeNs,
                offsetNs,
              },
            },
            { pointsNs, select: (matchers) => shelf.select("o", matchers), work: { lines: 0, bytes: 0 } },
          );
          const expected = new Map<string, number[]>();
          for (const line of stored(lines)) {
            if (filtered && !line.text.includes("error")) continue;
            const all = new LineLabels(
              new Map(Object.entries(line.labels)),
              new Map(Object.entries(line.metadata ?? {})),
            );
            const group = by === undefined ? "" : (all.get(by) ?? "");
            const row = expected.get(group) ?? pointsNs.map(() => 0);
            for (const [point, atNs] of pointsNs.entries()) {
              const toNs = atNs - offsetNs;
              if (line.atNs > toNs - rangeNs && line.atNs <= toNs) row[point] = (row[point] ?? 0) + 1;
            }
            expected.set(group, row);
          }
          const rows = (all: Iterable<[string, number[]]>) =>
            [...all].filter(([, row]) => row.some(Boolean)).sort();
          const found = series.map(({ labels, values }): [string, number[]] => [
            by === undefined ? "" : (labels.get(by) ?? ""),
            [...values].map((value) => (Number.isNaN(value) ? 0 : value)),
          ]);
          expect(rows(found)).toEqual(rows(expected));
        }
      }),
      ENOUGH,
    );
  });
});
