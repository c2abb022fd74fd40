import fc from "fast-check";
import type { Chart } from "../../src/charts/chart.ts";

export const NOON = Date.UTC(2026, 10, 24, 12);
export const MINUTE = 60_000;

/** A chart of one value a minute from noon UTC. */
export function chartOf(values: (number | null)[], more: Partial<Chart> = {}): Chart {
  return { title: "checkout", unit: "errors / min", fromMs: NOON, stepMs: MINUTE, values, ...more };
}

/** A pseudo-random series that is the same on every run. */
export function noise(count: number, most: number): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.round((state / 2 ** 31) * most);
  });
}

/** The heaviest chart met in practice: an alert over two hours with all that can be on it. */
export function alert(): Chart {
  const values = noise(120, 9).map((value, i) => (i >= 84 && i < 112 ? 60 + 10 * value : value));
  return chartOf(values, {
    band: { low: values.map(() => 0), high: values.map((_, i) => 14 + 3 * Math.sin(i / 9)) },
    anomalies: [{ fromMs: NOON + 84 * MINUTE, toMs: NOON + 112 * MINUTE, label: "28 min" }],
    marks: [
      { atMs: NOON + 80 * MINUTE, label: "v2.14.0", kind: "deploy" },
      { atMs: NOON + 84 * MINUTE, label: "onset", kind: "onset" },
    ],
  });
}

const number = fc.oneof(
  fc.nat(100),
  fc.double(),
  fc.constantFrom(0, -1, 1e-300, 10_000, 1e18, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY),
);
const maybe = fc.option(number, { freq: 6 });
const text = fc.string({ unit: "binary", maxLength: 600 });
const words = fc.oneof(
  text,
  fc.constantFrom("v1.2.3", "a rather long name of a deploy that will be cut", "", "مرحبا"),
);
const moment = fc.oneof(fc.integer({ min: NOON - 600 * MINUTE, max: NOON + 6000 * MINUTE }), fc.double());
const zone = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "No/Such",
  "",
);

/** Charts of every kind, sensible or not: what a property must hold for. */
export const anyChart: fc.Arbitrary<Chart> = fc.record(
  {
    title: text,
    unit: text,
    fromMs: fc.oneof({ weight: 5, arbitrary: fc.constant(NOON) }, fc.double()),
    stepMs: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(1000, MINUTE, 60 * MINUTE, 86_400_000) },
      fc.double(),
    ),
    values: fc.array(maybe, { maxLength: 2000, size: "max" }),
    band: fc.record({ low: fc.array(maybe), high: fc.array(maybe) }),
    anomalies: fc.array(
      fc.record({ fromMs: moment, toMs: moment, label: words }, { requiredKeys: ["fromMs", "toMs"] }),
    ),
    marks: fc.array(
      fc.record({
        atMs: moment,
        label: words,
        kind: fc.constantFrom("deploy" as const, "onset" as const, "asked" as const),
      }),
      { maxLength: 60, size: "max" },
    ),
    zone,
  },
  { requiredKeys: ["title", "unit", "fromMs", "stepMs", "values"] },
);
