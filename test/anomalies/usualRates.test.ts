import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { UsualRates } from "../../src/anomalies/usualRates.ts";

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
