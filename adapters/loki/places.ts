import type { Ask, ServiceRef } from "../../src/logs/source.ts";
import { type Labels, namesOf, type Series, seriesOf } from "./answers.ts";
import { LokiFailure } from "./failure.ts";
import { grouped, isAnyOf, isSet, selector } from "./logql.ts";
import type { Shape } from "./shape.ts";

export interface PlaceParts {
  askInstant(query: string, atMs: number): Promise<unknown>;
  askVolume(query: string, fromMs: number, toMs: number, labels: readonly string[]): Promise<unknown>;
  /** Values of a label among the streams of a range: of the index, so of a little more than the range. */
  askValues(label: string, fromMs: number, toMs: number): Promise<unknown>;
}

/** Longer ranges are asked of the index, which is cheap and knows chunks rather than lines. */
const COUNTED_MS = 6 * 60 * 60_000;
const MINUTE_MS = 60_000;
/** As Loki is shipped, it refuses to tell of more volumes than this (volume_max_series), or tells of the largest. */
export const MOST_VOLUMES = 1_000;

/**
 * Services that logged in a range, by name. Up to six hours it is exact; beyond that a service may be listed that
 * logged a little outside of it, and the range is widened to whole minutes, so that a kept answer serves again
 * while a name is typed.
 */
export async function findServices(
  { fromMs, toMs }: Ask,
  shape: Shape,
  parts: PlaceParts,
): Promise<ServiceRef[]> {
  if (toMs <= fromMs) return [];
  const isLong = toMs - fromMs > COUNTED_MS;
  const longest = shape.maxRangeMs > 0 ? shape.maxRangeMs : Number.POSITIVE_INFINITY;
  const widened = isLong
    ? { fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, toMs: Math.ceil(toMs / MINUTE_MS) * MINUTE_MS }
    : { fromMs: Math.floor(fromMs), toMs: Math.floor(toMs) };
  // What Loki refuses to look back over is left out: the services of the last part are what can be had.
  const range = { fromMs: Math.max(widened.fromMs, widened.toMs - longest), toMs: widened.toMs };
  const refs = new Map<string, ServiceRef>();
  for (const { labels, points } of await askPlaces(range, isLong, shape, parts)) {
    const ref = refOf(labels, shape);
    if (points.length > 0 && ref.service !== "") refs.set(JSON.stringify(ref), ref);
  }
  return [...refs.values()].sort(
    (a, b) => compareText(a.service, b.service) || compareText(a.namespace, b.namespace),
  );
}

async function askPlaces(
  { fromMs, toMs }: Ask,
  isLong: boolean,
  shape: Shape,
  parts: PlaceParts,
): Promise<Series[]> {
  const by = [shape.service, ...(shape.namespace === undefined ? [] : [shape.namespace])];
  const isOfIndex = isLong && shape.volume;
  const ask = async (matcher: string) =>
    seriesOf(
      isOfIndex
        ? await parts.askVolume(selector([matcher]), fromMs, toMs, by)
        : await parts.askInstant(grouped(by, selector([matcher]), toMs - fromMs, 1n), toMs),
    );

  /** @param names absent: of all services */
  async function placesOf(names?: readonly string[]): Promise<Series[]> {
    const isOne = names?.length === 1;
    try {
      const found = await ask(names === undefined ? isSet(shape.service) : isAnyOf(shape.service, names));
      // So many may be the largest of more.
      if (!isOfIndex || isOne || found.length < MOST_VOLUMES) return found;
    } catch (error) {
      if (isOne || !(error instanceof LokiFailure) || error.kind !== "too many series") throw error;
    }
    // More services than Loki tells of at once: in halves, until each is few enough.
    const all = names ?? (await serviceNames({ fromMs, toMs }, shape, parts));
    const middle = Math.ceil(all.length / 2);
    const halves = [all.slice(0, middle), all.slice(middle)].filter(({ length }) => length > 0);
    return (await Promise.all(halves.map((half) => placesOf(half)))).flat();
  }
  return placesOf();
}

/** The names of all services of a range, and perhaps of a little more. */
export async function serviceNames(
  { fromMs, toMs }: Ask,
  shape: Shape,
  { askValues }: PlaceParts,
): Promise<string[]> {
  return namesOf(await askValues(shape.service, fromMs, toMs));
}

function refOf(labels: Labels, shape: Shape): ServiceRef {
  return {
    service: labels[shape.service] ?? "",
    namespace: shape.namespace === undefined ? "" : (labels[shape.namespace] ?? ""),
  };
}

/** By code unit: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
