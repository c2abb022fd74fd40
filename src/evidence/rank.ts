import type { Cluster } from "../clusters/cluster.ts";
import type { ErrorLevel } from "../logs/source.ts";
import { type ChangePoint, findRise } from "./changePoint.ts";
import type { Coverage } from "./coverage.ts";
import { mentions } from "./mentions.ts";

/** A cluster with what its times say about it. */
export interface Judged {
  cluster: Cluster;
  /** Absent where the rate did not rise beyond chance. */
  rise?: ChangePoint;
  /** When it was last logged, where it rose and has stopped since. */
  endedMs?: number;
  score: number;
  /** What ties it to the asked service. */
  link: Link;
  reasons: string[];
}

/** Its own line; one of a service that names it or that its lines name, directly or over one between; or only the time. */
export type Link = "own" | "named" | "none";

export interface Ranking {
  judged: Judged[];
  onsetMs?: number;
}

/** A rise below this many nats of gain is chance: e^6 ≈ 400 to one, after the search over splits is paid for. */
const MIN_GAIN = 6;
/**
 * Fewer lines are no rise: in six hours and more one line gains over 6 nats wherever it stands near the end.
 * One line that says FATAL is news all the same; `builtin.ts` trusts it little.
 */
const MIN_LINES = 3;
/** Less than this is no rise, however sure: a service that has more to do fails more often. */
const MIN_FACTOR = 2;
/** And this much more than the service's other lines grew. */
const MIN_FACTOR_OVER_TRAFFIC = 1.5;
/** What has stopped explains less of what is asked about now. */
const ENDED_WEIGHT = 0.6;
const ENDED_BURST_WEIGHT = 0.3;
/** A rise that stopped, or went on as before, for longer than this and ten of its pauses is over. */
const ENDED_AFTER_MS = 3 * 60_000;
/** The gain at which a rise counts as certain. */
const SURE_GAIN = 40;
/** Services of one incident begin to fail within about a minute of each other. */
const BURST_MS = 60_000;
/** Each is compared with each: 500 take a few milliseconds, 20,000 took five seconds. */
const MAX_BURST_POINTS = 500;

const SEVERITY: Record<ErrorLevel, number> = { FATAL: 1.3, CRITICAL: 1.3, ERROR: 1, WARN: 0.6 };

/**
 * Orders clusters by how likely they are to show the cause: those that rose, near the moment when
 * most did, the earlier the better, the new before the known, the called before the caller.
 * Counts do not decide: a chronic error is the loudest line of most systems.
 */
export function rankClusters(
  clusters: readonly Cluster[],
  asked: string,
  covered: (service: string) => Coverage,
  growth: (service: string, atMs: number) => number = () => 1,
): Ranking {
  const rises = clusters.map((cluster) => riseOf(cluster, covered(cluster.service), growth));
  const onsetMs = findBurst(rises);
  const calls = readCalls(clusters);
  const judged = clusters.map((cluster, i) =>
    judge(cluster, rises[i], onsetMs, nearness(calls, asked, cluster.service)),
  );
  judged.sort((a, b) => b.score - a.score || (a.rise?.atMs ?? 0) - (b.rise?.atMs ?? 0));
  return onsetMs === undefined ? { judged } : { judged, onsetMs };
}

type Rise = ChangePoint & { endedMs?: number };

function riseOf(
  cluster: Cluster,
  covered: Coverage,
  growth: (service: string, atMs: number) => number,
): Rise | undefined {
  const timesMs = cluster.timesMs.filter((atMs) => atMs >= covered.startMs);
  const rise = findRise(timesMs, covered);
  if (rise === undefined || !isBeyondChance(rise, cluster.level, timesMs.length)) return undefined;
  if (rise.ratePerMinuteBefore > 0) {
    const factor = rise.ratePerMinuteAfter / rise.ratePerMinuteBefore;
    if (factor < Math.max(MIN_FACTOR, MIN_FACTOR_OVER_TRAFFIC * growth(cluster.service, rise.atMs)))
      return undefined;
  }
  const lastMs = timesMs.at(-1) as number;
  const quietMs = covered.totalMs - covered.msBefore(lastMs);
  const pauseMs = (covered.msBefore(lastMs) - covered.msBefore(rise.atMs)) / Math.max(1, rise.countAfter - 1);
  return quietMs > Math.max(ENDED_AFTER_MS, 10 * pauseMs) ? { ...rise, endedMs: lastMs } : rise;
}

function isBeyondChance(rise: ChangePoint, level: ErrorLevel, lines: number): boolean {
  if (rise.countAfter < MIN_LINES && level !== "FATAL" && level !== "CRITICAL") return false;
  // Every line was tried as the moment of the rise, and the best was taken. One line left nothing to choose.
  return rise.gain - Math.log(lines) >= MIN_GAIN;
}

