import type { Cluster } from "../../src/clusters/cluster.ts";
import type { ErrorLevel } from "../../src/logs/source.ts";

const MINUTE = 60_000;

/** The hour that the incidents of these tests happen in. */
export const HOUR = { fromMs: Date.UTC(2026, 10, 24, 3), toMs: Date.UTC(2026, 10, 24, 4) };

/** A cluster of lines every `everyMs` from minute `from` to minute `to` of that hour. */
export function clusterAt(
  service: string,
  sample: string,
  times: { from: number; to?: number; everyMs: number },
  level: ErrorLevel = "ERROR",
): Cluster {
  const timesMs: number[] = [];
  const untilMs = HOUR.fromMs + (times.to ?? 60) * MINUTE;
  for (let at = HOUR.fromMs + times.from * MINUTE; at < untilMs; at += times.everyMs)
    timesMs.push(Math.round(at));
  return {
    service,
    namespace: "",
    fingerprint: `v1:${service}:${sample.slice(0, 20)}`,
    template: sample,
    level,
    timesMs,
    count: timesMs.length,
    sample,
  };
}
