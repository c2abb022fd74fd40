import { isErrorLevel } from "../clusters/cluster.ts";
import type { CountSeries, TimeRange } from "../logs/source.ts";
import { findStepRise } from "./changePoint.ts";
import { sumOf } from "./numbers.ts";
import type { Steps } from "./steps.ts";

/** One query: all error lines of these services in that time, or as many of them as the limit lets through. */
export interface Stretch extends TimeRange {
  /** All of them where absent. */
  services?: readonly string[];
  limit: number;
  /** Lines that were counted in it. */
  counted: number;
  /** More than the limit: its beginning is read, which shows how it began. */
  cut: boolean;
}

export interface ReadingPlan {
  stretches: Stretch[];
  /** Services too loud to be read whole: their stretches are read from the start of each. */
  sampled: string[];
  /** Loud services beyond those that can be sampled: not read at all. */
  unread: string[];
}

/** A loud service is read in so many stretches at most; each is a query. */
const MOST_STRETCHES = 12;
/** Fewer lines than this tell little of a stretch. */
const LINES_A_STRETCH = 400;
const MOST_SAMPLED = 20;

/**
 * Which lines to read of more than can be read. Quiet services are read whole, so that a loud one cannot crowd
 * them out; loud ones share what is left, and the asked one gets half if it needs that. A loud service is read in
 * stretches over the whole time, one of which begins where its errors rose: the newest lines alone would show an
 * incident without its beginning.
 * @param budget lines at most, over all queries
 */
export function planReading(
  volumes: readonly CountSeries[],
  asked: string,
  steps: Steps,
  budget: number,
): ReadingPlan {
  const range = { fromMs: steps.fromMs, toMs: steps.fromMs + steps.count * steps.stepMs };
  const counts = errorsByService(volumes, steps.count);
  const total = sumOf([...counts.values()].map(sumOf));
  if (total <= budget) {
    return { stretches: [{ ...range, limit: budget, counted: total, cut: false }], sampled: [], unread: [] };
  }
  const countOf = (service: string) => sumOf(counts.get(service) ?? []);
  const shares = sharesOf(counts, asked, budget);
  const whole = [...counts.keys()].filter((service) => countOf(service) <= shareOf(shares, service));
  const loud = [...counts.keys()]
    .filter((service) => !whole.includes(service))
    .sort((a, b) => Number(b === asked) - Number(a === asked) || countOf(b) - countOf(a));
  const sampled = loud.slice(0, MOST_SAMPLED);
  const ofLoud = (services: readonly string[]) =>
    services.flatMap((service) =>
      stretchesOf(service, counts.get(service) as number[], steps, shareOf(shares, service)),
    );
  const counted = sumOf(whole.map(countOf));
  const ofWhole =
    whole.length > 0 ? [{ ...range, services: whole, limit: withSlack(counted), counted, cut: false }] : [];
  // The first kinds that are read are the ones that are told apart.
  const [first, others] = sampled[0] === asked ? [[asked], sampled.slice(1)] : [[], sampled];
  const stretches = [...ofLoud(first), ...ofWhole, ...ofLoud(others)];
  return { stretches, sampled, unread: loud.slice(MOST_SAMPLED) };
}

function errorsByService(volumes: readonly CountSeries[], count: number): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const { service, level, counts } of volumes) {
    if (!isErrorLevel(level)) continue;
    const sum = sums.get(service) ?? new Array<number>(count).fill(0);
    sums.set(service, sum);
    for (let i = 0; i < count; i++) sum[i] = (sum[i] as number) + (counts[i] ?? 0);
  }
  return sums;
}

/** What the asked service gets, and what every other one gets at most. */
interface Shares {
  asked: string;
  ofAsked: number;
  ofOthers: number;
}

function sharesOf(counts: ReadonlyMap<string, number[]>, asked: string, budget: number): Shares {
  const others = [...counts].filter(([service]) => service !== asked).map(([, steps]) => sumOf(steps));
  const ofAsked = Math.min(sumOf(counts.get(asked) ?? []), Math.max(budget / 2, budget - sumOf(others)));
  return { asked, ofAsked, ofOthers: fairCap(others, budget - ofAsked) };
}

function shareOf({ asked, ofAsked, ofOthers }: Shares, service: string): number {
  return service === asked ? ofAsked : ofOthers;
}

/** The cap under which these numbers, each cut to it, sum up to no more than `total` (max-min fairness). */
function fairCap(numbers: readonly number[], total: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  let left = total;
  for (const [i, number] of sorted.entries()) {
    const cap = left / (sorted.length - i);
    if (number > cap) return cap;
    left -= number;
  }
  return Number.POSITIVE_INFINITY;
}

function stretchesOf(service: string, counts: readonly number[], steps: Steps, share: number): Stretch[] {
  const parts = Math.min(MOST_STRETCHES, Math.max(2, Math.round(share / LINES_A_STRETCH)));
  const rise = findStepRise(counts);
  const edges = new Set([0, rise, Math.max(0, rise - 1), counts.length]);
  for (let part = 1; part < parts; part++) edges.add(Math.round((part * counts.length) / parts));
  const inOrder = [...edges].sort((a, b) => a - b);
  const pieces = inOrder.slice(1).map((to, i) => {
    const from = inOrder[i] as number;
    return { from, to, counted: sumOf(counts.slice(from, to)) };
  });
  const cap = Math.floor(
    fairCap(
      pieces.map(({ counted }) => counted),
      share,
    ),
  );
  return pieces.map(({ from, to, counted }) => ({
    fromMs: steps.fromMs + from * steps.stepMs,
    toMs: steps.fromMs + to * steps.stepMs,
    services: [service],
    limit: counted <= cap ? withSlack(counted) : Math.max(1, cap),
    counted,
    cut: counted > cap,
  }));
}

/** Lines may have come since they were counted. */
function withSlack(count: number): number {
  return count + 100 + Math.ceil(count / 20);
}
