import type { Chart } from "./chart.ts";

/** A chart's numbers, made safe to draw: finite, not negative, as long as each other. */
export interface Series {
  fromMs: number;
  stepMs: number;
  /** End of the last step; equal to `fromMs` when there is no step. */
  toMs: number;
  values: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  /** Largest value and last known value; null when nothing is known. */
  peak: Reading | null;
  last: Reading | null;
}

export interface Reading {
  index: number;
  value: number;
}

export function readSeries(chart: Chart): Series {
  const count = chart.values.length;
  const stepMs = clamp(chart.stepMs, 1, LATEST_MS / Math.max(1, count), 60_000);
  const fromMs = clamp(chart.fromMs, 0, LATEST_MS - stepMs * count, 0);
  const values = chart.values.map(known);
  // A band needs both its edges: half of one would claim a normal that was never learnt.
  const low = values.map((_, i) => (known(chart.band?.high[i]) === null ? null : known(chart.band?.low[i])));
  const high = values.map((_, i) => (low[i] === null ? null : known(chart.band?.high[i])));
  const readings = values.flatMap((value, index) => (value === null ? [] : [{ index, value }]));
  return {
    fromMs,
    stepMs,
    toMs: fromMs + stepMs * count,
    values,
    low,
    high,
    peak: readings.reduce<Reading | null>((best, r) => (best && best.value >= r.value ? best : r), null),
    last: readings.at(-1) ?? null,
  };
}

/** Middle of a step: a count belongs to its whole step, not to the moment where the step begins. */
export function middleMs(series: Series, index: number): number {
  return series.fromMs + (index + 0.5) * series.stepMs;
}

/** The runs of neighbours that pass, as index pairs, both inclusive: what lies between two runs is a gap. */
export function runs(count: number, passes: (index: number) => boolean): [first: number, last: number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    if (!passes(i)) continue;
    const run = found.at(-1);
    if (run && run[1] === i - 1) run[1] = i;
    else found.push([i, i]);
  }
  return found;
}

/** Largest number drawn: above it the axis's own arithmetic would overflow. */
const LARGEST = 1e300;
/** End of the year 9999, the last with a four-digit date. */
const LATEST_MS = 253_402_300_799_999;

/** Rates cannot be negative, so a negative number is as unknown as a missing one. */
function known(value: number | null | undefined): number | null {
  if (value === null || value === undefined || Number.isNaN(value) || value < 0) return null;
  return Math.min(value, LARGEST);
}

function clamp(value: number, low: number, high: number, otherwise: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
}
