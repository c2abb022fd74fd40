import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ServiceWatch } from "../../src/anomalies/serviceWatch.ts";
import { UsualRates } from "../../src/anomalies/usualRates.ts";
import { madeCounts } from "./madeSeries.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);

describe("what a service's last week was like", () => {
  test("is the averages of the minutes that are known, and the least number that 95 of 100 do not exceed", () => {
    const usual = new UsualRates();
    for (let at = 0; at < 60; at++) usual.add(NOON + at * MINUTE, 50, at < 57 ? 2 : 9);
    expect(usual.rates()).toEqual({
      windowFromMs: NOON,
      windowToMs: NOON + 60 * MINUTE,
      avgLogRate: 50,
      avgErrorRate: 2.35,
      p95ErrorRate: 2,
    });
  });

  test("forgets what is older than a week", () => {
    const usual = new UsualRates();
    usual.add(NOON, 1_000, 1_000);
    for (let at = 0; at < 60; at++) usual.add(NOON + 8 * 24 * HOUR + at * MINUTE, 10, 0);
    expect(usual.rates()).toMatchObject({ avgLogRate: 10, avgErrorRate: 0, p95ErrorRate: 0 });
    expect(usual.rates()?.windowFromMs).toBe(NOON + 24 * HOUR + HOUR);
  });

  test.each([
    ["more errors, told by the next minute", 1, (lines: number) => ({ lines: lines + 40, errors: 40 })],
    ["hardly more errors, told within minutes", 7, (lines: number) => ({ lines: lines + 15, errors: 15 })],
    ["far more lines", 2, (lines: number) => ({ lines: 2.2 * lines, errors: 2 })],
    ["no lines any more", 2, () => ({ lines: 0, errors: 0 })],
  ])("has no part of what was not usual, nor of how that began: %s", (_, most, oddOf) => {
    const watch = ServiceWatch.create();
    const lines = madeCounts({ days: 3, byDay: 60, seed: 3 });
    const errors = madeCounts({ days: 3, byDay: 2, seed: 4 });
    lines.forEach((count, at) => {
      watch.push(NOON + at * MINUTE, { lines: count, errors: errors[at] as number });
    });
    const before = watch.rates();
    let told = 0;
    for (let at = lines.length; at < lines.length + 20; at++) {
      const found = watch.push(NOON + at * MINUTE, oddOf(60));
      if (told === 0 && found.some(({ score }) => score > 0.35)) told = at - lines.length;
    }
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(most);
    expect(watch.rates()?.avgErrorRate).toBeCloseTo(before?.avgErrorRate as number, 6);
    expect(watch.rates()?.avgLogRate).toBeCloseTo(before?.avgLogRate as number, 6);
    expect(watch.rates()?.p95ErrorRate).toBe(before?.p95ErrorRate);
  });

  test("goes on from what was kept", () => {
    const usual = new UsualRates();
    for (let at = 0; at < 90; at++) usual.add(NOON + at * MINUTE, at, at % 7);
    expect(new UsualRates(usual.save()).rates()).toEqual(usual.rates());
  });

  test("has a 95 % within the width of a bin of the true one, whatever the counts", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 400 }), (counts) => {
        const usual = new UsualRates();
        counts.forEach((errors, at) => {
          usual.add(NOON + at * 1_000, errors, errors);
        });
        const sorted = counts.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(0.95 * sorted.length) - 1] as number;
        expect(Math.abs((usual.rates()?.p95ErrorRate ?? 0) - exact)).toBeLessThanOrEqual(0.06 * exact + 0.5);
      }),
    );
  });

  test("is unknown before the first minute", () => expect(new UsualRates().rates()).toBeUndefined());
});
