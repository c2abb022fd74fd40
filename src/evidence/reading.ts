import { type Cluster, createClusterer } from "../clusters/cluster.ts";
import { type CountSeries, ERROR_LEVELS, type LogSource, type TimeRange } from "../logs/source.ts";
import { Coverage } from "./coverage.ts";
import type { Question } from "./gather.ts";
import { sumOf } from "./numbers.ts";
import { planReading, type Stretch } from "./readingPlan.ts";
import type { Steps } from "./steps.ts";

/** Lines of error levels read at most. */
const MAX_LINES = 50_000;
/** Kinds told apart of one service: one that writes a new kind with every line must not crowd out the others. */
const KINDS_A_SERVICE = 1_000;

/** What was read of the error lines of a namespace, and of how much it speaks. */
export interface Reading {
  /** Times ascending; the count is of all lines there were, where not all were read. */
  clusters: Cluster[];
  kindsLeftOut: number;
  linesRead: number;
  /** Services of which only a part of the lines was read, over the whole time. */
  sampled: string[];
  unread: string[];
  /** What the source says of lines it could not give, one sentence each. */
  notes: string[];
  /** The time of which all lines of a service were read. */
  covered(service: string): Coverage;
  /** Lines of a cluster by step, reckoned up where not all of its service were read. */
  series(cluster: Cluster): number[];
}

/**
 * Reads and clusters the error lines of a namespace.
 * @param volumes lines by service and level over the steps: they say where the errors are.
 */
export async function readErrors(
  { org, redaction, fingerprints, service, namespace }: Omit<Question, "window">,
  logs: LogSource,
  volumes: readonly CountSeries[],
  steps: Steps,
  maxLines = MAX_LINES,
): Promise<Reading> {
  const plan = planReading(volumes, service, steps, maxLines);
  const clusterer = createClusterer({
    redaction,
    ...(fingerprints && { fingerprints }),
    kindsPerService: KINDS_A_SERVICE,
  });
  const done: Done[] = [];
  const notes = new Set<string>();
  for (const stretch of plan.stretches) {
    if (stretch.counted === 0 && stretch.services !== undefined) {
      done.push({ stretch, read: 0, covered: stretch });
      continue;
    }
    const query = {
      fromMs: stretch.fromMs,
      toMs: stretch.toMs,
      namespace,
      levels: ERROR_LEVELS,
      ...(stretch.services && { services: stretch.services }),
      order: stretch.cut ? "oldest first" : "newest first",
      limit: stretch.limit,
      onNote: (note: string) => void notes.add(note),
    } as const;
    let read = 0;
    let lastMs = stretch.cut ? stretch.fromMs : stretch.toMs;
    await clusterer.addAll(logs.lines(org, query), (line) => {
      read++;
      lastMs = Number(line.atNs / 1_000_000n);
    });
    done.push({ stretch, read, covered: read < stretch.limit ? stretch : coveredUpTo(stretch, lastMs) });
  }

  const coverages = new Map(
    plan.sampled.map((name) => [
      name,
      new Coverage(done.filter((one) => one.stretch.services?.includes(name)).map((one) => one.covered)),
    ]),
  );
  const rest = new Coverage(
    done.filter(({ stretch }) => !isOfSampled(stretch, plan.sampled)).map((one) => one.covered),
  );
  const sampled = new Set(plan.sampled);
  const series = (cluster: Cluster) =>
    sampled.has(cluster.service)
      ? reckonedSeries(cluster, volumes, steps, done)
      : binned(cluster.timesMs, steps);
  const clusters = clusterer.clusters().map((cluster) => {
    const inOrder = { ...cluster, timesMs: cluster.timesMs.sort((a, b) => a - b) };
    return sampled.has(cluster.service)
      ? { ...inOrder, count: Math.max(cluster.count, Math.round(sumOf(series(inOrder)))) }
      : inOrder;
  });
  return {
    clusters,
    kindsLeftOut: clusterer.kindsLeftOut(),
    linesRead: sumOf(done.map(({ read }) => read)),
    sampled: plan.sampled,
    unread: plan.unread,
    notes: [...notes],
    covered: (name) => coverages.get(name) ?? rest,
    series,
  };
}

interface Done {
  stretch: Stretch;
  read: number;
  covered: TimeRange;
}

function coveredUpTo({ fromMs, toMs, cut }: Stretch, lastMs: number): TimeRange {
  return cut ? { fromMs, toMs: lastMs + 1 } : { fromMs: lastMs, toMs };
}

function isOfSampled({ services }: Stretch, sampled: readonly string[]): boolean {
  return services?.length === 1 && sampled.includes(services[0] as string);
}

function binned(timesMs: readonly number[], { fromMs, stepMs, count }: Steps): number[] {
  const series = new Array<number>(count).fill(0);
  for (const atMs of timesMs) {
    const step = Math.floor((atMs - fromMs) / stepMs);
    if (step >= 0 && step < count) series[step] = (series[step] as number) + 1;
  }
  return series;
}

/** In each stretch the cluster has the share of the counted lines that it has of the lines read. */
function reckonedSeries(
  cluster: Cluster,
  volumes: readonly CountSeries[],
  steps: Steps,
  done: readonly Done[],
): number[] {
  const ofService = volumes.filter(
    ({ service, level }) =>
      service === cluster.service && ERROR_LEVELS.some((errorLevel) => errorLevel === level),
  );
  const exact = binned(cluster.timesMs, steps);
  const series = new Array<number>(steps.count).fill(0);
  for (const { stretch, read, covered } of done) {
    if (!stretch.services?.includes(cluster.service) || read === 0) continue;
    const from = Math.round((stretch.fromMs - steps.fromMs) / steps.stepMs);
    const to = Math.round((stretch.toMs - steps.fromMs) / steps.stepMs);
    const own = sumOf(exact.slice(from, to));
    const isWhole = covered.fromMs <= stretch.fromMs && covered.toMs >= stretch.toMs;
    for (let step = from; step < to; step++) {
      const volume = sumOf(ofService.map(({ counts }) => counts[step] ?? 0));
      series[step] = isWhole ? (exact[step] as number) : (volume * own) / read;
    }
  }
  return series;
}
