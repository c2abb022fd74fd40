import type { Cluster } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { createRenumbering } from "../logs/markNumbers.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { LogSource, TimeRange } from "../logs/source.ts";
import { sumOf } from "./numbers.ts";
import type { Deploy, Pack, RankedCluster } from "./pack.ts";
import { readEarlier } from "./earlier.ts";
import { type Judged, rankClusters } from "./rank.ts";
import { type Reading, readErrors } from "./reading.ts";
import { type Steps, stepsOf } from "./steps.ts";
import { Volumes } from "./volumes.ts";

export interface Question {
  /** The tenant's organisation at the log source. */
  org: string;
  /** The tenant's. Where it numbers secrets, the pack has numbers of its own, from 1 in the order of the evidence. */
  redaction: Redaction;
  /** Where its lines are fingerprinted; by default in this thread. */
  fingerprints?: FingerprintPool;
  service: string;
  namespace: string;
  window: TimeRange;
  /** When all was well; absent: a day before, or an hour before where the log is younger. */
  earlier?: TimeRange;
}

export type Phase = "reading" | "comparing";

const MAX_CLUSTERS = 10;
const MAX_DEPLOYS = 10;
const MAX_NOTES = 3;
/** Clusters kept in the database beside those of the pack: the most frequent. */
const MAX_OTHERS_KEPT = 500;
/** At least this much is read from before the window, so that "before" means something. */
const MIN_LOOKBACK_MS = 30 * 60_000;

/**
 * Reads what a root cause can be found in: error lines of every service of the namespace, from before
 * the window to its end, clustered and ranked, with deploys and services that fell quiet beside them.
 * @param deploys those of the tenant in a range
 * @param firstSeen when clusters were first met, as far as that is kept, ms since the epoch
 */
export async function gatherEvidence(
  question: Question,
  logs: LogSource,
  deploys: (range: TimeRange) => Promise<Deploy[]>,
  firstSeen: (clusters: readonly Cluster[]) => Promise<Map<Cluster, number>> = async () => new Map(),
  onPhase: (phase: Phase) => void = () => undefined,
): Promise<{ pack: Pack; clusters: Cluster[] }> {
  const { org, service, namespace, window } = question;
  const lookbackMs = Math.max(window.toMs - window.fromMs, MIN_LOOKBACK_MS);
  const asked = stepsOf({ fromMs: window.fromMs - lookbackMs, toMs: window.toMs });

  onPhase("reading");
  const range = { fromMs: asked.fromMs, toMs: window.toMs };
  const counted = await logs.counts(org, { ...range, stepMs: asked.stepMs, namespace });
  const [reading, earlier] = [
    await readErrors(question, logs, counted, asked),
    await readEarlier(question, logs, range),
  ];

  onPhase("comparing");
  const volumes = new Volumes(counted, asked, earlier.talkPerMinute);
  const { firstMs } = volumes;
  const ranking = rankClusters(reading.clusters, service, {
    fromMs: range.fromMs,
    covered: (name) => reading.covered(name).from(volumes.startMs(name)).and(earlier.covered(name)),
    timesBefore: earlier.timesOf,
    growth: (name, atMs) => volumes.growth(name, atMs),
  });
  const kept = ranking.judged.slice(0, MAX_CLUSTERS);
  const seen = await firstSeen(kept.map(({ cluster }) => cluster));
  // The chart begins where there is something to show.
  const skipped = firstMs === undefined ? 0 : Math.round((firstMs - asked.fromMs) / asked.stepMs);
  const steps = { ...asked, fromMs: firstMs ?? asked.fromMs, count: asked.count - skipped };
  const errors = volumes.errors(service);
  const renumbered = createRenumbering();

  const pack: Pack = {
    service,
    namespace,
    window,
    lookbackFromMs: range.fromMs,
    linesRead: reading.linesRead,
    linesThere: Math.max(reading.linesRead, volumes.errorLines),
    sampled: reading.sampled,
    unread: reading.unread,
    ...(reading.notes.length > 0 && { notes: reading.notes.slice(0, MAX_NOTES) }),
    silent: firstMs === undefined,
    ...(skipped > 0 && firstMs !== undefined && { logBeginsMs: firstMs }),
    ...(ranking.onsetMs !== undefined && { onsetMs: ranking.onsetMs }),
    clusters: kept.map((judged) => {
      const startMs = Math.max(asked.fromMs, volumes.startMs(judged.cluster.service));
      const ranked = describe(judged, window, startMs, steps, reading, seen.get(judged.cluster));
      return { ...ranked, sample: renumbered(ranked.sample) };
    }),
    clustersLeftOut: ranking.judged.length - kept.length + reading.kindsLeftOut,
    ...(reading.kindsLeftOut > 0 && { kindsNotCompared: reading.kindsLeftOut }),
    deploys: (await deploys(range)).slice(-MAX_DEPLOYS),
    quieter: volumes.quieter(ranking.onsetMs),
    errors: {
      fromMs: steps.fromMs,
      stepMs: steps.stepMs,
      counts: errors.counts.slice(skipped),
      of: errors.of,
    },
  };
  return { pack, clusters: clustersToKeep(pack, reading.clusters) };
}

/** The clusters of the pack, and of the others the most frequent: what is worth a row in the database. */
export function clustersToKeep(pack: Pack, clusters: readonly Cluster[]): Cluster[] {
  const key = (cluster: Cluster | RankedCluster) =>
    `${cluster.namespace}\0${cluster.service}\0${cluster.fingerprint}`;
  const inPack = new Set(pack.clusters.map(key));
  const others = clusters.filter((cluster) => !inPack.has(key(cluster))).sort((a, b) => b.count - a.count);
  return [...clusters.filter((cluster) => inPack.has(key(cluster))), ...others.slice(0, MAX_OTHERS_KEPT)];
}

/** A line that was known this long before its rise is not new, however quiet it was meanwhile. */
const KNOWN_BEFORE_MS = 10 * 60_000;

function describe(
  judged: Judged,
  window: TimeRange,
  startMs: number,
  steps: Steps,
  reading: Reading,
  seenMs: number | undefined,
): RankedCluster {
  const { cluster, rise, endedMs, reasons } = judged;
  const sinceMs = rise?.atMs ?? window.fromMs;
  const series = reading.series(cluster).slice(-steps.count);
  const read = cluster.timesMs.filter((atMs) => atMs >= sinceMs).length;
  const isFirst = !cluster.timesMs.some((atMs) => atMs >= startMs && atMs < sinceMs);
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
    score: judged.score,
    link: judged.link,
    reasons: isKnown && rise !== undefined && isFirst ? [KNOWN, ...reasons.slice(1)] : reasons,
  };
}

const KNOWN = "known from earlier, though not seen just before";
