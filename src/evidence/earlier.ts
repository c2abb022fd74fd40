import { type Cluster, isErrorLevel } from "../clusters/cluster.ts";
import type { CountSeries, LogSource, TimeRange } from "../logs/source.ts";
import { Coverage } from "./coverage.ts";
import type { Question } from "./gather.ts";
import { sumOf } from "./numbers.ts";
import { readErrors } from "./reading.ts";
import { type Steps, stepsOf } from "./steps.ts";

/**
 * What was logged at another time, when all was presumably well. The minutes just before an alert are often sick already:
 * in half of the faults that were measured the fault was older than the alert.
 */
export interface Earlier {
  /** Absent where nothing was logged then, or nothing was looked for. */
  range?: TimeRange;
  /** When lines of the same kind were written then, ascending. */
  timesOf(cluster: Cluster): readonly number[];
  covered(service: string): Coverage;
  /** Lines a minute of a service that were no errors; undefined where it wrote none. */
  talkPerMinute(service: string): number | undefined;
}

const HOUR_MS = 60 * 60_000;
/** The same time of day has the same jobs and about as much to do; an hour ago is what a young log has. */
const SHIFTS_MS = [24 * HOUR_MS, HOUR_MS];
/** Enough to know what is usual, and little beside what is read of the time that is asked about. */
const MIN_MS = 10 * 60_000;
const MAX_MS = HOUR_MS;
/** Lines of error levels read of it at most. */
const MAX_LINES = 10_000;

export const NOTHING_EARLIER: Earlier = {
  timesOf: () => [],
  covered: () => new Coverage([]),
  talkPerMinute: () => undefined,
};

/** @param read what is read for the question itself; no time of it counts as earlier */
export async function readEarlier(question: Question, logs: LogSource, read: TimeRange): Promise<Earlier> {
  for (const range of question.earlier === undefined
    ? timesBefore(question.window, read)
    : [question.earlier]) {
    const steps = stepsOf(range);
    const counted = await logs.counts(question.org, {
      fromMs: steps.fromMs,
      toMs: range.toMs,
      stepMs: steps.stepMs,
      namespace: question.namespace,
    });
    if (counted.some(({ counts }) => counts.some((count) => count > 0)))
      return earlierOf(question, logs, counted, steps, question.earlier);
  }
  return NOTHING_EARLIER;
}

function timesBefore(window: TimeRange, read: TimeRange): TimeRange[] {
  const lengthMs = Math.min(MAX_MS, Math.max(MIN_MS, window.toMs - window.fromMs));
  return SHIFTS_MS.map((shiftMs) => {
    const toMs = Math.min(window.toMs - shiftMs, read.fromMs);
    return { fromMs: toMs - lengthMs, toMs };
  });
}

async function earlierOf(
  question: Question,
  logs: LogSource,
  counted: readonly CountSeries[],
  steps: Steps,
  known: TimeRange | undefined,
): Promise<Earlier> {
  const reading = await readErrors(question, logs, counted, steps, MAX_LINES);
  const range = known ?? loggedRange(counted, steps);
  const times = new Map(reading.clusters.map((cluster) => [keyOf(cluster), cluster.timesMs]));
  const minutes = (range.toMs - range.fromMs) / 60_000;
  return {
    range,
    timesOf: (cluster) => times.get(keyOf(cluster)) ?? [],
    covered: (service) => reading.covered(service).within(range),
    talkPerMinute(service) {
      const talk = counted.filter((series) => series.service === service && !isErrorLevel(series.level));
      return talk.length === 0 ? undefined : sumOf(talk.map(({ counts }) => sumOf(counts))) / minutes;
    },
  };
}

/** From the first step in which anything was logged to the last: a log that begins or ends within tells nothing of the rest. */
function loggedRange(counted: readonly CountSeries[], { fromMs, stepMs, count }: Steps): TimeRange {
  const logged = Array.from({ length: count }, (_, step) =>
    counted.some(({ counts }) => (counts[step] ?? 0) > 0),
  );
  const first = logged.indexOf(true);
  const last = logged.lastIndexOf(true);
  return { fromMs: fromMs + first * stepMs, toMs: fromMs + (last + 1) * stepMs };
}

function keyOf({ namespace, service, fingerprint }: Cluster): string {
  return `${namespace}\0${service}\0${fingerprint}`;
}
