import { setImmediate } from "node:timers/promises";
import { UserError } from "../errors.ts";
import type { CountSeries, LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import { slicesOf } from "./slices.ts";

export interface PastParts {
  logs: LogSource;
  now: () => number;
}

/** How far the past was read. */
export interface HowFar {
  untilMs: number;
  /** Absent: all was. One sentence for people. */
  stopped?: string;
}

const MINUTE_MS = 60_000;
/** Six hours of one service are 360 steps: few for Loki, and soon counted. */
const SLICE_MS = 6 * 60 * MINUTE_MS;
const AT_ONCE = 2;

/**
 * Counts of one service by minute, slice after slice from the oldest on, the next one asked while one is worked on.
 * @param limitMs after so long no further slice is read
 * @throws what the first slice throws; a later one that fails for a reason that people can mend is how far it got
 */
export async function readPast(
  { logs, now }: PastParts,
  org: string,
  ref: ServiceRef,
  range: TimeRange,
  limitMs: number,
  take: (series: CountSeries[], slice: TimeRange) => Promise<void>,
): Promise<HowFar> {
  const endsAtMs = now() + limitMs;
  const slices = [...slicesOf(range, SLICE_MS)];
  const asked: Promise<CountSeries[]>[] = [];
  const askNext = () => {
    const slice = slices[asked.length];
    if (slice === undefined) return;
    const of = { services: [ref.service], namespace: ref.namespace, stepMs: MINUTE_MS };
    const answer = logs.counts(org, { ...of, ...slice });
    // One that nobody waits for any more may fail.
    answer.catch(() => {});
    asked.push(answer);
  };
  for (let count = 0; count < AT_ONCE; count++) askNext();
  for (const [at, slice] of slices.entries()) {
    if (at > 0 && now() >= endsAtMs) return { untilMs: slice.fromMs, stopped: TOOK_TOO_LONG(limitMs) };
    try {
      await take(await (asked[at] as Promise<CountSeries[]>), slice);
    } catch (error) {
      if (at === 0 || !(error instanceof UserError)) throw error;
      return { untilMs: slice.fromMs, stopped: error.message };
    }
    askNext();
    // Other work gets its turn.
    await setImmediate();
  }
  return { untilMs: range.toMs };
}

const TOOK_TOO_LONG = (limitMs: number) =>
  `It took longer than ${Math.round(limitMs / 1_000)} s and was given up.`;
