import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Chart } from "../../src/charts/chart.ts";
import { clockOf } from "../../src/charts/clock.ts";
import { COLOURS } from "../../src/charts/colours.ts";
import { loadFont } from "../../src/charts/font.ts";
import { PICTURE } from "../../src/charts/frame.ts";
import { chartSvg } from "../../src/charts/svg.ts";
import { alert, anyChart, chartOf, MINUTE, NOON, noise } from "./charts.ts";

const font = loadFont();
const svgOf = (chart: Chart) => chartSvg(chart, COLOURS.light, clockOf(chart.zone), font);

interface Label {
  text: string;
  left: number;
  right: number;
  baseline: number;
  size: number;
}

/** The texts of a picture with the room they take. */
function labelsOf(svg: string): Label[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = "", escaped = ""]) => {
    const read = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
    const text = escaped.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    const size = Number(read("font-size"));
    const width = font.width(text, size, read("font-weight") === "600" ? 600 : 500);
    const share = { start: 0, middle: 0.5, end: 1 }[read("text-anchor")] ?? Number.NaN;
    const left = Number(read(" ?x") || read("x")) - share * width;
    return { text, left, right: left + width, baseline: Number(read(" y")), size };
  });
}

const textsOf = (chart: Chart) => labelsOf(svgOf(chart)).map(({ text }) => text);

/** Pairs of labels that share pixels: letters reach from 0.75 of their size above the baseline to 0.2 below. */
function overlapping(labels: Label[]): string[] {
  const seen = labels.filter(({ text }) => text !== "");
  return seen.flatMap((a, i) =>
    seen
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right)
      .filter((b) => a.baseline - 0.75 * a.size < b.baseline + 0.2 * b.size)
      .filter((b) => b.baseline - 0.75 * b.size < a.baseline + 0.2 * a.size)
      .map((b) => `${a.text} / ${b.text}`),
  );
}

describe("what a picture says", () => {
  test("title, unit, day, zone, what the shades mean, peak and last value", () => {
    const texts = textsOf({ ...alert(), zone: "Europe/Berlin" });
    for (const text of [
      "checkout",
      "errors / min · Tue 24 Nov",
      "CET",
      "normal",
      "anomaly",
      "onset",
      "deploy",
    ]) {
      expect(texts).toContain(text);
    }
    expect(texts.filter((text) => text.startsWith("peak "))).toHaveLength(1);
    expect(texts).toEqual(expect.arrayContaining(["v2.14.0", "28 min", "14:00", "0"]));
  });

  test("no data in this range, for no values and for unknown ones alike", () => {
    expect(textsOf(chartOf([]))).toContain("no data in this range");
    expect(textsOf(chartOf([null, null]))).toContain("no data in this range");
    expect(textsOf(chartOf([0, null]))).not.toContain("no data in this range");
  });

  test("numbers on the axis are round and short", () => {
    expect(textsOf(chartOf([1, 2, 3_400_000]))).toEqual(expect.arrayContaining(["0", "1M", "2M", "3M"]));
    expect(textsOf(chartOf([1, 3, 2]))).not.toContain("0.5");
  });

  test("hostile texts are shown as they are, and are never markup", () => {
    const hostile = `</text><script>alert("1")</script>&lt;\u0000\u202E'\uD800 ${"x".repeat(500)}`;
    const svg = svgOf(
      chartOf([1, 2], {
        title: hostile,
        unit: hostile,
        marks: [{ atMs: NOON, label: hostile, kind: "onset" }],
      }),
    );
    expect(svg).not.toMatch(/<script|\u0000|\u202E|\uD800/);
    expect(labelsOf(svg)[0]?.text).toMatch(/^<\/text><script>alert\("1"\)<\/script>&lt; ?' x+…$/);
  });

  test("deploys too many to name are counted", () => {
    const marks = Array.from({ length: 50 }, (_, i) => ({
      atMs: NOON + i * MINUTE,
      label: `2026.11.24-${i}`,
      kind: "deploy" as const,
    }));
    expect(textsOf(chartOf(noise(60, 9), { marks }))).toContain("50 deploys");
  });

  test("marks and anomalies outside the range are not drawn at its edge", () => {
    const texts = textsOf(
      chartOf([1, 2, 3], {
        marks: [{ atMs: NOON - MINUTE, label: "before", kind: "deploy" }],
        anomalies: [{ fromMs: NOON + 9 * MINUTE, toMs: NOON + 10 * MINUTE, label: "after" }],
      }),
    );
    expect(texts).not.toEqual(expect.arrayContaining(["before"]));
    expect(texts).not.toEqual(expect.arrayContaining(["after"]));
  });
});

describe("where labels stand", () => {
  test("a mark's beside the axis, above its highest number", () => {
    const marks = ["v", "w"].map((label) => ({ atMs: NOON, label, kind: "deploy" as const }));
    // The axis ends at 4, at the plot's edge.
    const labels = labelsOf(svgOf(chartOf([1, 4 / 1.16 + 1e-6, 2], { marks })));
    expect(labels.map(({ text }) => text)).toEqual(expect.arrayContaining(["4", "v", "w"]));
    expect(overlapping(labels)).toEqual([]);
  });

  test("inside the picture, and none over another, whatever the chart", () => {
    fc.assert(
      fc.property(anyChart, (chart) => {
        const labels = labelsOf(svgOf(chart));
        for (const { text, left, right, baseline, size } of labels) {
          const inside =
            left >= 0 &&
            right <= PICTURE.width + 0.5 &&
            baseline - 0.75 * size >= 0 &&
            baseline + 4 <= PICTURE.height;
          if (!inside) throw new Error(`outside: ${text} ${left}–${right}, ${baseline}`);
        }
        expect(overlapping(labels)).toEqual([]);
      }),
      // Shrinking a chart of 2,000 values takes minutes; the message names the labels.
      { numRuns: 200, endOnFailure: true },
    );
  });
});

describe("the line", () => {
  /** The lowest y of the line's path, which is its highest point. */
  const summit = (svg: string) => {
    const line = /<path d="([^"]+)" fill="none" stroke="#1f5fd6"/.exec(svg)?.[1] ?? "";
    return Math.min(...[...line.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y)));
  };

  test("keeps a spike of one step among 6,000, wherever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5999 }), (at) => {
        const flat: number[] = Array(6000).fill(1);
        const svg = svgOf(chartOf(flat.with(at, 10_000)));
        // Headroom is a seventh of the plot, which begins 70 below the top.
        expect(summit(svg)).toBeLessThan(100);
        expect(textsOf(chartOf(flat.with(at, 10_000)))).toContain(at === 5999 ? "10k" : "peak 10k");
      }),
      { numRuns: 50 },
    );
  });

  test("is cut where nothing is known", () => {
    const values = noise(90, 50).map((value, i) => (i > 30 && i < 40 ? null : value));
    const line = /<path d="([^"]+)" fill="none" stroke="#1f5fd6"/.exec(svgOf(chartOf(values)))?.[1] ?? "";
    expect(line.match(/M/g)).toHaveLength(2);
  });

  test("shows a single value between gaps as a dot", () => {
    const values = Array.from({ length: 90 }, (_, i) => (i === 40 ? 5 : null));
    expect(svgOf(chartOf(values))).toMatch(/<circle [^>]*r="2.5"/);
  });
});
