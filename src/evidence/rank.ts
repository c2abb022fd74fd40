import type { Cluster } from "../clusters/cluster.ts";
import type { ErrorLevel } from "../logs/source.ts";
import { type Link, type Nearness, nearness, readCalls } from "./calls.ts";
import type { ChangePoint } from "./changePoint.ts";
import { tellsWhy } from "./failureKinds.ts";
import { isGivenUp } from "./givenUp.ts";
import { findHeralds, type Herald } from "./heralds.ts";
import { BURST_MS, findBurst, type Known, type Rise, riseOf, SURE_GAIN } from "./rises.ts";

/** A cluster with what its times say about it. */
export interface Judged {
  cluster: Cluster;
  /** Absent where the rate did not rise beyond chance, and nothing else says that it has to do with what began. */
  rise?: ChangePoint;
  /** When it was last logged, where it rose and has stopped since. */
  endedMs?: number;
  score: number;
  /** What ties it to the asked service. */
  link: Link;
  reasons: string[];
}

export interface Ranking {
  judged: Judged[];
  onsetMs?: number;
}

/** What has stopped explains less of what is asked about now. */
const ENDED_WEIGHT = 0.6;

const SEVERITY: Record<ErrorLevel, number> = { FATAL: 1.3, CRITICAL: 1.3, ERROR: 1, WARN: 0.6 };
/** What is new where an incident begins is often only a warning: it is before the failure. */
const NEW_SEVERITY: Record<ErrorLevel, number> = { FATAL: 1.3, CRITICAL: 1.3, ERROR: 1, WARN: 0.85 };
/** What names another that fails too passes on what it was told. */
const CALLER_WEIGHT = 0.75;
/** A disk that is full, a certificate that expired, a name that does not resolve is why; a request that failed is what came of it. */
const TELLS: Record<ReturnType<typeof tellsWhy>, number> = { why: 1.4, neither: 1, that: 0.7 };
/** At most for what nothing ties to the asked service, where that one says itself what fails, and not only that requests do. */
const TELLS_UNTIED = 1.1;
/** To give up follows from the error that was retried, also where that is only a warning. */
const GIVEN_UP_WEIGHT = 0.5;
const GIVEN_UP_WITHIN_MS = 10 * 60_000;

/**
 * Orders clusters by how likely they are to show the cause: those that rose, near the moment when
 * most did, the earlier the better, the new before the known, the called before the caller; and among them what was
 * written once just where it all began. Counts do not decide: a chronic error is the loudest line of most systems.
 */
export function rankClusters(clusters: readonly Cluster[], asked: string, known: Known): Ranking {
  const rises = clusters.map((cluster) => riseOf(cluster, known));
  const onsetMs = findBurst(rises);
  const heralds =
    onsetMs === undefined
      ? new Map<Cluster, Herald>()
      : findHeralds(
          clusters.filter((_, i) => rises[i] === undefined),
          onsetMs,
          known,
        );
  const calls = readCalls(clusters);
  const failing = new Set(clusters.flatMap(({ service }, i) => (rises[i] === undefined ? [] : [service])));
  const told = tellingRises(clusters, rises);
  const tells = clusters.map((cluster, i) =>
    rises[i] === undefined && !heralds.has(cluster) ? 1 : TELLS[tellsWhy(cluster.sample)],
  );
  const ownTells = clusters.some(
    ({ service }, i) => service === asked && rises[i] !== undefined && (tells[i] as number) >= 1,
  );
  const judged = clusters.map((cluster, i): Judged => {
    const near = { ...nearness(calls, asked, cluster.service), tells: tells[i] as number };
    if (near.link === "none" && ownTells) near.tells = Math.min(near.tells, TELLS_UNTIED);
    const rise = rises[i];
    const herald = heralds.get(cluster);
    if (rise !== undefined && onsetMs !== undefined) {
      const one = heedGivenUp(judgeRise(cluster, rise, onsetMs, near), rise, told.get(cluster.service) ?? []);
      const passesOn = [...(calls.get(cluster.service) ?? [])].some((other) => failing.has(other));
      return passesOn && cluster.service !== asked ? { ...one, score: one.score * CALLER_WEIGHT } : one;
    }
    if (herald !== undefined) return judgeHerald(cluster, herald, near, failing.has(cluster.service));
    const score = 0.05 * SEVERITY[cluster.level] * near.weight;
    return { cluster, score, link: near.link, reasons: ["no more than before"] };
  });
  judged.sort((a, b) => b.score - a.score || (a.rise?.atMs ?? 0) - (b.rise?.atMs ?? 0));
  return onsetMs === undefined ? { judged } : { judged, onsetMs };
}

