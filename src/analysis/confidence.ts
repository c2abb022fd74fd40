import { type FailureKind, failureKindOf } from "../evidence/failureKinds.ts";
import { mentions } from "../evidence/mentions.ts";
import type { Pack, RankedCluster } from "../evidence/pack.ts";
import { countOf } from "./words.ts";

/**
 * The most that each kind of evidence can carry, whatever the ranking says: a rise alone, a rise of
 * something new, either with a known kind of failure (a warning tells less), and that with a deploy just before it.
 */
const CAP = {
  rise: 0.5,
  newCluster: 0.6,
  knownRise: 0.6,
  knownWarning: 0.6,
  knownKind: 0.8,
  deploy: 0.9,
} as const;

/** Rises of fewer lines carry at most this much, whatever they say. */
const FEW_LINES_CAPS = [
  { fewerThan: 3, cap: 0.35 },
  { fewerThan: 10, cap: 0.45 },
] as const;
/** The most for what began with the log: whether it was there before nobody knows. */
const LOG_BEGINS_CAP = 0.45;
/** The most for what has stopped since. */
const ENDED_CAP = 0.6;

/** The most for a line of another service that nothing but the time ties to the asked one, which itself failed or did not. */
const TIME_ONLY_CAP = { failing: 0.45, quiet: 0.3 } as const;
/** What begins this soon after the log does may just have been there. */
const LOG_BEGINS_WITHIN_MS = 2 * 60_000;

/** How far the evidence carries, 0 to 1, and why, for people. */
export function weigh(pack: Pack, cluster: RankedCluster, kind: FailureKind | undefined, deployed: boolean) {
  const reasons: string[] = [];
  let cap: number = cluster.isNew ? CAP.newCluster : CAP.rise;
  reasons.push(cluster.isNew ? "the line is new" : "the line is known but became far more frequent");
  if (kind !== undefined) {
    cap = cluster.level === "WARN" ? CAP.knownWarning : cluster.isNew ? CAP.knownKind : CAP.knownRise;
    reasons.push("its text names a known kind of failure");
  }
  if (deployed && cluster.isNew) {
    cap = CAP.deploy;
    reasons.push("a deploy of that service came just before");
  }
  const few = FEW_LINES_CAPS.find(({ fewerThan }) => cluster.count < fewerThan);
  if (few !== undefined) {
    cap = Math.min(cap, few.cap);
    reasons.push(`it rests on ${countOf(cluster.count, "line", "lines")} only`);
  }
  if (pack.logBeginsMs !== undefined && (cluster.onsetMs ?? 0) - pack.logBeginsMs < LOG_BEGINS_WITHIN_MS) {
    cap = Math.min(cap, LOG_BEGINS_CAP);
    reasons.push("the log begins with it, so that nothing is known of before");
  }
  if (cluster.endedMs !== undefined) {
    cap = Math.min(cap, ENDED_CAP);
    reasons.push("it has stopped since");
  }
  if (!isTied(cluster, pack)) {
    const failing = pack.clusters.some((other) => other.link === "own" && other.onsetMs !== undefined);
    cap = Math.min(cap, failing ? TIME_ONLY_CAP.failing : TIME_ONLY_CAP.quiet);
    reasons.push(
      failing
        ? `no line ties it to ${pack.service}, only the time does`
        : `${pack.service} itself logged no more errors than before, and no line ties the two`,
    );
  }
  const rival = pack.clusters.find(
    (other) => other.service !== cluster.service && other.onsetMs !== undefined && !agrees(other, cluster),
  );
  const ahead = rival === undefined ? 1 : Math.min(1, 0.7 + (cluster.score - rival.score));
  if (ahead < 0.85) reasons.push(`${rival?.service} rose at the same time and ranks nearly as high`);
  const sampled = pack.sampled.includes(cluster.service);
  if (sampled) reasons.push(`only some of the lines of ${cluster.service} could be read`);
  const confidence = cap * Math.min(1, 0.55 + cluster.score / 2) * Math.max(0.7, ahead) * (sampled ? 0.9 : 1);
  return { confidence: Math.round(confidence * 100) / 100, reasons };
}

/** Whether more than the time ties it to the asked service: names in the lines, or the same kind of failure. */
export function isTied(cluster: RankedCluster, { clusters }: Pack): boolean {
  if (cluster.link !== "none") return true;
  const kind = failureKindOf(cluster.sample);
  return (
    kind !== undefined &&
    clusters.some(
      (other) => other.link === "own" && other.onsetMs !== undefined && failureKindOf(other.sample) === kind,
    )
  );
}

/** Whether the other one says the same: it names the culprit's service, or fails in the same known way. */
function agrees(other: RankedCluster, culprit: RankedCluster): boolean {
  const kind = failureKindOf(culprit.sample);
  return (
    (kind !== undefined && failureKindOf(other.sample) === kind) || mentions(other.sample, culprit.service)
  );
}
