import type { Cluster } from "../clusters/cluster.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Earlier } from "./earlier.ts";
import { sumOf } from "./numbers.ts";
import type { RankedCluster } from "./pack.ts";
import type { Judged } from "./rank.ts";
import type { Reading } from "./reading.ts";
import type { Steps } from "./steps.ts";
import type { Volumes } from "./volumes.ts";

/** What was read, by which ranked clusters are described. */
export interface Described {
  window: TimeRange;
  asked: Steps;
  reading: Reading;
  volumes: Volumes;
  /** When a cluster was first met, as far as that is kept. */
  seen: ReadonlyMap<Cluster, number>;
  earlier: Earlier;
}

/** What a pack says of ranked clusters. */
export function describeAll(judged: readonly Judged[], read: Described): RankedCluster[] {
  const firstMs = read.volumes.firstMs ?? read.asked.fromMs;
  const skipped = Math.round((firstMs - read.asked.fromMs) / read.asked.stepMs);
  // The chart begins where there is something to show.
  const steps = { ...read.asked, fromMs: firstMs, count: read.asked.count - skipped };
  return judged.map((one) => describe(one, read, steps));
}

/** A line that was known this long before its rise is not new, however quiet it was meanwhile. */
export const KNOWN_BEFORE_MS = 10 * 60_000;

function describe(
  { cluster, rise, endedMs, reasons, score, link }: Judged,
  { window, asked, reading, volumes, seen, earlier }: Described,
  steps: Steps,
): RankedCluster {
  const startMs = Math.max(asked.fromMs, volumes.startMs(cluster.service));
  const seenMs = seen.get(cluster);
  const sinceMs = rise?.atMs ?? window.fromMs;
  const series = reading.series(cluster).slice(-steps.count);
  const read = cluster.timesMs.filter((atMs) => atMs >= sinceMs).length;
  const isFirst =
    earlier.timesOf(cluster).length === 0 &&
    !cluster.timesMs.some((atMs) => atMs >= startMs && atMs < sinceMs);
  const isKnown = seenMs !== undefined && seenMs < sinceMs - KNOWN_BEFORE_MS;
  // Where not all was read the steps say how many lines there were; the one that the rise began in counts whole.
  const since = sumOf(series.slice(Math.max(0, Math.floor((sinceMs - steps.fromMs) / steps.stepMs))));
  const count = reading.sampled.includes(cluster.service) ? Math.max(read, Math.round(since)) : read;
  const minutesAfter = (window.toMs - sinceMs) / 60_000;
  return {
    service: cluster.service,
    namespace: cluster.namespace,
    fingerprint: cluster.fingerprint,
    template: cluster.template,
    level: cluster.level,
    sample: cluster.sample,
    count,
    expected: rise === undefined ? count : rise.ratePerMinuteBefore * minutesAfter,
    ...(rise !== undefined && { onsetMs: rise.atMs }),
    ...(endedMs !== undefined && { endedMs }),
    isNew: rise !== undefined && isFirst && !isKnown,
    series,
    score,
    link,
    reasons: isKnown && rise !== undefined && isFirst ? [KNOWN, ...reasons.slice(1)] : reasons,
  };
}

const KNOWN = "known from earlier, though not seen just before";
