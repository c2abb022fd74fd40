import type { Cluster } from "../clusters/cluster.ts";
import type { ErrorLevel } from "../logs/source.ts";
import { type ChangePoint, findRise } from "./changePoint.ts";
import type { Coverage } from "./coverage.ts";

/** What is known of the time that clusters are judged by. */
export interface Known {
  /** Rises are looked for from here on; what was read of before only says what is usual. */
  fromMs: number;
  covered(service: string): Coverage;
  /** When lines of the same kind were written in what was read of another time, before; ascending. */
  timesBefore(cluster: Cluster): readonly number[];
  /** By what factor a service had more to do from then on than before. */
  growth(service: string, atMs: number): number;
}

/** Where the rate of a cluster rose beyond chance. */
export interface Rise extends ChangePoint {
  /** When it was last logged, where it has stopped since. */
  endedMs?: number;
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
/** A rise that stopped, or went on as before, for longer than this and ten of its pauses is over. */
const ENDED_AFTER_MS = 3 * 60_000;

/** undefined where its rate did not rise, or where that may be chance, or no more than what the service had to do. */
export function riseOf(cluster: Cluster, known: Known): Rise | undefined {
  const covered = known.covered(cluster.service);
  const timesMs = [...known.timesBefore(cluster), ...cluster.timesMs].filter((atMs) => covered.holds(atMs));
  const rise = findRise(timesMs, covered, known.fromMs);
  if (rise === undefined || !isBeyondChance(rise, cluster.level, timesMs.length)) return undefined;
  if (rise.ratePerMinuteBefore > 0) {
    const factor = rise.ratePerMinuteAfter / rise.ratePerMinuteBefore;
    if (factor < Math.max(MIN_FACTOR, MIN_FACTOR_OVER_TRAFFIC * known.growth(cluster.service, rise.atMs)))
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

/** The gain at which a rise counts as certain. */
export const SURE_GAIN = 40;
/** Services of one incident begin to fail within about a minute of each other. */
export const BURST_MS = 60_000;
const ENDED_BURST_WEIGHT = 0.3;
/** Each is compared with each: 500 take a few milliseconds, 20,000 took five seconds. */
const MAX_BURST_POINTS = 500;

/** The moment around which most of the surest rises begin: the earliest of the densest minute. */
export function findBurst(rises: readonly (Rise | undefined)[]): number | undefined {
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
