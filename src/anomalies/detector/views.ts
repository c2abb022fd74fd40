import { EvenView, LevelView, SlowView, type ViewOptions } from "./bucketViews.ts";
import { JumpView } from "./jumpView.ts";
import type { Memory } from "./memory.ts";
import type { View } from "./moment.ts";
import { SilenceView } from "./silenceView.ts";

/** The view of single steps, of which the band is drawn, and the others. */
export type Views = readonly [EvenView, ...View[]];

/** Buckets of one step, five minutes and half an hour, each where it is wider than the one before. */
const SECONDS = [300, 1_800] as const;
/**
 * What is seen over twenty minutes and over an hour is held against the time of day alone: a rise of a night pulls trailing
 * medians along. Without the twenty minutes R on made series was .70 rather than .74; 15 and 25 found a little less.
 */
const SLOW_SECONDS = [1_200, 3_600] as const;
export const WIDEST_SECONDS = 3_600;
/**
 * A part of a level is told from chance in counts over so many steps or more. On five-minute buckets of minutes it added false
 * messages (F1 .60 rather than .62), and so it did on half hours of five-minute steps; of rates, whose slow swings nobody
 * labelled, these views caught 9 incidents and told 40 false alerts.
 */
const LEVEL_STEPS = 30;

/** The views of a series: what each finds, and what was measured without it, stands in docs/decisions/anomalies.md. */
export function createViews(
  memory: Memory,
  stepSeconds: number,
  counts: boolean,
  youngBlocks: number,
): Views {
  const stepsIn = (seconds: number) => Math.max(1, Math.round(seconds / stepSeconds));
  const view = (steps: number): ViewOptions => ({ stepSeconds, counts, steps, youngBlocks });
  const wider = new Set(SECONDS.map(stepsIn).filter((steps) => steps > 1));
  const halfHour = stepsIn(SECONDS[1]);
  const isFine = counts && halfHour >= LEVEL_STEPS;
  return [
    new EvenView(memory, view(1)),
    ...[...wider].map((steps) => new EvenView(memory, view(steps))),
    ...(isFine ? [new LevelView(memory, view(halfHour))] : []),
    ...(isFine ? SLOW_SECONDS.map((seconds) => new SlowView(memory, view(stepsIn(seconds)))) : []),
    new JumpView(memory, view(1)),
    ...(counts ? [new SilenceView(memory, view(1))] : []),
  ];
}
