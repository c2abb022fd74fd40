import type { ServiceRef } from "../logs/source.ts";
import { logLikelihood } from "./changePoint.ts";
import { sumOf } from "./numbers.ts";

/**
 * Lines of one template that are no errors: what a service says while it works. How many there were just before, since, and
 * at another time when all was well.
 */
export interface FlowCount extends ServiceRef {
  template: string;
  before: number;
  after: number;
  earlier: number;
}

/** For how long each of them was counted, in milliseconds; 0 where it was not. */
export interface FlowTimes {
  beforeMs: number;
  afterMs: number;
  earlierMs: number;
}

/** Talk that stopped or fell far: a third of the faults that were measured show in nothing else. */
export interface FlowDrop extends ServiceRef {
  template: string;
  /** Lines a minute to expect, by what all services had to do since; and those that came. */
  perMinuteUsual: number;
  perMinuteNow: number;
  /** What it is held against. */
  against: "before" | "earlier";
  /** Log-likelihood ratio of two Poisson rates against one, in nats. */
  gain: number;
}

/** Fewer lines to compare with than this tell nothing. */
const MIN_LINES = 3;
/** What is more than this part of the usual has not dropped. */
const MOST_LEFT = 2 / 3;
/** A drop below this many nats is chance among hundreds of templates. */
const MIN_GAIN = 5;
/** Templates of one service shown: a service that stopped drops all of them. */
const MOST_OF_A_SERVICE = 2;
const MOST = 6;

/**
 * The surest drops, at most two a service. All services may have had less to do since: what is usual is therefore scaled by the
 * weighted median of how all templates changed, which those that dropped do not move.
 */
export function findDrops(flows: readonly FlowCount[], times: FlowTimes): FlowDrop[] {
  const drops = [...dropsAgainst("before", flows, times), ...dropsAgainst("earlier", flows, times)].sort(
    (a, b) => b.gain - a.gain,
  );
  const kept: FlowDrop[] = [];
  for (const drop of drops) {
    const ofService = kept.filter(({ service }) => service === drop.service);
    if (
      ofService.length === MOST_OF_A_SERVICE ||
      ofService.some(({ template }) => template === drop.template)
    )
      continue;
    kept.push(drop);
    if (kept.length === MOST) break;
  }
  return kept;
}

function dropsAgainst(
  against: "before" | "earlier",
  flows: readonly FlowCount[],
  { beforeMs, afterMs, earlierMs }: FlowTimes,
): FlowDrop[] {
  const usualMs = against === "before" ? beforeMs : earlierMs;
  if (usualMs <= 0 || afterMs <= 0) return [];
  const change = changeOfAll(flows, against) * (usualMs / afterMs);
  if (change <= 0) return [];
  // So long the usual lines would have taken, with as much to do as since.
  const scaledMs = usualMs / change;
  return flows.flatMap(({ service, namespace, template, after, ...counts }) => {
    const usual = counts[against];
    if (usual < MIN_LINES || after / afterMs > (MOST_LEFT * usual) / scaledMs) return [];
    const gain =
      logLikelihood(usual, scaledMs) +
      logLikelihood(after, afterMs) -
      logLikelihood(usual + after, scaledMs + afterMs);
    if (gain < MIN_GAIN) return [];
    const perMinuteUsual = (usual / scaledMs) * 60_000;
    const perMinuteNow = (after / afterMs) * 60_000;
    return [{ service, namespace, template, perMinuteUsual, perMinuteNow, against, gain }];
  });
}

/** Lines since for each line of before, as most lines have it. */
function changeOfAll(flows: readonly FlowCount[], against: "before" | "earlier"): number {
  const changes = flows
    .filter((flow) => flow[against] > 0)
    .map((flow) => ({ change: flow.after / flow[against], weight: flow[against] }))
    .sort((a, b) => a.change - b.change);
  const half = sumOf(changes.map(({ weight }) => weight)) / 2;
  let passed = 0;
  for (const { change, weight } of changes) {
    passed += weight;
    if (passed >= half) return change;
  }
  return 1;
}
