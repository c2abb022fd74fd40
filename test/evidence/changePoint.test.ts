import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findRise, findStepRise } from "../../src/evidence/changePoint.ts";
import { Coverage } from "../../src/evidence/coverage.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ALL = new Coverage([{ fromMs: 0, toMs: HOUR }]);

describe("a rise", () => {
  test("is found where a steady rate becomes a higher one", () => {
    const steady = Array.from({ length: 60 }, (_, i) => i * MINUTE);
    const burst = Array.from({ length: 100 }, (_, i) => 50 * MINUTE + i * 6_000 + 1);
    const times = [...steady, ...burst].sort((a, b) => a - b);

    const rise = findRise(times, ALL);

    expect(Math.abs((rise?.atMs ?? 0) - 50 * MINUTE)).toBeLessThan(10_000);
    expect(rise?.ratePerMinuteBefore).toBeCloseTo(1, 0);
    expect(rise?.ratePerMinuteAfter).toBeGreaterThan(10);
    expect(rise?.gain).toBeGreaterThan(100);
  });

  test("from nothing begins at the first line", () => {
    const times = Array.from({ length: 30 }, (_, i) => 40 * MINUTE + i * 10_000);

    expect(findRise(times, ALL)).toMatchObject({
      atMs: 40 * MINUTE,
      ratePerMinuteBefore: 0,
      countAfter: 30,
    });
  });

  test("is not seen in a steady rate, nor in one that falls", () => {
    const steady = Array.from({ length: 120 }, (_, i) => i * 30_000);
    const falling = Array.from({ length: 50 }, (_, i) => i * 10_000);

    expect(findRise(steady, ALL)?.gain ?? 0).toBeLessThan(6);
    expect(findRise(falling, ALL)?.gain ?? 0).toBeLessThan(6);
  });

  test("is not made of one line at the very end", () => {
    expect(findRise([HOUR - 1], ALL)?.gain ?? 0).toBeLessThan(6);
    expect(findRise([], ALL)).toBeUndefined();
  });

  test("is a number, and never a negative gain, for any times", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: HOUR - 1 }), { maxLength: 300 }), (times) => {
        const rise = findRise(
          [...times].sort((a, b) => a - b),
          ALL,
        );
        if (rise === undefined) return;
        expect(rise.gain).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(rise.gain + rise.ratePerMinuteAfter + rise.ratePerMinuteBefore)).toBe(true);
        expect(times).toContain(rise.atMs);
      }),
    );
  });

  test("is not the next of bursts that come again and again", () => {
    for (const [periodMs, lines] of [
      [10 * MINUTE, 50],
      [5 * MINUTE, 200],
      [25 * MINUTE, 30],
      [50 * MINUTE, 50],
    ] as const) {
      const times: number[] = [];
      for (let at = 0; at < HOUR; at += periodMs) for (let i = 0; i < lines; i++) times.push(at + i * 100);
      expect(findRise(times, ALL)?.gain ?? 0).toBeLessThan(6);
      expect(
        findRise(
          times.map((at) => at + MINUTE).filter((at) => at < HOUR),
          ALL,
        )?.gain ?? 0,
      ).toBeLessThan(6);
    }
  });

  test("is seen over bursts where it is far beyond them", () => {
    const times: number[] = [];
    for (let at = 0; at < HOUR; at += 10 * MINUTE) for (let i = 0; i < 20; i++) times.push(at + i * 100);
    for (let i = 0; i < 2_000; i++) times.push(55 * MINUTE + i * 100);
    times.sort((a, b) => a - b);

    expect(Math.abs((findRise(times, ALL)?.atMs ?? 0) - 55 * MINUTE)).toBeLessThan(1_000);
    expect(findRise(times, ALL)?.gain).toBeGreaterThan(40);
  });

  test("is none where only the time that was read makes it look like one", () => {
    // One line a second, of which the first ten seconds of every ten minutes were read, and the last ten minutes whole.
    const parts = [0, 1, 2, 3, 4].map((i) => ({ fromMs: i * 10 * MINUTE, toMs: i * 10 * MINUTE + 10_000 }));
    const covered = new Coverage([...parts, { fromMs: 50 * MINUTE, toMs: HOUR }]);
    const isRead = (atMs: number) => covered.msBefore(atMs + 1) > covered.msBefore(atMs);
    const times = Array.from({ length: 3_600 }, (_, i) => i * 1_000).filter(isRead);

    expect(findRise(times, ALL)?.gain).toBeGreaterThan(40);
    expect(findRise(times, covered)?.gain ?? 0).toBeLessThan(6);
  });
});

test("the step from which counts are higher is found, and 0 where none is", () => {
  expect(findStepRise([3, 2, 4, 3, 90, 120, 80])).toBe(4);
  expect(findStepRise([0, 0, 0, 7])).toBe(3);
  expect(findStepRise([9, 8, 7, 1])).toBe(0);
  expect(findStepRise([])).toBe(0);
});

describe("the time that was read", () => {
  test("is what was covered, each moment once, in whatever order it was read", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60 })), {
          maxLength: 12,
        }),
        fc.integer({ min: -10, max: 400 }),
        (pairs, atMs) => {
          const covered = new Coverage(pairs.map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length })));
          const moments = Array.from({ length: 400 }, (_, ms) => ms).filter((ms) =>
            pairs.some(([fromMs, length]) => ms >= fromMs && ms < fromMs + length),
          );

          expect(covered.totalMs).toBe(moments.length);
          expect(covered.msBefore(atMs)).toBe(moments.filter((ms) => ms < atMs).length);
          expect(covered.from(atMs).totalMs).toBe(moments.filter((ms) => ms >= atMs).length);
        },
      ),
    );
  });
});