function judge(
  cluster: Cluster,
  rise: Rise | undefined,
  onsetMs: number | undefined,
  near: Nearness,
): Judged {
  if (rise === undefined || onsetMs === undefined) {
    const score = 0.05 * SEVERITY[cluster.level] * near.weight;
    return { cluster, score, link: near.link, reasons: ["no more than before"] };
  }
  const reasons: string[] = [];
  const isNew = rise.ratePerMinuteBefore === 0;
  reasons.push(isNew ? "not seen before in what was read" : `${times(rise)} its rate before`);
  const sure = Math.min(1, rise.gain / SURE_GAIN);

  const lateMs = rise.atMs - onsetMs;
  const timing = timingWeight(lateMs);
  if (Math.abs(lateMs) <= BURST_MS)
    reasons.push(lateMs <= 0 ? "among the first to rise" : "rose with the others");
  else reasons.push(lateMs > 0 ? "rose after the others" : "rose well before the others");
  if (near.reason !== undefined) reasons.push(near.reason);
  const { endedMs } = rise;
  if (endedMs !== undefined) reasons.push("has stopped since");

  const lasting = endedMs === undefined ? 1 : ENDED_WEIGHT;
  const score =
    (0.4 + 0.6 * sure) * (isNew ? 1 : 0.75) * timing * lasting * SEVERITY[cluster.level] * near.weight;
  return {
    cluster,
    rise,
    ...(endedMs !== undefined && { endedMs }),
    score: Math.min(1, score / 1.6),
    link: near.link,
    reasons,
  };
}

/** Falls to a half at one minute late and at four minutes early: a cause precedes, chance does not care. */
function timingWeight(lateMs: number): number {
  const halfAtMs = lateMs > 0 ? BURST_MS : 4 * BURST_MS;
  return 0.15 + 0.85 * 2 ** -(Math.abs(lateMs) / halfAtMs);
}

/** The moment around which most of the surest rises begin: the earliest of the densest minute. */
function findBurst(rises: readonly (Rise | undefined)[]): number | undefined {
  const points = rises
    .filter((rise) => rise !== undefined)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, MAX_BURST_POINTS)
    .map(({ atMs, gain, endedMs }) => ({
      atMs,
      weight: Math.min(1, gain / SURE_GAIN) * (endedMs === undefined ? 1 : ENDED_BURST_WEIGHT),
    }))
    .sort((a, b) => a.atMs - b.atMs);
  let best: { atMs: number; mass: number } | undefined;
  for (const centre of points) {
    let mass = 0;
    for (const point of points) {
      mass += point.weight * Math.exp(-Math.abs(point.atMs - centre.atMs) / BURST_MS);
    }
    if (best === undefined || mass > best.mass) best = { atMs: centre.atMs, mass };
  }
  if (best === undefined) return undefined;
  const { atMs } = best;
  const sure = points
    .filter((p) => p.weight >= 0.5 && Math.abs(p.atMs - atMs) <= BURST_MS)
    .map((p) => p.atMs);
  return Math.min(atMs, ...sure);
}

interface Nearness {
  weight: number;
  link: Link;
  reason?: string;
}

/** Who names whom in its error lines: mostly a caller naming what it could not reach. */
function readCalls(clusters: readonly Cluster[]): Map<string, Set<string>> {
  const services = new Map(clusters.map(({ service }) => [service.toLowerCase(), service]));
  const calls = new Map<string, Set<string>>();
  for (const { service, sample } of clusters) {
    // By the words of the line: looking for each service in each of thousands of kinds would take minutes.
    for (const word of new Set(sample.toLowerCase().split(/[^a-z0-9_-]+/))) {
      const other = services.get(word);
      if (other === undefined || other === service || !mentions(sample, other)) continue;
      const named = calls.get(service) ?? new Set();
      calls.set(service, named.add(other));
    }
  }
  return calls;
}

function nearness(calls: ReadonlyMap<string, ReadonlySet<string>>, asked: string, service: string): Nearness {
  if (service === asked) return { weight: 1, link: "own" };
  const direct = calls.get(asked);
  if (direct?.has(service)) return { weight: 1.15, link: "named", reason: `named in the errors of ${asked}` };
  for (const between of direct ?? []) {
    if (calls.get(between)?.has(service))
      return { weight: 1.1, link: "named", reason: `named in the errors of ${between}` };
  }
  if (calls.get(service)?.has(asked))
    return { weight: 0.7, link: "named", reason: `names ${asked} in its errors` };
  return { weight: 0.85, link: "none" };
}

function times(rise: ChangePoint): string {
  const factor = rise.ratePerMinuteAfter / rise.ratePerMinuteBefore;
  return `${factor >= 10 ? Math.round(factor) : factor.toFixed(1)} times`;
}
