import type { Inline, Text } from "../chat/card.ts";
import type { PackEvent } from "../evidence/events.ts";
import { failureKindOf, isSymptom } from "../evidence/failureKinds.ts";
import { evidenceItems } from "../evidence/items.ts";
import { type Deploy, type Pack, type RankedCluster, rangeOf } from "../evidence/pack.ts";
import { abstain, BUILTIN, fellQuiet, stopped } from "./abstain.ts";
import type { Answer } from "./answer.ts";
import { quoted } from "./clusterSaid.ts";
import { isTied, weigh } from "./confidence.ts";
import { addressesReader } from "./grounding/hostile.ts";
import { heedVerdicts } from "./pastVerdict.ts";
import { countOf, duration, lowerFirst, moment } from "./words.ts";

/** Below this score a cluster that rose is not put forward as a cause. */
export const MIN_SCORE = 0.25;
/** Ranks that are at least this part of another's say nothing about which comes first. */
const NEARLY = 0.6;
/** What begins within this time of each other began together. */
const TOGETHER_MS = 60_000;
/** A deploy explains what begins within this time after it. */
export const DEPLOY_REACH_MS = 15 * 60_000;
/** What a log says was done explains what begins this soon after; clocks of services differ by seconds. */
const EVENT_REACH_MS = 2 * 60_000;
const EVENT_LATE_MS = 5_000;
/** What fails so little earlier may still be a symptom: callers notice at once, and clocks and buffers differ by as much. */
const ORDER_UNSURE_MS = 10_000;

/** The answer that needs no model: the evidence put into words, by rules that are the same every time. */
export function analyseBuiltin(pack: Pack): Answer {
  const culprit = chooseCulprit(pack);
  if (culprit === undefined) return stopped(pack) ?? abstain(pack);
  const cluster = pack.clusters[culprit] as RankedCluster;
  const kind = failureKindOf(cluster.sample);
  // Where the line only shows that something else does not answer, a deploy of its own service explains nothing.
  const deploy = isSymptom(kind) ? undefined : deployBefore(pack, cluster);
  const onsetMs = cluster.onsetMs ?? pack.window.fromMs;

  const what = kind === undefined ? `it began to log ${quoted(cluster)}` : kind.meaning;
  const event = deploy === undefined ? eventBefore(pack, cluster) : undefined;
  const since =
    deploy !== undefined
      ? `, ${duration(onsetMs - deploy.atMs)} after version ${deploy.version} was deployed`
      : event !== undefined
        ? `, ${duration(Math.max(0, onsetMs - event.atMs))} after ${event.kind === "restart" ? "it was restarted" : "its configuration changed"}`
        : "";
  const { confidence, reasons } = weigh(pack, cluster, kind, deploy !== undefined);
  return heedVerdicts(pack, {
    ...BUILTIN,
    rootCause: `${cluster.service}: ${what}${since}.`,
    summary: tell(pack, culprit, cluster),
    ...suggest(kind?.action, deploy),
    confidence,
    confidenceReasons: reasons,
    culprit,
    cites: [
      culprit + 1,
      ...(event === undefined ? [] : numberOf(pack, event)),
      ...related(pack, culprit).map((at) => at + 1),
    ],
  });
}

/**
 * The best ranked that rose; one that something ties to the asked service before one that only the time does;
 * where it only shows a symptom, a cause of nearly the same rank that did not come after it.
 */
function chooseCulprit(pack: Pack): number | undefined {
  const { clusters } = pack;
  const rose = [...clusters.keys()].filter((at) => {
    const { onsetMs, score } = clusters[at] as RankedCluster;
    return onsetMs !== undefined && score >= MIN_SCORE;
  });
  // Whoever writes into a log to be read must not become what is read first.
  const speaking = rose.filter((at) => addressesReader(clusters[at]?.sample ?? ""));
  const rising = [...rose.filter((at) => !speaking.includes(at)), ...speaking];
  const top = rising[0];
  if (top === undefined) return undefined;
  const isNear = (at: number, to: number) => scoreOf(at) >= scoreOf(to) * NEARLY;
  const first = rising.find((at) => isTied(clusters[at] as RankedCluster, pack) && isNear(at, top)) ?? top;
  if (!isSymptom(failureKindOf(clusters[first]?.sample ?? ""))) return first;
  const cause = rising.find((at) => {
    const kind = failureKindOf(clusters[at]?.sample ?? "");
    const laterMs = (clusters[at]?.onsetMs ?? 0) - (clusters[first]?.onsetMs ?? 0);
    return kind !== undefined && !isSymptom(kind) && isNear(at, first) && laterMs <= TOGETHER_MS;
  });
  return cause ?? first;

  function scoreOf(at: number): number {
    return clusters[at]?.score ?? 0;
  }
}

