import type { Answer, Asked } from "./endpoints.ts";
import { LokiFailure } from "./failure.ts";
import { labelsJson } from "./lineLabels.ts";
import { parseQuery, parseSelector } from "./parse.ts";
import { readSpan, type Span, withinLimits } from "./spans.ts";
import type { Chunk, Stream } from "./stream.ts";
import { readStep } from "./times.ts";

/** Volumes read no line, and say so. */
const NO_STATS = JSON.stringify({
  summary: { totalBytesProcessed: 0, totalLinesProcessed: 0, execTime: 0, queueTime: 0 },
});

/** Chunks younger than this are still in the ingester's memory. */
const FLUSH_MS = 2 * 3_600_000;

export function labelNames(asked: Asked): string {
  return names(streamsIn(asked, span(asked)).flatMap((stream) => [...stream.labels.keys()]));
}

export function labelValues(label: string): (asked: Asked) => string {
  return (asked) => names(streamsIn(asked, span(asked)).flatMap((stream) => stream.labels.get(label) ?? []));
}

/** Recorded: an empty list has no `data` at all. */
function names(found: readonly string[]): string {
  const sorted = [...new Set(found)].sort();
  return sorted.length === 0
    ? '{"status":"success"}'
    : `{"status":"success","data":${JSON.stringify(sorted)}}`;
}

export function series(asked: Asked): string {
  const range = span(asked);
  const selectors = [...asked.params.getAll("match[]"), ...asked.params.getAll("match")];
  const found =
    selectors.length === 0
      ? overlapping(asked.shelf.select(asked.org, []), range)
      : selectors.flatMap((text) => overlapping(asked.shelf.select(asked.org, parseSelector(text)), range));
  return `{"status":"success","data":[${[...new Set(found)].map(({ json }) => json).join(",")}]}`;
}

export function patterns(asked: Asked): string {
  parseSelector(asked.params.get("query") ?? "");
  return '{"status":"success","data":[]}';
}

/** Only what was flushed counts, so fresh lines are zero. */
export function stats(asked: Asked): string {
  const { rules } = asked;
  const range = readSpan(asked.params, rules);
  const streams = overlapping(selected(asked), range);
  const youngestNs = (BigInt(Math.trunc(rules.now())) - BigInt(FLUSH_MS)) * 1_000_000n;
  const total = { streams: 0, chunks: 0, bytes: 0, entries: 0 };
  for (const stream of streams) {
    const flushed = stream.chunks.filter((chunk) => chunk.toNs < youngestNs && shareOf(chunk, range) > 0);
    if (flushed.length > 0) total.streams += 1;
    for (const { bytes, lines } of flushed) {
      total.chunks += 1;
      total.bytes += bytes;
      total.entries += lines;
    }
  }
  return JSON.stringify(total);
}

export function volume(asked: Asked): string {
  const range = readSpan(asked.params, asked.rules);
  const at = ms(range.endNs);
  const rows = volumes(asked, [range]).map(
    ({ metric, bytes: [bytes = 0] }) => `{"metric":${metric},"value":[${at / 1_000},"${bytes}"]}`,
  );
  return `{"status":"success","data":{"resultType":"vector","result":[${rows.join(",")}],"stats":${NO_STATS}}}`;
}

/** Points stand a millisecond before the end of their interval; the last interval ends where the range does. */
export function volumeRange(asked: Asked): string {
  const { startNs, endNs } = readSpan(asked.params, asked.rules);
  const stepNs = readStep(asked.params.get("step"), endNs - startNs);
  const spans: Span[] = [];
  for (let from = startNs; from < endNs; ) {
    const next = from - (from % stepNs) + stepNs;
    spans.push({ startNs: from, endNs: earlier(next, endNs) });
    from = next;
  }
  const times = spans.map(({ endNs: to }) => (to < endNs ? ms(to) - 1 : ms(to)) / 1_000);
  const rows = volumes(asked, spans).map(({ metric, bytes }) => {
    const values = bytes.flatMap((amount, index) => (amount > 0 ? [`[${times[index]},"${amount}"]`] : []));
    return `{"metric":${metric},"values":[${values.join(",")}]}`;
  });
  return `{"status":"success","data":{"resultType":"matrix","result":[${rows.join(",")}],"stats":${NO_STATS}}}`;
}

