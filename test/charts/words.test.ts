import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { altText } from "../../src/charts/alt.ts";
import { shortNumber } from "../../src/charts/numbers.ts";
import { sparkline } from "../../src/charts/sparkline.ts";
import { alert, anyChart, chartOf, MINUTE, NOON } from "./charts.ts";

describe("alternative text", () => {
  test("says what, when, the peak, what is normal, when it was left, and the marks", () => {
    expect(altText({ ...alert(), title: "checkout errors", zone: "Europe/Berlin" })).toBe(
      "checkout errors (errors / min). Tue 24 Nov, 13:00 to 15:00 CET. Peak 150 at 14:47, last value 5. " +
        "Normal is 0 to 17; above it from 14:24 to 14:52. Deploy v2.14.0 at 14:20, onset at 14:24.",
    );
  });

  test("says since when it is not normal, when it still is not", () => {
    const band = { low: [0, 0, 0, 0], high: [5, 5, 5, 5] };
    expect(altText(chartOf([1, 2, 9, 12], { band }))).toContain("above it since 12:02.");
  });

  test("names a moment that somebody asked about", () => {
    const marks = [{ atMs: NOON + 2 * MINUTE, label: "asked about", kind: "asked" as const }];
    expect(altText(chartOf([1, 2, 9, 12], { marks }))).toContain("Asked about at 12:02.");
  });

  test("says that there is no data, and where some is missing", () => {
    expect(altText(chartOf([]))).toBe("checkout (errors / min). No data in this range.");
    expect(altText(chartOf([1, null, 2, 1]))).toContain("No data for 25% of the time.");
  });

  test("names both zones when the clocks change in the range", () => {
    const chart = { ...chartOf(Array(12).fill(3)), fromMs: Date.UTC(2026, 9, 24, 20), stepMs: 60 * MINUTE };
    expect(altText({ ...chart, zone: "Europe/Berlin" })).toContain(
      "24 Oct 22:00 CEST to 25 Oct 09:00 CET. 3 throughout.",
    );
  });

  test("has one line of at most 300 characters, whatever the chart", () => {
    fc.assert(
      fc.property(anyChart, (chart) => {
        const text = altText(chart);
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}]|NaN|undefined|Infinity/u);
      }),
    );
  });

  test("speaks of an anomaly that reaches past the range", () => {
    const anomalies = [{ fromMs: NOON - MINUTE, toMs: NOON + 90 * MINUTE }];
    expect(altText(chartOf([1, 2], { anomalies }))).toContain("Anomaly since 12:00.");
  });
});

describe("a sparkline", () => {
  test("is as high as its values, from zero", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([0, 0])).toBe("▁▁");
    expect(sparkline([])).toBe("");
  });

  test("tells a little from nothing", () => {
    expect(sparkline([0, 1, 10_000])).toBe("▁▂█");
  });

  test("has at most 16 characters and keeps a spike", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 300 }), fc.nat(300), (values, at) => {
        const line = sparkline(values.toSpliced(at, 0, 1000));
        expect(line).toMatch(/^[▁▂▃▄▅▆▇█]{1,16}$/u);
        expect(line).toContain("█");
      }),
    );
  });
});

test("numbers are short", () => {
  const shown = [0, 0.25, 1, 999, 999.9, 1000, 1234, 999_999, 3_400_000, 2e9, 5e12, 1.23e18, 0.00012].map(
    shortNumber,
  );
  expect(shown).toEqual([
    "0",
    "0.25",
    "1",
    "999",
    "1k",
    "1k",
    "1.23k",
    "1M",
    "3.4M",
    "2B",
    "5T",
    "1.2e18",
    "1.2e-4",
  ]);
});
