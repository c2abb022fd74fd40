import { unknownHere } from "./failure.ts";
import { keyOf, type Labels, LineLabels } from "./lineLabels.ts";
import type { Work } from "./readLines.ts";
import { compilePipeline } from "./stages.ts";
import type { Stream } from "./stream.ts";
import type { Grouping, Matcher, MetricQuery, Stage } from "./syntax.ts";
import { groupOf, type Series, Tally } from "./tally.ts";

export interface Evaluation {
  /** The points, in nanoseconds and rising. */
  pointsNs: readonly bigint[];
  select: (matchers: readonly Matcher[]) => Stream[];
  work: Work;
}

export function evaluate(query: MetricQuery, evaluation: Evaluation): Series[] {
  if (query.kind === "range") return evaluateRange(query, undefined, evaluation);
  const { of, function: name, grouping } = query;
  const groups = grouping ?? { without: false, labels: [] };
  // Sums of counts can be taken line by line; anything else needs the inner series first.
  if (name === "sum" && of.kind === "range") return evaluateRange(of, groups, evaluation);
  const found = new Map<string, { labels: Labels; parts: Float64Array[] }>();
  for (const { labels, values } of evaluate(of, evaluation)) {
    const group = groupOf(new LineLabels(labels, new Map()), groups);
    const key = keyOf(group);
    const known = found.get(key) ?? { labels: group, parts: [] };
    found.set(key, known);
    known.parts.push(values);
  }
  return [...found.values()].map(({ labels, parts }) => ({
    labels,
    values: evaluation.pointsNs.reduce((values, _, point) => {
      values[point] = combine(
        name,
        parts.map((part) => part[point] ?? Number.NaN).filter((value) => !Number.isNaN(value)),
      );
      return values;
    }, new Float64Array(evaluation.pointsNs.length)),
  }));
}

function combine(name: string, values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sum = values.reduce((all, one) => all + one, 0);
  switch (name) {
    case "sum":
      return sum;
    case "avg":
      return sum / values.length;
    case "count":
      return values.length;
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    default:
      throw unknownHere(name);
  }
}

type RangeQuery = Extract<MetricQuery, { kind: "range" }>;

function evaluateRange(query: RangeQuery, grouping: Grouping | undefined, evaluation: Evaluation): Series[] {
  const { log, rangeNs, offsetNs } = query;
  const tally = new Tally(
    query.function,
    rangeNs,
    evaluation.pointsNs.map((pointNs) => pointNs - offsetNs),
    grouping,
  );
  const pipeline = compilePipeline(needed(log.stages, grouping));
  for (const stream of evaluation.select(log.matchers)) tally.add(stream, pipeline, evaluation.work);
  return tally.series();
}

/**
 * A sum over everything that asks no label: Loki then skips the parsers, and lines that they would stumble
 * over do not fail the query. All stages are compiled all the same, as all of them must be right.
 */
function needed(stages: readonly Stage[], grouping: Grouping | undefined): readonly Stage[] {
  compilePipeline(stages);
  const asksLabels = stages.some(({ kind }) => kind === "labels" || kind.endsWith("_format"));
  if (grouping === undefined || grouping.without || grouping.labels.length > 0 || asksLabels) return stages;
  return stages.filter(({ kind }) => kind !== "json" && kind !== "logfmt" && kind !== "regexp");
}
