import { type Cluster, isErrorLevel } from "../clusters/cluster.ts";
import type { CountSeries, LogSource, TimeRange } from "../logs/source.ts";
import { sumOf } from "./numbers.ts";
import type { Deploy, Pack, RankedCluster, VolumeDrop } from "./pack.ts";
import { type Judged, rankClusters } from "./rank.ts";
import { type Reading, readErrors } from "./reading.ts";
import type { Steps } from "./readingPlan.ts";

export interface Question {
  /** The tenant's organisation at the log source. */
  org: string;
  service: string;
  namespace: string;
  window: TimeRange;
}

export type Phase = "reading" | "comparing";

const MAX_CLUSTERS = 10;
const MAX_DEPLOYS = 10;
const MAX_QUIETER = 5;
const MAX_NOTES = 3;
/** Clusters kept in the database beside those of the pack: the most frequent. */
const MAX_OTHERS_KEPT = 500;
/** At least this much is read from before the window, so that "before" means something. */
const MIN_LOOKBACK_MS = 30 * 60_000;
const MAX_STEPS = 120;

/**
 * Reads what a root cause can be found in: error lines of every service of the namespace, from before
 * the window to its end, clustered and ranked, with deploys and services that fell quiet beside them.
 * @param deploys those of the tenant in a range.
 */
export async function gatherEvidence(
  question: Question,
  logs: LogSource,
  deploys: (range: TimeRange) => Promise<Deploy[]>,
  onPhase: (phase: Phase) => void = () => undefined,
): Promise<{ pack: Pack; clusters: Cluster[] }> {
  const { org, service, namespace, window } = question;
  const lookbackMs = Math.max(window.toMs - window.fromMs, MIN_LOOKBACK_MS);
  const asked = stepsOf({ fromMs: window.fromMs - lookbackMs, toMs: window.toMs });

  onPhase("reading");
  const range = { fromMs: asked.fromMs, toMs: window.toMs };
  const volumes = await logs.counts(org, { ...range, stepMs: asked.stepMs, namespace });
  const reading = await readErrors(question, logs, volumes, asked);

  onPhase("comparing");
  // Before the first line of the namespace nothing is known, which is not the same as nothing happening.
  const firstMs = firstActivity(volumes);
  const fromMs = firstMs ?? asked.fromMs;
  const steps = { ...asked, fromMs, count: (window.toMs - fromMs) / asked.stepMs };
  const ranking = rankClusters(reading.clusters, service, (name) => reading.covered(name).from(fromMs));
  const kept = ranking.judged.slice(0, MAX_CLUSTERS);

  const pack: Pack = {
    service,
    namespace,
    window,
    lookbackFromMs: range.fromMs,
    linesRead: reading.linesRead,
    linesThere: Math.max(reading.linesRead, errorLines(volumes)),
    sampled: reading.sampled,
    unread: reading.unread,
    ...(reading.notes.length > 0 && { notes: reading.notes.slice(0, MAX_NOTES) }),
    silent: firstMs === undefined,
    ...(ranking.onsetMs !== undefined && { onsetMs: ranking.onsetMs }),
    clusters: kept.map((judged) => describe(judged, window, steps, reading)),
    clustersLeftOut: ranking.judged.length - kept.length + reading.kindsLeftOut,
    ...(reading.kindsLeftOut > 0 && { kindsNotCompared: reading.kindsLeftOut }),
    deploys: (await deploys(range)).slice(-MAX_DEPLOYS),
    quieter: ranking.onsetMs === undefined ? [] : findQuieter(volumes, ranking.onsetMs),
    errors: { fromMs, stepMs: steps.stepMs, counts: errorCounts(volumes, service, steps) },
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

function describe(judged: Judged, window: TimeRange, steps: Steps, reading: Reading): RankedCluster {
  const { cluster, rise } = judged;
  const sinceMs = rise?.atMs ?? window.fromMs;
  const series = reading.series(cluster).slice(-steps.count);
  const read = cluster.timesMs.filter((atMs) => atMs >= sinceMs).length;
  // Where not all was read the steps say how many lines there were; the one that the rise began in counts whole.
  const since = sumOf(series.slice(Math.floor((sinceMs - steps.fromMs) / steps.stepMs)));
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
    isNew: rise !== undefined && read === cluster.timesMs.length,
    series,
    score: judged.score,
    link: judged.link,
    reasons: judged.reasons,
  };
}

/** Whole minutes, so that per-minute rates can be read off the chart; at least one. */
function stepsOf(range: TimeRange): Steps {
  const minutes = (range.toMs - range.fromMs) / 60_000;
  const stepMs = Math.max(1, Math.ceil(minutes / MAX_STEPS)) * 60_000;
  const count = Math.max(1, Math.floor((range.toMs - range.fromMs) / stepMs));
  return { stepMs, fromMs: range.toMs - count * stepMs, count };
}

function firstActivity(volumes: readonly CountSeries[]): number | undefined {
  let first: number | undefined;
  for (const series of volumes) {
    const at = series.counts.findIndex((count) => count > 0);
    if (at < 0) continue;
    const atMs = series.fromMs + at * series.stepMs;
    if (first === undefined || atMs < first) first = atMs;
  }
  return first;
}

function errorLines(volumes: readonly CountSeries[]): number {
  return sumOf(volumes.flatMap(({ level, counts }) => (isErrorLevel(level) ? counts : [])));
}

function errorCounts(volumes: readonly CountSeries[], service: string, steps: Steps): number[] {
  const sum = new Array<number>(steps.count).fill(0);
  for (const series of volumes) {
    if (series.service !== service || series.level === "WARN" || !isErrorLevel(series.level)) continue;
    series.counts.slice(-steps.count).forEach((count, i) => {
      sum[i] = (sum[i] ?? 0) + count;
    });
  }
  return sum;
}

/** Services that wrote at least this much a minute before, and less than a third of it after. */
const MIN_QUIETER_RATE = 5;

function findQuieter(volumes: readonly CountSeries[], onsetMs: number): VolumeDrop[] {
  const drops: VolumeDrop[] = [];
  for (const { ref, counts } of sumByService(volumes)) {
    const onsetStep = Math.ceil((onsetMs - ref.fromMs) / ref.stepMs);
    const firstStep = counts.findIndex((count) => count > 0);
    const perMinute = 60_000 / ref.stepMs;
    const perMinuteBefore = mean(counts.slice(firstStep, onsetStep)) * perMinute;
    const perMinuteAfter = mean(counts.slice(onsetStep)) * perMinute;
    if (perMinuteBefore < MIN_QUIETER_RATE || !(perMinuteAfter < perMinuteBefore / 3)) continue;
    drops.push({ service: ref.service, namespace: ref.namespace, perMinuteBefore, perMinuteAfter });
  }
  drops.sort((a, b) => a.perMinuteAfter / a.perMinuteBefore - b.perMinuteAfter / b.perMinuteBefore);
  return drops.slice(0, MAX_QUIETER);
}

function sumByService(volumes: readonly CountSeries[]): { ref: CountSeries; counts: number[] }[] {
  const sums = new Map<string, { ref: CountSeries; counts: number[] }>();
  for (const series of volumes) {
    const key = `${series.namespace}\0${series.service}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ref: series, counts: [...series.counts] });
    else sum.counts = sum.counts.map((count, i) => count + (series.counts[i] ?? 0));
  }
  return [...sums.values()];
}

/** NaN for nothing: no comparison with it is true. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
