import type { Cluster } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { createRenumbering } from "../logs/markNumbers.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { LogSource, TimeRange } from "../logs/source.ts";
import { readAround } from "./around.ts";
import { callsAmong } from "./calls.ts";
import { describeAll, KNOWN_BEFORE_MS } from "./describe.ts";
import { readEarlier } from "./earlier.ts";
import { nearest, type PackEvent } from "./events.ts";
import type { FlowCount, FlowTimes } from "./flows.ts";
import type { Deploy, Pack, PastAnalysis, RankedCluster, VolumeDrop } from "./pack.ts";
import { type Judged, rankClusters } from "./rank.ts";
import { readErrors } from "./reading.ts";
import { stepsOf } from "./steps.ts";
import { readTalk } from "./talk.ts";
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
  /** Talk by template, where somebody has counted it already; absent: it is read. */
  flows?: { counts: readonly FlowCount[]; times: FlowTimes };
}

export type Phase = "reading" | "comparing";

const MAX_CLUSTERS = 10;
const MAX_DEPLOYS = 10;
const MAX_NOTES = 3;
const MAX_PAST = 3;
/** Of so many clusters what stands around their first line is read: two queries each. */
const MAX_AROUND = 3;
/** Clusters kept in the database beside those of the pack: the most frequent. */
const MAX_OTHERS_KEPT = 500;
/** At least this much is read from before the window, so that "before" means something. */
const MIN_LOOKBACK_MS = 30 * 60_000;

/** What is kept of a tenant and bears on the question. */
export interface Kept {
  /** Deploys in a range. */
  deploys(range: TimeRange): Promise<Deploy[]>;
  /** Anomalies that began in a range. */
  anomalies(range: TimeRange): Promise<PackEvent[]>;
  /** When clusters were first met, as far as that is kept, ms since the epoch. */
  firstSeen(clusters: readonly Cluster[]): Promise<Map<Cluster, number>>;
  /** Analyses of before about these clusters or such as they resemble. */
  past(clusters: readonly Cluster[], incident: TimeRange): Promise<PastAnalysis[]>;
}

export const NOTHING_KEPT: Kept = {
  deploys: async () => [],
  anomalies: async () => [],
  firstSeen: async () => new Map(),
  past: async () => [],
};

/**
 * Reads what a root cause can be found in: error lines of every service of the namespace, from before
 * the window to its end and of a time when all was well, clustered and ranked; beside them deploys, what was done to services,
 * what they stopped saying, and which of them fell quiet.
 */
