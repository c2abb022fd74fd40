import type { TimeRange } from "../logs/source.ts";

/** The steps that lines were counted by. They end with the range, so that the last one is a whole one too. */
export interface Steps {
  fromMs: number;
  stepMs: number;
  count: number;
}

const MAX_STEPS = 120;

/** Whole minutes, so that per-minute rates can be read off the chart; at least one. */
export function stepsOf(range: TimeRange): Steps {
  const minutes = (range.toMs - range.fromMs) / 60_000;
  const stepMs = Math.max(1, Math.ceil(minutes / MAX_STEPS)) * 60_000;
  const count = Math.max(1, Math.floor((range.toMs - range.fromMs) / stepMs));
  return { stepMs, fromMs: range.toMs - count * stepMs, count };
}
