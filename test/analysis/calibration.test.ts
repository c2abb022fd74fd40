import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  binsOf,
  brierOf,
  expectedCalibrationError,
  fitConfidence,
  type Judged,
} from "../../src/analysis/calibration.ts";

const many = (count: number, confidence: number, rightOf10: number): Judged[] =>
  Array.from({ length: count }, (_, i) => ({ confidence, outcome: i % 10 < rightOf10 ? 1 : 0 }));

describe("what a confidence meant", () => {
  test("is measured: always saying one half has a Brier score of a quarter", () => {
    expect(brierOf(many(100, 0.5, 5))).toBe(0.25);
    expect(expectedCalibrationError(many(100, 0.5, 5))).toBe(0);
    expect(brierOf([{ confidence: 1, outcome: 1 }])).toBe(0);
  });

  test("is off by as much as people say otherwise", () => {
    expect(expectedCalibrationError(many(100, 0.9, 3))).toBeCloseTo(0.6);
    expect(binsOf(many(10, 1, 5))).toEqual([{ from: 0.8, to: 1, count: 10, said: 1, was: 0.5 }]);
  });
});

describe("a refit", () => {
  test("waits for fifty judgements", () => {
    expect(fitConfidence(many(49, 0.8, 2))).toBeUndefined();
    expect(fitConfidence(many(50, 0.8, 2))).toBeDefined();
  });

  test("says less where high confidence was mostly wrong, and leaves what was right", () => {
    const fitted = fitConfidence([...many(50, 0.8, 2), ...many(50, 0.3, 1)]) as (
      confidence: number,
    ) => number;

    expect(fitted(0.8)).toBeGreaterThan(0.2);
    expect(fitted(0.8)).toBeLessThan(0.35);
    expect(fitted(0.3)).toBeLessThan(0.2);
  });

  test("never turns more confidence into less, and stays between 0 and 1", () => {
    const judged = fc.array(
      fc.record({
        confidence: fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
        outcome: fc.constantFrom(0, 0.5, 1),
      }),
      { minLength: 50, maxLength: 120 },
    );
    fc.assert(
      fc.property(judged, (all) => {
        const fitted = fitConfidence(all) as (confidence: number) => number;
        const said = Array.from({ length: 101 }, (_, i) => fitted(i / 100));
        for (const [i, value] of said.entries()) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          if (i > 0) expect(value).toBeGreaterThanOrEqual((said[i - 1] as number) - 0.011);
        }
      }),
      { numRuns: 50 },
    );
  });
});
