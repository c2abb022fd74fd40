import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { clockOf } from "../../src/charts/clock.ts";
import { COLOURS } from "../../src/charts/colours.ts";
import { createChartDrawer } from "../../src/charts/draw.ts";
import { loadFont } from "../../src/charts/font.ts";
import { chartSvg } from "../../src/charts/svg.ts";
import { alert, anyChart, chartOf, noise } from "./charts.ts";

const draw = createChartDrawer();

describe("a drawn chart", () => {
  test.each(["light", "dark"] as const)("is a PNG of 1200 × 560 pixels in the %s look", async (look) => {
    const png = Buffer.from(await draw(alert(), look));
    expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 560]);
  });

  test("is the same bytes for the same chart, from another drawer too", async () => {
    const first = Buffer.from(await draw(alert(), "light"));
    const second = Buffer.from(await createChartDrawer()(alert(), "light"));
    expect(first.equals(second)).toBe(true);
  });

  test("differs between the looks", async () => {
    const light = Buffer.from(await draw(alert(), "light"));
    expect(light.equals(Buffer.from(await draw(alert(), "dark")))).toBe(false);
  });

  // Measured: 30 to 60 ms, 150 on a loaded machine. The bound leaves room for a slow one.
  test.each([
    ["an alert", alert()],
    ["2,000 points of noise", chartOf(noise(2000, 1000))],
    ["480 points of noise, the heaviest", chartOf(noise(480, 1000))],
    ["nothing", chartOf([])],
  ])("of %s weighs less than 60 kB and takes less than a second", async (_, chart) => {
    let leastMs = Number.POSITIVE_INFINITY;
    // What else this machine does is not what is measured.
    for (let tries = 0; tries < 10 && leastMs >= 1_000; tries++) {
      const startedAt = performance.now();
      const png = await draw(chart, "light");
      leastMs = Math.min(leastMs, performance.now() - startedAt);
      expect(png.length).toBeLessThan(60_000);
    }
    expect(leastMs).toBeLessThan(1_000);
  });

  test("many at once do not disturb each other", async () => {
    const alone = Buffer.from(await draw(alert(), "dark"));
    const together = await Promise.all(Array.from({ length: 8 }, () => draw(alert(), "dark")));
    expect(together.every((png) => alone.equals(Buffer.from(png)))).toBe(true);
  });

  test("comes out of every chart, sensible or not", async () => {
    await fc.assert(
      fc.asyncProperty(anyChart, fc.constantFrom("light" as const, "dark" as const), async (chart, look) => {
        expect((await draw(chart, look)).length).toBeGreaterThan(1000);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

test("nothing is drawn so far outside that the renderer could not hold it, whatever the numbers are", () => {
  const font = loadFont();
  fc.assert(
    fc.property(anyChart, (chart) => {
      const svg = chartSvg(chart, COLOURS.light, clockOf(chart.zone), font);
      const paths = [...svg.matchAll(/ d="([^"]+)"/g)].map(([, path = ""]) => path);
      const numbers = paths.flatMap((path) => path.match(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g) ?? []).map(Number);
      expect(numbers.filter((number) => !(Math.abs(number) <= 10_000))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
