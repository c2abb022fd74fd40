import { describe, expect, test } from "@jest/globals";
import { ratesOf } from "../../src/analysis/errorChart.ts";
import type { Pack } from "../../src/evidence/pack.ts";

const MINUTE = 60_000;
const toMs = Date.UTC(2026, 10, 24, 12);

/** Errors per minute of one service: `usual` until the onset, `risen` from it, in steps of so many minutes. */
function packOf(
  stepMinutes: number,
  steps: number,
  onsetMinutesAgo: number,
  usual: number,
  risen: number,
): Pack {
  const stepMs = stepMinutes * MINUTE;
  const fromMs = toMs - steps * stepMs;
  const onsetMs = toMs - onsetMinutesAgo * MINUTE;
  const counts = Array.from({ length: steps }, (_, i) => {
    let sum = 0;
    for (let m = 0; m < stepMinutes; m++) sum += fromMs + i * stepMs + m * MINUTE < onsetMs ? usual : risen;
    return sum;
  });
  return {
    service: "checkout",
    namespace: "",
    window: { fromMs: fromMs + (toMs - fromMs) / 2, toMs },
    lookbackFromMs: fromMs,
    linesRead: 1_000,
    linesThere: 1_000,
    sampled: [],
    unread: [],
    silent: false,
    onsetMs,
    clusters: [],
    clustersLeftOut: 0,
    deploys: [],
    quieter: [],
    errors: { fromMs, stepMs, counts, of: "errors" },
  };
}

describe("errors per minute", () => {
  test.each([
    ["an hour, in minutes", 1, 120, 10],
    ["seven days, in steps of 168 minutes", 168, 120, 400],
    ["seven days, begun within the last step", 168, 120, 10],
    ["a day, begun at the very start of a step", 24, 120, 48],
  ])("are those since the onset: %s", (_, stepMinutes, steps, ago) => {
    const { observed, expected } = ratesOf(packOf(stepMinutes, steps, ago, 2, 21));

    expect(observed).toBeCloseTo(21, 5);
    expect(expected).toBeCloseTo(2, 5);
  });

  test("do not count what an earlier burst left in the onset's own step", () => {
    const pack = packOf(168, 120, 400, 2, 21);
    pack.errors.counts[117] = 50_000;

    expect(ratesOf(pack).observed).toBeCloseTo(21, 5);
  });
});
