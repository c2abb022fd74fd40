import type { CountQuery, CountSeries, Level } from "../../src/logs/source.ts";
import { type Labels, type Series, seriesOf } from "./answers.ts";
import { LokiFailure } from "./failure.ts";
import {
  DETECTED,
  EXTRACTED,
  extractedLevel,
  extractLevel,
  FIELD,
  levelOfLabels,
  unknownLevel,
} from "./levels.ts";
import { grouped } from "./logql.ts";
import { acceptsLevel, joined, placesOf, textOf } from "./parts.ts";
import type { Shape } from "./shape.ts";

export interface CountParts {
  /** A metric query over points from `firstMs` to `lastMs`, every `stepMs`. */
  askRange(query: string, firstMs: number, lastMs: number, stepMs: number): Promise<unknown>;
  /** The same for one point. */
  askInstant(query: string, atMs: number): Promise<unknown>;
  /** The names of all services of the range. */
  services(): Promise<string[]>;
}

/** Loki's own limit is 11,000 points a series. */
const MOST_POINTS = 10_000;

/**
 * Lines by service, namespace and level, in steps that begin where the query says. One metric query counts all
 * services; a second one those lines whose level only their text says, where there are any.
 */
export async function countLines(query: CountQuery, shape: Shape, parts: CountParts): Promise<CountSeries[]> {
  try {
    return await countAtOnce(query, shape, parts);
  } catch (error) {
    if (!(error instanceof LokiFailure) || error.kind !== "too many series") throw error;
    // More services and levels than Loki counts at once: half of the services at a time.
    const services = query.services ?? (await parts.services());
    if (services.length < 2) throw error;
    const middle = Math.ceil(services.length / 2);
    const halves = [services.slice(0, middle), services.slice(middle)].map((half) =>
      countLines({ ...query, services: half }, shape, parts),
    );
    return (await Promise.all(halves)).flat();
  }
}

async function countAtOnce(query: CountQuery, shape: Shape, parts: CountParts): Promise<CountSeries[]> {
  const table = new CountTable(query);
  const labels = placeLabels(shape);
  const levelLabels = [
    ...(shape.level === undefined ? [] : [shape.level]),
    ...(shape.detectsLevel ? [DETECTED] : []),
  ];
  for (const matchers of placesOf(query, shape)) {
    const all = { matchers, pipeline: "" };
    for (const { labels: of, counts } of await countSteps(
      textOf(all),
      [...labels, ...levelLabels],
      query,
      shape,
      parts,
    )) {
      table.add(of, shape, levelOfLabels(of, of, shape), counts, 1);
    }
    if (!table.hasUnknown()) continue;
    const unknown = unknownLevel(shape);
    const inText = {
      matchers: [...matchers, ...unknown.matchers],
      pipeline: joined(unknown.pipeline, extractLevel(), '| __error__=""'),
    };
    for (const { labels: of, counts } of await countSteps(
      textOf(inText),
      [...labels, EXTRACTED, FIELD],
      query,
      shape,
      parts,
    )) {
      const level = extractedLevel(of);
      if (level === undefined) continue;
      table.add(of, shape, undefined, counts, -1);
      table.add(of, shape, level, counts, 1);
    }
  }
  return table.series();
}

function placeLabels(shape: Shape): string[] {
  return [shape.service, ...(shape.namespace === undefined ? [] : [shape.namespace])];
}

/** As many points as one query may have, by their number and by how far they reach. */
function mostPoints(stepMs: number, { maxRangeMs }: Shape): number {
  if (maxRangeMs === 0) return MOST_POINTS;
  return Math.max(1, Math.min(MOST_POINTS, Math.floor(maxRangeMs / stepMs)));
}

interface Counted {
  labels: Labels;
  counts: number[];
}

/**
 * Counts by labels and step. Loki moves the points of a range query onto multiples of the step and counts what lies
 * in (T − step, T], so each point is moved back to the end of our step by an offset, less one nanosecond, which
 * makes it [begin, end).
 */
async function countSteps(
  pipeline: string,
  by: readonly string[],
  { fromMs, toMs, stepMs }: CountQuery,
  shape: Shape,
  parts: CountParts,
): Promise<Counted[]> {
  const steps = Math.ceil((toMs - fromMs) / stepMs);
  const whole = Math.floor((toMs - fromMs) / stepMs);
  const rows = new Map<string, Counted>();
  const add = ({ labels, points }: Series, stepAt: (seconds: number) => number) => {
    const key = JSON.stringify(by.map((label) => labels[label] ?? ""));
    const row = rows.get(key) ?? { labels, counts: new Array<number>(steps).fill(0) };
    rows.set(key, row);
    for (const [seconds, value] of points) {
      const step = stepAt(seconds);
      // A point more than asked for lies on either side of the range.
      if (step >= 0 && step < steps) row.counts[step] = (row.counts[step] as number) + value;
    }
  };

  async function countFrom(first: number, count: number): Promise<void> {
    const endMs = fromMs + (first + 1) * stepMs;
    const pointMs = Math.ceil(endMs / stepMs) * stepMs;
    const offsetNs = BigInt(pointMs - endMs) * 1_000_000n + 1n;
    const asked = grouped(by, pipeline, stepMs, offsetNs);
    const answer = await parts
      .askRange(asked, pointMs, pointMs + (count - 1) * stepMs, stepMs)
      .catch(async (error: unknown) => {
        if (!(error instanceof LokiFailure) || !error.narrowerHelps || count < 2) throw error;
        const half = Math.ceil(count / 2);
        await countFrom(first, half);
        await countFrom(first + half, count - half);
      });
    if (answer === undefined) return;
    for (const series of seriesOf(answer)) {
      add(series, (seconds) => {
        const point = Math.round((seconds * 1_000 - pointMs) / stepMs);
        return point >= 0 && point < count ? first + point : -1;
      });
    }
  }
  const most = mostPoints(stepMs, shape);
  for (let first = 0; first < whole; first += most) await countFrom(first, Math.min(most, whole - first));
  if (whole < steps) {
    // A last step that the range cuts.
    const restMs = toMs - (fromMs + whole * stepMs);
    for (const series of seriesOf(await parts.askInstant(grouped(by, pipeline, restMs, 1n), toMs))) {
      add(series, () => whole);
    }
  }
  return [...rows.values()];
}

/** Sums up by what a line is counted as. */
class CountTable {
  readonly #rows = new Map<string, CountSeries>();
  readonly #query: CountQuery;

  constructor(query: CountQuery) {
    this.#query = query;
  }

  add(labels: Labels, shape: Shape, level: Level | undefined, counts: readonly number[], sign: 1 | -1): void {
    const { fromMs, stepMs } = this.#query;
    const service = labels[shape.service] ?? "";
    const namespace = shape.namespace === undefined ? "" : (labels[shape.namespace] ?? "");
    const key = JSON.stringify([service, namespace, level ?? ""]);
    const row = this.#rows.get(key) ?? {
      service,
      namespace,
      level,
      fromMs,
      stepMs,
      counts: counts.map(() => 0),
    };
    this.#rows.set(key, row);
    counts.forEach((count, i) => {
      row.counts[i] = Math.max(0, (row.counts[i] ?? 0) + sign * count);
    });
  }

  hasUnknown(): boolean {
    return [...this.#rows.values()].some(
      (row) => row.level === undefined && row.counts.some((count) => count > 0),
    );
  }

  series(): CountSeries[] {
    return [...this.#rows.values()].filter(
      (row) => acceptsLevel(row.level, this.#query.levels) && row.counts.some((count) => count > 0),
    );
  }
}
