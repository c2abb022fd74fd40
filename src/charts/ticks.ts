import type { Series } from "./series.ts";

/** The value axis: from 0 to `max`, with a tick at each multiple of a 1-2-5 step. */
export interface ValueAxis {
  max: number;
  ticks: number[];
}

/** Room above the highest value, so that its label stands inside the picture. */
const HEADROOM = 1.16;
const WANTED_TICKS = 4;

/**
 * Always from 0, so that twice as high is twice as much. `max` need not be a tick: rounding it up to one
 * wastes up to half of the picture's height.
 */
export function valueAxis(series: Series): ValueAxis {
  let top = 0;
  let whole = true;
  for (const value of [...series.values, ...series.high]) {
    if (value === null) continue;
    top = Math.max(top, value);
    whole &&= Number.isInteger(value);
  }
  if (!series.last && top === 0) return { max: 1, ticks: [] };
  // Below a billionth, and for all zeros, a flat line at the foot of the picture is the truth.
  if (top < 1e-9) return { max: HEADROOM, ticks: [0, 1] };
  const max = top * HEADROOM;
  const step = Math.max(niceStep(max / WANTED_TICKS), whole ? 1 : 0);
  const ticks: number[] = [];
  // Multiplied, not added up: 0.1 + 0.2 would be labelled 0.30000000000000004.
  for (let i = 0; i * step <= max; i++) ticks.push(Number((i * step).toPrecision(12)));
  return { max, ticks };
}

/** The smallest of 1, 2, 5 × 10ⁿ that is not below `atLeast`. */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}
