import type { Chart } from "../charts/chart.ts";
import { sumOf } from "../evidence/numbers.ts";
import type { Pack } from "../evidence/pack.ts";

/**
 * Errors of the asked service over time, with what was usual before the onset as a band.
 * @param beganMs what is said to be the beginning beside it: two that differ by a minute would puzzle
 */
export function chartOf(pack: Pack, beganMs = pack.onsetMs): Chart {
  const { fromMs, stepMs, counts } = pack.errors;
  const perMinute = 60_000 / stepMs;
  const values = counts.map((count) => count * perMinute);
  const usual = valuesBefore(pack).map((count) => count * perMinute);
  const high = quantile(usual, 0.95);
  const low = quantile(usual, 0.05);
  return {
    title: `${pack.service}: ${pack.errors.of}`,
    unit: `${pack.errors.of} / min${stepMs > 60_000 ? `, mean of ${stepMs / 60_000} min` : ""}`,
    fromMs,
    stepMs,
    values,
    ...(usual.length >= 5 && {
      band: { low: values.map(() => low), high: values.map(() => Math.max(high, 1)) },
    }),
    ...(beganMs !== undefined && { anomalies: [{ fromMs: beganMs, toMs: pack.window.toMs }] }),
    marks: [
      ...pack.deploys.map((deploy) => ({
        atMs: deploy.atMs,
        label: `${deploy.service} ${deploy.version}`,
        kind: "deploy" as const,
      })),
      ...(beganMs === undefined ? [] : [{ atMs: beganMs, label: "began", kind: "onset" as const }]),
    ],
  };
}

export interface Rates {
  /** Per minute from the onset on, for as long as it lasted. */
  observed: number;
  /** Per minute before it; absent where nothing is known of before. */
  expected: number | undefined;
  /** When it had stopped, where it has. */
  untilMs?: number;
}

/** Quiet for so many steps at the end, it is over, and an average up to now would be a rate that never was. */
const OVER_STEPS = 3;

/** Errors per minute since the onset, over whole steps: what a step held before the onset is not the rise's. */
export function ratesOf(pack: Pack): Rates {
  const { fromMs, stepMs, counts } = pack.errors;
  const stepMinutes = stepMs / 60_000;
  const usual = valuesBefore(pack);
  const expected = usual.length === 0 ? undefined : sumOf(usual) / usual.length / stepMinutes;
  const sinceMs = Math.max(pack.onsetMs ?? pack.window.fromMs, fromMs);
  const first = Math.ceil((sinceMs - fromMs) / stepMs);
  const last = counts.findLastIndex((count) => count > 0);
  const isOver = pack.onsetMs !== undefined && last >= first && counts.length - 1 - last >= OVER_STEPS;
  const since = counts.slice(first, isOver ? last + 1 : undefined);
  const until = isOver ? { untilMs: fromMs + (last + 1) * stepMs } : {};
  if (since.length > 0) return { observed: sumOf(since) / (since.length * stepMinutes), expected, ...until };
  // It began within the last step: that step less what was usual in the part of it before.
  const minutes = Math.max(0.5, (pack.window.toMs - sinceMs) / 60_000);
  const rest = (counts.at(-1) ?? 0) - (expected ?? 0) * Math.max(0, stepMinutes - minutes);
  return { observed: Math.max(0, rest) / minutes, expected };
}

/** Counts of the steps that were over before the onset, or before the window where nothing rose. */
function valuesBefore(pack: Pack): number[] {
  const { fromMs, stepMs, counts } = pack.errors;
  const untilMs = pack.onsetMs ?? pack.window.fromMs;
  return counts.filter((_, i) => fromMs + (i + 1) * stepMs <= untilMs);
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
