import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findRise } from "../../src/analysis/changePoint.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a rise", () => {
  test("is found where a steady rate becomes a higher one", () => {
    const steady = Array.from({ length: 60 }, (_, i) => i * MINUTE);
    const burst = Array.from({ length: 100 }, (_, i) => 50 * MINUTE + i * 6_000 + 1);
    const times = [...steady, ...burst].sort((a, b) => a - b);

    const rise = findRise(times, 0, HOUR);

    expect(Math.abs((rise?.atMs ?? 0) - 50 * MINUTE)).toBeLessThan(10_000);
    expect(rise?.ratePerMinuteBefore).toBeCloseTo(1, 0);
    expect(rise?.ratePerMinuteAfter).toBeGreaterThan(10);
    expect(rise?.gain).toBeGreaterThan(100);
  });

  test("from nothing begins at the first line", () => {
    const times = Array.from({ length: 30 }, (_, i) => 40 * MINUTE + i * 10_000);

    expect(findRise(times, 0, HOUR)).toMatchObject({
      atMs: 40 * MINUTE,
      ratePerMinuteBefore: 0,
      countAfter: 30,
    });
  });

  test("is not seen in a steady rate, nor in one that falls", () => {
    const steady = Array.from({ length: 120 }, (_, i) => i * 30_000);
    const falling = Array.from({ length: 50 }, (_, i) => i * 10_000);

    expect(findRise(steady, 0, HOUR)?.gain ?? 0).toBeLessThan(6);
    expect(findRise(falling, 0, HOUR)?.gain ?? 0).toBeLessThan(6);
  });

  test("is not made of one line at the very end", () => {
    expect(findRise([HOUR - 1], 0, HOUR)?.gain ?? 0).toBeLessThan(6);
    expect(findRise([], 0, HOUR)).toBeUndefined();
  });

  test("is a number, and never a negative gain, for any times", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: HOUR - 1 }), { maxLength: 300 }), (times) => {
        const rise = findRise(
          [...times].sort((a, b) => a - b),
          0,
          HOUR,
        );
        if (rise === undefined) return;
        expect(rise.gain).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(rise.gain + rise.ratePerMinuteAfter + rise.ratePerMinuteBefore)).toBe(true);
        expect(times).toContain(rise.atMs);
      }),
    );
  });
});