export async function gatherEvidence(
  question: Question,
  logs: LogSource,
  kept: Kept = NOTHING_KEPT,
  onPhase: (phase: Phase) => void = () => undefined,
): Promise<{ pack: Pack; clusters: Cluster[] }> {
  const { org, service, namespace, window } = question;
  const lookbackMs = Math.max(window.toMs - window.fromMs, MIN_LOOKBACK_MS);
  const asked = stepsOf({ fromMs: window.fromMs - lookbackMs, toMs: window.toMs });

  onPhase("reading");
  const range = { fromMs: asked.fromMs, toMs: window.toMs };
  const counted = await logs.counts(org, { ...range, stepMs: asked.stepMs, namespace });
  const reading = await readErrors(question, logs, counted, asked);
  const earlier = await readEarlier(question, logs, range);

  onPhase("comparing");
  const volumes = new Volumes(counted, asked, earlier.talkPerMinute);
  const ranking = rankClusters(reading.clusters, service, {
    fromMs: range.fromMs,
    covered: (name) => reading.covered(name).from(volumes.startMs(name)).and(earlier.covered(name)),
    timesBefore: earlier.timesOf,
    growth: (name, atMs) => volumes.growth(name, atMs),
  });
  const { onsetMs } = ranking;
  const top = ranking.judged.slice(0, MAX_CLUSTERS);
  const quieter = volumes.quieter(onsetMs);
  const [seen, deploys, anomalies, past, talk, around] = await Promise.all([
    kept.firstSeen(top.map(({ cluster }) => cluster)),
    kept.deploys(range),
    kept.anomalies(range),
    // Of the first also where nothing rose: an answer without a cause is kept by it, and so is what people said it was.
    kept.past(
      top.filter(({ rise }, at) => at === 0 || rise !== undefined).map(({ cluster }) => cluster),
      { fromMs: (onsetMs ?? window.fromMs) - KNOWN_BEFORE_MS, toMs: window.toMs },
    ),
    readTalk(question, logs, {
      services: involved(question, top, quieter),
      ...{ onsetMs, counted, steps: asked, earlier },
    }),
    Promise.all(firstOfServices(top).map((judged) => judged && readAround(question, logs, judged))),
  ]);
  const clusters = describeAll(top, { window, asked, reading, volumes, seen, earlier });
  const errors = volumes.errors(service);
  // The chart begins where there is something to show.
  const { firstMs } = volumes;
  const skipped = firstMs === undefined ? 0 : Math.round((firstMs - asked.fromMs) / asked.stepMs);
  const events = nearest([...talk.events, ...anomalies], onsetMs ?? window.fromMs);
  const renumbered = createRenumbering();

  const pack: Pack = {
    service,
    namespace,
    window,
    lookbackFromMs: range.fromMs,
    ...(earlier.range !== undefined && { earlier: earlier.range }),
    linesRead: reading.linesRead,
    linesThere: Math.max(reading.linesRead, volumes.errorLines),
    sampled: reading.sampled,
    unread: reading.unread,
    ...(reading.notes.length > 0 && { notes: reading.notes.slice(0, MAX_NOTES) }),
    silent: firstMs === undefined,
    ...(skipped > 0 && firstMs !== undefined && { logBeginsMs: firstMs }),
    ...(onsetMs !== undefined && { onsetMs }),
    clusters: clusters.map((cluster, at) => ({
      ...cluster,
      sample: renumbered(cluster.sample),
      ...((around[at] ?? []).length > 0 && {
        around: (around[at] ?? []).map((line) => ({ ...line, text: renumbered(line.text) })),
      }),
    })),
    clustersLeftOut: ranking.judged.length - top.length + reading.kindsLeftOut,
    ...(reading.kindsLeftOut > 0 && { kindsNotCompared: reading.kindsLeftOut }),
    deploys: mostTelling(deploys, onsetMs ?? window.toMs, involved(question, top, quieter)),
    drops: talk.drops,
    events: events.map((event) => ({ ...event, text: renumbered(event.text) })),
    calls: callsAmong(clusters, service),
    past: past.slice(0, MAX_PAST),
    quieter,
    errors: {
      fromMs: firstMs ?? asked.fromMs,
      stepMs: asked.stepMs,
      counts: errors.counts.slice(skipped),
      of: errors.of,
    },
  };
  return { pack, clusters: clustersToKeep(pack, reading.clusters) };
}

/** The clusters of which what stands beside them is read: the first ones, one a service; undefined in the place of the others. */
function firstOfServices(top: readonly Judged[]): (Judged | undefined)[] {
  const services = new Set<string>();
  return top.map((judged) => {
    const { service } = judged.cluster;
    if (judged.rise === undefined || services.has(service) || services.size === MAX_AROUND) return undefined;
    services.add(service);
    return judged;
  });
}

/** Those of services that have to do with it, those before it began, and those nearest to that; oldest first. */
function mostTelling(deploys: readonly Deploy[], onsetMs: number, services: readonly string[]): Deploy[] {
  const rank = ({ service, atMs }: Deploy) => (services.includes(service) ? 0 : 2) + (atMs > onsetMs ? 1 : 0);
  return [...deploys]
    .sort((a, b) => rank(a) - rank(b) || Math.abs(a.atMs - onsetMs) - Math.abs(b.atMs - onsetMs))
    .slice(0, MAX_DEPLOYS)
    .sort((a, b) => a.atMs - b.atMs);
}

/** Services that have to do with the question, the most important first. */
function involved({ service }: Question, top: readonly Judged[], quieter: readonly VolumeDrop[]): string[] {
  const rising = top.filter(({ rise }) => rise !== undefined).map(({ cluster }) => cluster.service);
  return [...new Set([service, ...rising, ...quieter.map((drop) => drop.service)])];
}

/** The clusters of the pack, and of the others the most frequent: what is worth a row in the database. */
export function clustersToKeep(pack: Pack, clusters: readonly Cluster[]): Cluster[] {
  const key = (cluster: Cluster | RankedCluster) =>
    `${cluster.namespace}\0${cluster.service}\0${cluster.fingerprint}`;
  const inPack = new Set(pack.clusters.map(key));
  const others = clusters.filter((cluster) => !inPack.has(key(cluster))).sort((a, b) => b.count - a.count);
  return [...clusters.filter((cluster) => inPack.has(key(cluster))), ...others.slice(0, MAX_OTHERS_KEPT)];
}