interface Volume {
  metric: string;
  bytes: number[];
}

/** Bytes by label values, most first; of a chunk that a range cuts, the share that lies inside. */
function volumes(asked: Asked, spans: readonly Span[]): Volume[] {
  const { params, rules } = asked;
  if (!rules.limits.volumeEnabled) throw new LokiFailure(404, "not found");
  const matchers = parseSelector(params.get("query") ?? "");
  const targets = params.get("targetLabels")?.split(",").filter(Boolean) ?? [];
  const byLabels = params.get("aggregateBy") === "labels";
  const names = targets.length > 0 ? targets : matchers.map(({ name }) => name);
  const rows = new Map<string, number[]>();
  for (const stream of asked.shelf.select(asked.org, matchers)) {
    const amounts = spans.map((one) => bytesIn(stream, one));
    for (const metric of byLabels ? labelMetrics(stream, targets) : [seriesMetric(stream, names)]) {
      const row = rows.get(metric) ?? spans.map(() => 0);
      rows.set(
        metric,
        row.map((bytes, index) => bytes + (amounts[index] ?? 0)),
      );
    }
  }
  const total = (bytes: readonly number[]) => bytes.reduce((sum, one) => sum + one, 0);
  return [...rows]
    .map(([metric, bytes]) => ({ metric, bytes: bytes.map(Math.round) }))
    .filter(({ bytes }) => total(bytes) > 0)
    .sort((a, b) => total(b.bytes) - total(a.bytes) || (a.metric < b.metric ? -1 : 1))
    .slice(0, Number(params.get("limit") ?? 100));
}

function labelMetrics(stream: Stream, targets: readonly string[]): string[] {
  const chosen = [...stream.labels.keys()].filter((name) => targets.length === 0 || targets.includes(name));
  return chosen.map((name) => labelsJson(new Map([[name, ""]])));
}

function seriesMetric(stream: Stream, names: readonly string[]): string {
  return labelsJson(new Map([...stream.labels].filter(([name]) => names.includes(name))));
}

function bytesIn(stream: Stream, range: Span): number {
  return stream.chunks.reduce((bytes, chunk) => bytes + chunk.bytes * shareOf(chunk, range), 0);
}

function shareOf({ fromNs, toNs }: Chunk, { startNs, endNs }: Span): number {
  const from = fromNs > startNs ? fromNs : startNs;
  const to = earlier(toNs, endNs);
  if (from > to) return 0;
  return fromNs === toNs ? 1 : Number(to - from) / Number(toNs - fromNs);
}

function span(asked: Asked): Span {
  return withinLimits(readSpan(asked.params, asked.rules), asked.rules);
}

function streamsIn(asked: Asked, range: Span): Stream[] {
  return overlapping(selected(asked), range);
}

function selected({ shelf, org, params }: Asked): Stream[] {
  const text = params.get("query");
  return shelf.select(org, text === null || text === "" ? [] : parseSelector(text));
}

/**
 * The index knows chunks, not lines: a stream is in a range that one of its chunks touches, even where no line
 * of it lies inside. (Real chunks may be longer still.)
 */
function overlapping(streams: readonly Stream[], { startNs, endNs }: Span): Stream[] {
  return streams.filter(({ chunks }) =>
    chunks.some(({ fromNs, toNs }) => fromNs <= endNs && toNs >= startNs),
  );
}

/** A cheap check of a query: what it says, or the one error that is JSON. */
export function formatQuery(params: URLSearchParams): Answer {
  const headers = { "content-type": "application/json; charset=UTF-8" };
  const query = params.get("query") ?? "";
  try {
    parseQuery(query);
  } catch (problem) {
    if (!(problem instanceof LokiFailure)) throw problem;
    return {
      status: 400,
      headers,
      body: `${JSON.stringify({ status: "invalid-query", error: problem.message })}\n`,
    };
  }
  return { status: 200, headers, body: `${JSON.stringify({ status: "success", data: query })}\n` };
}

function ms(ns: bigint): number {
  return Number(ns / 1_000_000n);
}

function earlier(a: bigint, b: bigint): bigint {
  return b < a ? b : a;
}
