import type { Ask, ServiceRef } from "../../src/logs/source.ts";
import { type Labels, seriesOf } from "./answers.ts";
import { grouped, isSet, selector } from "./logql.ts";
import type { Shape } from "./shape.ts";

export interface PlaceParts {
  askInstant(query: string, atMs: number): Promise<unknown>;
  askVolume(query: string, fromMs: number, toMs: number, labels: readonly string[]): Promise<unknown>;
}

/** Longer ranges are asked of the index, which is cheap and knows chunks rather than lines. */
const COUNTED_MS = 6 * 60 * 60_000;
const MINUTE_MS = 60_000;

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
  const by = [shape.service, ...(shape.namespace === undefined ? [] : [shape.namespace])];
  const all = selector([isSet(shape.service)]);
  const isLong = toMs - fromMs > COUNTED_MS;
  const from = isLong ? Math.floor(fromMs / MINUTE_MS) * MINUTE_MS : Math.floor(fromMs);
  const to = isLong ? Math.ceil(toMs / MINUTE_MS) * MINUTE_MS : Math.floor(toMs);
  const answer =
    isLong && shape.volume
      ? await parts.askVolume(all, from, to, by)
      : await parts.askInstant(grouped(by, all, to - from, 1n), to);
  const refs = new Map<string, ServiceRef>();
  for (const { labels, points } of seriesOf(answer)) {
    if (points.length === 0) continue;
    const ref = refOf(labels, shape);
    if (ref.service !== "") refs.set(JSON.stringify(ref), ref);
  }
  return [...refs.values()].sort(
    (a, b) => compareText(a.service, b.service) || compareText(a.namespace, b.namespace),
  );
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
