import type { Chart } from "../charts/chart.ts";
import { shownName } from "../chat/shownName.ts";
import { type Cluster, createClusterer } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { type KnownCluster, upsertClusters } from "../clusters/store.ts";
import { findDeploys } from "../deploys.ts";
import { KNOWN_BEFORE_MS } from "../evidence/describe.ts";
import type { Deploy } from "../evidence/pack.ts";
import { createRenumbering } from "../logs/markNumbers.ts";
import { type CountSeries, ERROR_LEVELS, type LogSource, type TimeRange } from "../logs/source.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Band } from "./detector.ts";
import type { Episode } from "./episode.ts";
import { countsAsError } from "./severeLevels.ts";

/** What is shown of an episode beside its numbers. */
export interface EpisodeEvidence {
  chart: Chart;
  /** Those that grew or are new, by how much; redacted. */
  clusters: GrownCluster[];
  /** Of the service, in the time that the chart shows. */
  deploys: Deploy[];
  /** A page with the lines. */
  linesUrl?: string;
}

export interface GrownCluster {
  id: string;
  fingerprint: string;
  level: string;
  template: string;
  sample: string;
  /** Lines a minute before the episode began and since. */
  before: number;
  since: number;
  count: number;
  /** Never seen before it. */
  isNew: boolean;
}

export interface EvidenceParts {
  logs: LogSource;
  fingerprints: FingerprintPool;
  /** What is usual for the service at a minute; absent where the band of the episode has to do. */
  band?: ((atMs: number) => Band) | undefined;
}

const MINUTE_MS = 60_000;
/** The chart shows so much before the episode. */
const BEFORE_MS = 90 * MINUTE_MS;
const MAX_LINES = 5_000;
/** Minutes at most in a chart: more points than the picture has pixels say nothing more. */
const MOST_STEPS = 360;

/** Reads what a card shows of an episode, as of a time. */
export async function readEvidence(
  { logs, fingerprints, band }: EvidenceParts,
  scope: TenantScope,
  episode: Episode,
  nowMs: number,
): Promise<EpisodeEvidence> {
  const of = { services: [episode.service], namespace: episode.namespace };
  const toMs = Math.min(Math.floor(nowMs / MINUTE_MS) * MINUTE_MS, episode.lastOddAtMs + 30 * MINUTE_MS);
  const fromMs = episode.startedAtMs - BEFORE_MS;
  const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / MINUTE_MS / MOST_STEPS)) * MINUTE_MS;
  const range = { fromMs, toMs };
  const [series, clusters, deploys, linesUrl] = await Promise.all([
    logs.counts(scope.lokiOrgId, { ...of, ...range, stepMs }),
    readClusters({ logs, fingerprints }, scope, episode, range),
    findDeploys(scope, range, episode.namespace),
    logs.linkTo(scope.lokiOrgId, {
      ...of,
      fromMs: episode.startedAtMs,
      toMs,
      order: "newest first",
      limit: 1_000,
      ...(isOfErrors(episode) && { levels: ERROR_LEVELS }),
    }),
  ]);
  const own = deploys.filter(({ service }) => service === episode.service);
  return {
    chart: chartOf(episode, series, { ...range, stepMs }, own, band),
    clusters,
    deploys: own,
    ...(linesUrl !== undefined && { linesUrl }),
  };
}

/** What is usual is hardly known then, and the detector's band already has the incident itself in it. */
function isOfFirstHours({ conditions }: Episode): boolean {
  return conditions.some(({ name }) => name === "minutes seen");
}

function isOfErrors({ metric }: Episode): boolean {
  return metric === "error_rate" || metric === "error_ratio" || metric === "new_error";
}

