import type { Chart } from "../charts/chart.ts";
import { sumOf } from "./numbers.ts";
import type { Pack } from "./pack.ts";

/** Errors of the asked service over time, with what was usual before the onset as a band. */
export function chartOf(pack: Pack): Chart {
  const { fromMs, stepMs, counts } = pack.errors;
  const perMinute = 60_000 / stepMs;
  const values = counts.map((count) => count * perMinute);
  const usual = valuesBefore(pack).map((count) => count * perMinute);
  const high = quantile(usual, 0.95);
  const low = quantile(usual, 0.05);
  return {
    title: `${pack.service}: errors`,
    unit: "errors / min",
    fromMs,
    stepMs,
    values,
    ...(usual.length >= 5 && {
      band: { low: values.map(() => low), high: values.map(() => Math.max(high, 1)) },
    }),
    ...(pack.onsetMs !== undefined && { anomalies: [{ fromMs: pack.onsetMs, toMs: pack.window.toMs }] }),
    marks: [
      ...pack.deploys.map((deploy) => ({
        atMs: deploy.atMs,
        label: `${deploy.service} ${deploy.version}`,
        kind: "deploy" as const,
      })),
      ...(pack.onsetMs === undefined ? [] : [{ atMs: pack.onsetMs, label: "began", kind: "onset" as const }]),
    ],
  };
}

/** Errors per minute since the onset, over whole steps: what a step held before the onset is not the rise's. */
export function ratesOf(pack: Pack): { observed: number; expected: number | undefined } {
  const { fromMs, stepMs, counts } = pack.errors;
  const stepMinutes = stepMs / 60_000;
  const usual = valuesBefore(pack);
  const expected = usual.length === 0 ? undefined : sumOf(usual) / usual.length / stepMinutes;
  const sinceMs = Math.max(pack.onsetMs ?? pack.window.fromMs, fromMs);
  const since = counts.slice(Math.ceil((sinceMs - fromMs) / stepMs));
  if (since.length > 0) return { observed: sumOf(since) / (since.length * stepMinutes), expected };
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
