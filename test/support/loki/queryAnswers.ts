import type { Asked } from "./endpoints.ts";
import { badRequest, unknownHere } from "./failure.ts";
import { streamsJson } from "./lineAnswer.ts";
import { labelsJson } from "./lineLabels.ts";
import { parseQuery } from "./parse.ts";
import { readLines, type Work } from "./readLines.ts";
import { evaluate } from "./readSamples.ts";
import { readSpan, type Span, withinLimits } from "./spans.ts";
import { compilePipeline } from "./stages.ts";
import type { LogQuery, MetricQuery } from "./syntax.ts";
import type { Series } from "./tally.ts";
import { readStep, readTime } from "./times.ts";

const DEFAULT_LIMIT = 100;

export function rangeQuery(asked: Asked): string {
  const { params, rules } = asked;
  const begun = performance.now();
  const span = readSpan(params, rules);
  const limit = readLimit(params);
  const forward = readForward(params);
  const stepNs = readStep(params.get("step"), span.endNs - span.startNs);
  if ((span.endNs - span.startNs) / stepNs > BigInt(rules.limits.points)) {
    throw badRequest(
      `exceeded maximum resolution of ${rules.limits.points.toLocaleString("en")} points per time series. Try increasing the value of the step parameter`,
    );
  }
  const query = parseQuery(params.get("query") ?? "");
  if (query.kind === "log" && limit > rules.limits.maxEntries) {
    throw badRequest(
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${rules.limits.maxEntries})`,
    );
  }
  const allowed = withinLimits(span, rules);
  const work = { lines: 0, bytes: 0 };
  const data =
    query.kind === "log"
      ? logAnswer(asked, query, allowed, { limit, forward }, work)
      : `"resultType":"matrix","result":${matrixJson(asked, query, allowed, stepNs, work)}`;
  return success(data, work, begun);
}

export function instantQuery(asked: Asked): string {
  const { params, rules } = asked;
  const begun = performance.now();
  const atNs = readTime("time", params.get("time"), BigInt(Math.trunc(rules.now())) * 1_000_000n);
  readLimit(params);
  readForward(params);
  const query = parseQuery(params.get("query") ?? "");
  if (query.kind === "log") {
    throw badRequest(
      "log queries are not supported as an instant query type, please change your query to a range query type",
    );
  }
  const work = { lines: 0, bytes: 0 };
  const samples = limited(asked, evaluated(asked, query, [atNs], work)).map(
    ({ labels, values }) =>
      `{"metric":${labelsJson(labels)},"value":[${seconds(atNs)},"${number(values[0] ?? 0)}"]}`,
  );
  return success(`"resultType":"vector","result":[${samples.join(",")}]`, work, begun);
}

function readLimit(params: URLSearchParams): number {
  const text = params.get("limit");
  if (text === null || text === "") return DEFAULT_LIMIT;
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) <= 0) throw badRequest("limit must be a positive value");
  return Number(text);
}

function readForward(params: URLSearchParams): boolean {
  const text = params.get("direction") ?? "";
  if (!/^(forward|backward|)$/i.test(text)) throw badRequest(`invalid direction '${text}'`);
  return text.toLowerCase() === "forward";
}

function logAnswer(
  { shelf, org, params, flags, rules, asked }: Asked,
  { matchers, stages }: LogQuery,
  { startNs, endNs }: Span,
  { limit, forward }: { limit: number; forward: boolean },
  work: Work,
): string {
  if (params.has("interval")) throw unknownHere("the parameter interval");
  const lines = readLines(
    shelf.select(org, matchers),
    {
      startNs,
      endNs,
      forward,
      limit,
      pipeline: compilePipeline(stages),
      shuffle: asked,
    },
    work,
  );
  const names = rules.modern && flags !== undefined ? flags.split(",").map((flag) => flag.trim()) : [];
  // An unknown flag is repeated and does nothing.
  const encoding = names.length === 0 ? "" : `"encodingFlags":${JSON.stringify(names)},`;
  const streams = streamsJson(lines, names.includes("categorize-labels"), asked);
  return `"resultType":"streams",${encoding}"result":[${streams}]`;
}

function matrixJson(
  asked: Asked,
  query: MetricQuery,
  { startNs, endNs }: Span,
  stepNs: bigint,
  work: Work,
): string {
  // Outwards to multiples of the step: the first point may lie before the start, the last in the future.
  const points: bigint[] = [];
  const last = endNs % stepNs === 0n ? endNs : endNs - (endNs % stepNs) + stepNs;
  for (let atNs = startNs - (startNs % stepNs); atNs <= last; atNs += stepNs) points.push(atNs);
  const times = points.map(seconds);
  const series = limited(asked, evaluated(asked, query, points, work)).map(({ labels, values }) => {
    const samples: string[] = [];
    for (const [point, value] of values.entries()) {
      if (!Number.isNaN(value)) samples.push(`[${times[point]},"${number(value)}"]`);
    }
    return `{"metric":${labelsJson(labels)},"values":[${samples.join(",")}]}`;
  });
  return `[${series.join(",")}]`;
}

/** Series with a value somewhere; their order is by labels, as Loki sorts them. */
function evaluated(
  { shelf, org }: Asked,
  query: MetricQuery,
  pointsNs: readonly bigint[],
  work: Work,
): Series[] {
  const series = evaluate(query, { pointsNs, select: (matchers) => shelf.select(org, matchers), work });
  return series
    .filter(({ values }) => values.some((value) => !Number.isNaN(value)))
    .map((one) => ({ one, name: labelsJson(one.labels) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ one }) => one);
}

function limited({ rules: { limits } }: Asked, series: Series[]): Series[] {
  if (series.length <= limits.maxSeries) return series;
  throw badRequest(
    `maximum number of series (${limits.maxSeries}) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()`,
  );
}

/** Seconds to the millisecond. */
function seconds(atNs: bigint): string {
  return String(Number(atNs / 1_000_000n) / 1_000);
}

/** As Go writes a float without an exponent. */
function number(value: number): string {
  const text = String(value);
  return text.includes("e-") ? value.toFixed(24).replace(/0+$/, "") : text;
}

function success(data: string, { lines, bytes }: Work, begun: number): string {
  const seconds = Math.max((performance.now() - begun) / 1_000, 1e-6);
  const summary = {
    bytesProcessedPerSecond: Math.round(bytes / seconds),
    linesProcessedPerSecond: Math.round(lines / seconds),
    totalBytesProcessed: bytes,
    totalLinesProcessed: lines,
    execTime: Number(seconds.toFixed(6)),
    queueTime: 0.000_2,
    subqueries: 0,
    totalEntriesReturned: 0,
    splits: 0,
    shards: 0,
  };
  return `{"status":"success","data":{${data},"stats":{"summary":${JSON.stringify(summary)}}}}`;
}