async function readClusters(
  { logs, fingerprints }: Pick<EvidenceParts, "logs" | "fingerprints">,
  scope: TenantScope,
  episode: Episode,
  range: TimeRange,
): Promise<GrownCluster[]> {
  const clusterer = createClusterer({ redaction: await numberedRedactionOf(scope), fingerprints });
  // Apart: what came since may be so much that nothing of before would be read, and all of it would pass for new.
  const since = await read({ fromMs: Math.min(episode.startedAtMs, range.toMs), toMs: range.toMs });
  const before = await read({ fromMs: range.fromMs, toMs: episode.startedAtMs });
  const renumbered = createRenumbering();
  const all = clusterer.clusters().map((cluster) => ({ ...cluster, sample: renumbered(cluster.sample) }));
  const known = await scope.transaction((db) => upsertClusters(scope, db, all, range));
  const rows = new Map(known.map((row) => [row.fingerprint, row]));
  return all
    .flatMap((cluster) => grownCluster(cluster, rows.get(cluster.fingerprint), episode, { since, before }))
    .sort((a, b) => b.since - b.before - (a.since - a.before));

  async function read(part: TimeRange): Promise<Part> {
    let lines = 0;
    let oldestMs = part.toMs;
    const query = {
      ...part,
      services: [episode.service],
      namespace: episode.namespace,
      levels: ERROR_LEVELS,
      order: "newest first",
      limit: MAX_LINES,
    } as const;
    await clusterer.addAll(logs.lines(scope.lokiOrgId, query), ({ atNs }) => {
      lines += 1;
      oldestMs = Number(atNs / 1_000_000n);
    });
    const minutes = (part.toMs - part.fromMs) / MINUTE_MS;
    if (lines < MAX_LINES) return { minutes: Math.max(1, minutes), ofAll: 1 };
    const readMs = Math.max(1, part.toMs - oldestMs);
    return { minutes: readMs / MINUTE_MS, ofAll: Math.max(1, (minutes * MINUTE_MS) / readMs) };
  }
}

/** What was read of a time. */
interface Part {
  minutes: number;
  /** By how much longer all of it is, where only the newest lines were read. */
  ofAll: number;
}

function grownCluster(
  { timesMs, level, template, sample, fingerprint }: Cluster,
  row: KnownCluster | undefined,
  episode: Episode,
  read: { since: Part; before: Part },
): GrownCluster[] {
  if (row === undefined) return [];
  const times = timesMs.filter((atMs) => atMs >= episode.startedAtMs);
  const since = times.length / read.since.minutes;
  const before = (timesMs.length - times.length) / read.before.minutes;
  const count = Math.round(times.length * read.since.ofAll);
  const isAsked = episode.fingerprint !== "" && fingerprint === episode.fingerprint;
  if (count === 0 || (since <= 1.5 * before && !isAsked)) return [];
  // It began within a minute: a line just before that is of the same history as one just after.
  const isNew = row.firstSeenMs >= episode.startedAtMs - KNOWN_BEFORE_MS;
  return [{ id: row.id, fingerprint, level, template, sample, before, since, count, isNew }];
}

function chartOf(
  episode: Episode,
  series: readonly CountSeries[],
  { fromMs, toMs, stepMs }: TimeRange & { stepMs: number },
  deploys: readonly Deploy[],
  band: ((atMs: number) => Band) | undefined,
): Chart {
  const steps = Math.max(0, Math.round((toMs - fromMs) / stepMs));
  const minutes = stepMs / MINUTE_MS;
  const sum = (at: number, counts: (level: CountSeries["level"]) => boolean) =>
    series.reduce((total, one) => total + (counts(one.level) ? (one.counts[at] ?? 0) : 0), 0);
  const first = Array.from({ length: steps }, (_, at) => sum(at, () => true)).findIndex((lines) => lines > 0);
  const values = Array.from({ length: steps }, (_, at) => {
    // Nobody knows whether there was anything to log before the first line.
    if (at < first) return null;
    const lines = sum(at, () => true);
    const errors = sum(at, countsAsError);
    if (episode.metric === "error_ratio") return lines === 0 ? null : (100 * errors) / lines;
    return (isOfErrors(episode) ? errors : lines) / minutes;
  });
  const scale = episode.metric === "error_ratio" ? 100 : 1;
  const usual = (atMs: number) =>
    band === undefined || episode.metric === "error_ratio" || isOfFirstHours(episode)
      ? { low: scale * episode.usualLow, high: scale * episode.usualHigh }
      : band(atMs);
  const bands = values.map((_, at) => usual(fromMs + at * stepMs));
  const what = isOfErrors(episode) ? "errors" : "lines";
  return {
    title: `${shownName(episode.service)}: ${what}`,
    unit:
      episode.metric === "error_ratio"
        ? "% of lines"
        : `${what} / min${minutes > 1 ? `, mean of ${minutes} min` : ""}`,
    fromMs,
    stepMs,
    values,
    band: { low: bands.map(({ low }) => low), high: bands.map(({ high }) => high) },
    anomalies: [{ fromMs: episode.startedAtMs, toMs: Math.min(toMs, episode.lastOddAtMs) }],
    marks: deploys.map(({ version, atMs }) => ({ atMs, label: version, kind: "deploy" as const })),
  };
}