function judgeRise(
  cluster: Cluster,
  rise: Rise,
  onsetMs: number,
  near: Nearness & { tells: number },
): Judged {
  const reasons: string[] = [];
  const isNew = rise.ratePerMinuteBefore === 0;
  reasons.push(isNew ? "new: not seen before" : `${times(rise)} as many as before`);
  const sure = Math.min(1, rise.gain / SURE_GAIN);

  const lateMs = rise.atMs - onsetMs;
  if (Math.abs(lateMs) <= BURST_MS)
    reasons.push(lateMs <= 0 ? "among the first to begin" : "began within a minute of the first");
  else reasons.push(lateMs > 0 ? "began after the others" : "began well before the others");
  if (near.reason !== undefined) reasons.push(near.reason);
  const { endedMs } = rise;
  if (endedMs !== undefined) reasons.push("has stopped since");

  const lasting = endedMs === undefined ? 1 : ENDED_WEIGHT;
  const score =
    (0.6 + 0.4 * sure) *
    (isNew ? 1 : 0.75) *
    timingWeight(lateMs) *
    lasting *
    (isNew && lateMs <= BURST_MS ? NEW_SEVERITY : SEVERITY)[cluster.level] *
    near.tells *
    near.weight;
  return {
    cluster,
    rise,
    ...(endedMs !== undefined && { endedMs }),
    score: Math.min(1, score / 1.6),
    link: near.link,
    reasons,
  };
}

/** When something of a service rose that says more than that tries were given up. */
function tellingRises(
  clusters: readonly Cluster[],
  rises: readonly (Rise | undefined)[],
): Map<string, number[]> {
  const told = new Map<string, number[]>();
  for (const [i, { service, sample }] of clusters.entries()) {
    const rise = rises[i];
    if (rise === undefined || isGivenUp(sample)) continue;
    const times = told.get(service) ?? [];
    told.set(service, times);
    times.push(rise.atMs);
  }
  return told;
}

/** @param told when something of its service rose that says why */
function heedGivenUp(one: Judged, rise: Rise, told: readonly number[]): Judged {
  if (!isGivenUp(one.cluster.sample)) return one;
  const follows = told.some((atMs) => rise.atMs >= atMs && rise.atMs - atMs <= GIVEN_UP_WITHIN_MS);
  if (!follows) return one;
  return { ...one, score: one.score * GIVEN_UP_WEIGHT, reasons: [...one.reasons, GIVEN_UP] };
}

const GIVEN_UP = "says that tries were given up, not why they failed";

function judgeHerald(
  cluster: Cluster,
  herald: Herald,
  near: Nearness & { tells: number },
  failing: boolean,
): Judged {
  const { atMs, lines, weight } = herald;
  const score = weight * NEW_SEVERITY[cluster.level] * near.tells * near.weight * (failing ? 1.15 : 1);
  return {
    cluster,
    rise: { atMs, ratePerMinuteBefore: 0, ratePerMinuteAfter: 0, countAfter: lines, gain: 0 },
    score: Math.min(1, score / 1.6),
    link: near.link,
    reasons: [
      "written only where it all began",
      ...(failing ? [`${cluster.service} fails since`] : []),
      ...(near.reason === undefined ? [] : [near.reason]),
    ],
  };
}

/** Falls to a half at one minute late and at four minutes early: a cause precedes, chance does not care. */
function timingWeight(lateMs: number): number {
  const halfAtMs = lateMs > 0 ? BURST_MS : 4 * BURST_MS;
  return 0.15 + 0.85 * 2 ** -(Math.abs(lateMs) / halfAtMs);
}

function times(rise: ChangePoint): string {
  const factor = rise.ratePerMinuteAfter / rise.ratePerMinuteBefore;
  return `${factor >= 10 ? Math.round(factor).toLocaleString("en-US") : factor.toFixed(1)} times`;
}
