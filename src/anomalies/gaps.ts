import type { LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import type { Circumstances } from "./circumstances.ts";
import type { ReplayedEpisode } from "./replay.ts";

/** The newest are looked at: each is a question to the log source. */
const LOOKED_AT = 10;
/** Of a long one the beginning tells. */
const LOOKED_AT_MS = 30 * 60_000;
/** As the scan has it: fewer services may well be silent together. */
const SEVERAL = 3;

/**
 * The stretches without a line of a service in which no other one logged anything either: the scan, which sees all of them,
 * takes that for a gap between the services and the logs, and finds and learns nothing in it.
 */
export async function findGaps(
  logs: LogSource,
  org: string,
  range: TimeRange,
  episodes: readonly ReplayedEpisode[],
): Promise<TimeRange[]> {
  const silent = episodes.filter(
    ({ metric, observedValue }) => metric === "silence" || (metric === "log_volume" && observedValue === 0),
  );
  if (silent.length === 0 || (await logs.services(org, range)).length < SEVERAL) return [];
  const gaps: TimeRange[] = [];
  for (const { startedAtMs: fromMs, lastOddAtMs: toMs } of silent.slice(-LOOKED_AT)) {
    const within = { fromMs, toMs: Math.min(toMs, fromMs + LOOKED_AT_MS) };
    if ((await logs.services(org, within)).length === 0) gaps.push({ fromMs, toMs });
  }
  return gaps;
}

/** Nothing is known of the minutes of gaps. */
export function withGaps(about: Circumstances, gaps: readonly TimeRange[]): Circumstances {
  return {
    ...about,
    isMaintained: (ref: ServiceRef, minuteMs) =>
      about.isMaintained(ref, minuteMs) ||
      gaps.some(({ fromMs, toMs }) => minuteMs >= fromMs && minuteMs < toMs),
  };
}
