import type { Clock } from "./clock.ts";
import { niceStep } from "./ticks.ts";

export interface TimeTick {
  atMs: number;
  label: string;
  /** The label is a date among times: it is set off, so that the reader sees where a day begins. */
  date: boolean;
}

/** At most `most` ticks, on round wall-clock times of the reader's zone, summer time included. */
export function timeTicks(fromMs: number, toMs: number, most: number, clock: Clock): TimeTick[] {
  const spanMs = toMs - fromMs;
  if (spanMs <= 0) return [];
  const stepMs = STEPS_MS.find((step) => spanMs / step <= most) ?? DAY_MS * niceStep(spanMs / most / DAY_MS);
  return wallMoments(fromMs, toMs, stepMs, clock).map((atMs) => {
    const midnight = (atMs + clock.offsetMs(atMs)) % DAY_MS === 0;
    if (stepMs >= 60 * DAY_MS) return { atMs, label: clock.month(atMs), date: false };
    if (stepMs >= DAY_MS) return { atMs, label: clock.day(atMs), date: false };
    if (midnight) return { atMs, label: clock.day(atMs), date: true };
    return { atMs, label: stepMs < MINUTE_MS ? clock.seconds(atMs) : clock.time(atMs), date: false };
  });
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Each divides the next greater round unit, so that ticks fall on full minutes, hours and midnights. */
const STEPS_MS = [
  ...[1000, 5000, 10_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 5, 7, 14, 28].map((days) => days * DAY_MS),
];

/**
 * The moments in a range whose wall-clock time is a multiple of a step. When clocks go back an hour exists
 * twice, and both are ticks; when they go forward one does not exist, and has none (a day always has).
 */
function wallMoments(fromMs: number, toMs: number, stepMs: number, clock: Clock): number[] {
  const moments = new Set<number>();
  // Whatever the clocks do inside the range, its wall-clock times lie between those of its two ends.
  const offsets = [clock.offsetMs(fromMs), clock.offsetMs(toMs)];
  const lastWall = toMs + Math.max(...offsets);
  for (let wall = ceilTo(stepMs, fromMs + Math.min(...offsets)); wall <= lastWall; wall += stepMs) {
    // The offsets a day before and after are the two that this wall-clock time can have.
    const before = wall - clock.offsetMs(wall - DAY_MS);
    const after = wall - clock.offsetMs(wall + DAY_MS);
    const real = [before, after].filter((atMs) => atMs + clock.offsetMs(atMs) === wall);
    if (real.length === 0 && stepMs >= DAY_MS) real.push(before);
    for (const atMs of real) if (atMs >= fromMs && atMs <= toMs) moments.add(atMs);
  }
  return [...moments].sort((a, b) => a - b);
}

function ceilTo(stepMs: number, atMs: number): number {
  return Math.ceil(atMs / stepMs) * stepMs;
}