function deployBefore(pack: Pack, cluster: RankedCluster): Deploy | undefined {
  const onsetMs = cluster.onsetMs ?? pack.window.fromMs;
  return pack.deploys.findLast(
    (deploy) =>
      deploy.service === cluster.service &&
      deploy.atMs <= onsetMs &&
      onsetMs - deploy.atMs <= DEPLOY_REACH_MS,
  );
}

/** What was done to its service just before it rose. */
function eventBefore(pack: Pack, cluster: RankedCluster): PackEvent | undefined {
  const onsetMs = cluster.onsetMs ?? pack.window.fromMs;
  return pack.events?.findLast(
    ({ service, kind, atMs }) =>
      service === cluster.service &&
      kind !== "anomaly" &&
      atMs <= onsetMs + EVENT_LATE_MS &&
      onsetMs - atMs <= EVENT_REACH_MS,
  );
}

function numberOf(pack: Pack, event: PackEvent): number[] {
  const item = evidenceItems(pack).find((one) => one.kind === "event" && one.event === event);
  return item === undefined ? [] : [item.number];
}

function tell(pack: Pack, culprit: number, cluster: RankedCluster): Text {
  const told: Inline[] = [];
  if (cluster.onsetMs !== undefined) {
    const usual = Math.round(cluster.expected);
    const before = cluster.isNew
      ? "not once before"
      : `where ${usual === 0 ? "none" : usual.toLocaleString("en-US")} would be usual`;
    const { endedMs } = cluster;
    told.push(endedMs === undefined ? "Since " : "From ", moment(cluster.onsetMs, rangeOf(pack)));
    if (endedMs !== undefined) told.push(" to ", moment(endedMs, rangeOf(pack)));
    told.push(
      ` ${cluster.service} logged it ${countOf(cluster.count, "time", "times")}, ${before}${endedMs === undefined ? "" : ", and not since"} [${culprit + 1}]. `,
    );
  }
  const services = new Set([cluster.service]);
  const elsewhere = related(pack, culprit).filter((at) => {
    const service = pack.clusters[at]?.service ?? "";
    return !services.has(service) && services.add(service);
  });
  const isEarlier = (at: number, byMs: number) => aheadMs(cluster, pack.clusters[at]) >= byMs;
  const listed = (ats: readonly number[]) =>
    ats
      .slice(0, 3)
      .map((at) => {
        const other = pack.clusters[at] as RankedCluster;
        return `${other.service}${offset(cluster, other)} [${at + 1}]`;
      })
      .join(", ");
  const before = elsewhere.filter((at) => isEarlier(at, ORDER_UNSURE_MS));
  const also = elsewhere.filter((at) => !before.includes(at));
  if (also.length > 0) {
    const isUnsure = also.slice(0, 3).some((at) => isEarlier(at, 1_000));
    const why = isUnsure ? " (seconds tell no order: callers notice at once, and clocks differ)" : "";
    told.push(`Also failing: ${listed(also)}${why}. `);
  }
  if (before.length > 0) told.push(`Against it: ${listed(before)}. `);
  const quiet = pack.quieter[0];
  if (quiet !== undefined) told.push(`${fellQuiet(quiet)}.`);
  return told;
}

function offset(cluster: RankedCluster, other: RankedCluster): string {
  const earlierMs = aheadMs(cluster, other);
  if (Math.abs(earlierMs) < 1_000) return " at the same moment";
  return earlierMs < 0 ? ` ${duration(-earlierMs)} later` : ` ${duration(earlierMs)} earlier`;
}

/** How much earlier than the culprit another began. */
function aheadMs(culprit: RankedCluster, other: RankedCluster | undefined): number {
  return (culprit.onsetMs ?? 0) - (other?.onsetMs ?? 0);
}

/** The other clusters that rose, by rank. */
function related(pack: Pack, culprit: number): number[] {
  return pack.clusters
    .map((cluster, at) => ({ cluster, at }))
    .filter(
      ({ cluster, at }) => at !== culprit && cluster.onsetMs !== undefined && cluster.score >= MIN_SCORE,
    )
    .map(({ at }) => at);
}

function suggest(action: string | undefined, deploy: Deploy | undefined): { suggestedAction?: string } {
  if (deploy !== undefined) {
    const otherwise = action === undefined ? "" : ` If that does not end it: ${lowerFirst(action)}`;
    return { suggestedAction: `Consider rolling ${deploy.service} back from ${deploy.version}.${otherwise}` };
  }
  return action === undefined ? {} : { suggestedAction: action };
}
