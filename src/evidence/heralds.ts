import type { Cluster } from "../clusters/cluster.ts";
import { failureKindOf, tellsWhy } from "./failureKinds.ts";
import type { Known } from "./rises.ts";

/**
 * A few lines of a kind that was never logged before and begin where an incident does: "Peer down", "No space left on device" once a minute.
 * Nothing rose, so no change of a rate tells of it; what tells is the coincidence.
 */
export interface Herald {
  atMs: number;
  lines: number;
  /** 0 to 1: how surely it does not stand there by chance. */
  weight: number;
}

/** More lines than this have a rate of their own, and are judged by that. */
const MOST_LINES = 3;
/** One that says why things fail is written again with each try, and has still no rate to be judged by. */
const MOST_LINES_AGAIN = 8;
/** What comes again and names no known kind of failure is mostly something else: it is shown, behind those that do. */
const AGAIN_WEIGHT = 0.5;
/** All of them within this time: one thing that happened. */
const ONE_THING_MS = 30_000;
/** So long before the first rise, and so long after it, a cause is written; clocks of services differ by seconds. */
const BEFORE_MS = 60_000;
const AFTER_MS = 15_000;
/** What holds all others up may say so only when it has waited for a while. */
const AFTER_MS_OF_WHY = 45_000;
/** The weight halves with each such time before or after it. */
const HALVES_MS = 30_000;

/**
 * Which of the clusters are heralds of what began at `onsetMs`. Of a system that writes new one-off lines all the time one
 * stands near any moment: the chance that one of so many does is taken off (Poisson, from their rate over what was read).
 */
export function findHeralds(
  clusters: readonly Cluster[],
  onsetMs: number,
  known: Known,
): Map<Cluster, Herald> {
  const rare = clusters.filter((cluster) => isRare(cluster, known));
  const telling = new Set(rare.filter(isOneThing));
  const heralds = new Map<Cluster, Herald>();
  if (rare.length === 0) return heralds;
  const readMs = Math.max(...rare.map((cluster) => known.covered(cluster.service).totalMs));
  for (const cluster of rare) {
    const atMs = firstOf(cluster);
    const lateMs = atMs - onsetMs;
    if (lateMs < -BEFORE_MS) continue;
    if (lateMs > (tellsWhy(cluster.sample) === "why" ? AFTER_MS_OF_WHY : AFTER_MS)) continue;
    // The herald itself is not one of those that might stand there by chance.
    const byChance =
      1 - Math.exp((-Math.max(0, telling.size - 1) * 2 * HALVES_MS) / Math.max(readMs, 2 * HALVES_MS));
    const weight =
      (1 - byChance) * 2 ** (-Math.abs(lateMs) / HALVES_MS) * (telling.has(cluster) ? 1 : AGAIN_WEIGHT);
    heralds.set(cluster, { atMs, lines: cluster.timesMs.length, weight });
  }
  // One of them may be the cause, hardly two.
  const services = servicesOf([...heralds.keys()].filter((cluster) => telling.has(cluster)));
  for (const herald of heralds.values()) herald.weight /= Math.sqrt(Math.max(1, services));
  return heralds;
}

function servicesOf(clusters: Iterable<Cluster>): number {
  return new Set([...clusters].map(({ service }) => service)).size;
}

/** Written at once, or naming a known kind of failure. */
function isOneThing(cluster: Cluster): boolean {
  const { timesMs, sample } = cluster;
  const lastedMs = Math.max(...timesMs) - firstOf(cluster);
  return (timesMs.length <= MOST_LINES && lastedMs <= ONE_THING_MS) || failureKindOf(sample) !== undefined;
}

function isRare(cluster: Cluster, known: Known): boolean {
  const { timesMs } = cluster;
  if (timesMs.length === 0 || timesMs.length > MOST_LINES_AGAIN) return false;
  if (known.timesBefore(cluster).length > 0) return false;
  const covered = known.covered(cluster.service);
  const firstMs = firstOf(cluster);
  // Right where reading began nobody knows whether it was there before.
  return covered.msBefore(firstMs) > ONE_THING_MS;
}

function firstOf({ timesMs }: Cluster): number {
  return Math.min(...timesMs);
}
