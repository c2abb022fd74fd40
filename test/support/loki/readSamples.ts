import { badRequest, unknownHere } from "./failure.ts";
import { keyOf, type Labels, LineLabels, labelsText } from "./lineLabels.ts";
import type { Work } from "./readLines.ts";
import { compilePipeline, type Pipeline, runSteps } from "./stages.ts";
import { lineBytes, type Metadata, type Stream } from "./stream.ts";
import type { Grouping, LogQuery, Matcher, MetricQuery, RangeFunction } from "./syntax.ts";

/** A series: NaN stands for no value at that point. */
export interface Series {
  labels: Labels;
  values: Float64Array;
}

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
    const group = grouped(labels, groups);
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

function grouped(labels: Labels, { without, labels: names }: Grouping): Labels {
  // An empty label is as good as none: such series leave it out.
  return new Map([...labels].filter(([name, value]) => names.includes(name) !== without && value !== ""));
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
  const pipeline = compilePipeline(log.stages);
  for (const stream of evaluation.select(log.matchers)) tally.add(stream, pipeline, log, evaluation.work);
  return tally.series();
}

/** How many lines or bytes came in at a point and went out before one: sums of them are the values. */
interface Count {
  labels: Labels;
  lines: Float64Array;
  amount: Float64Array;
}

/** Counts the lines of a stream into the windows (T − range, T] of all points in one walk. */
class Tally {
  readonly #counts = new Map<string, Count>();
  readonly #function: RangeFunction;
  readonly #rangeNs: bigint;
  readonly #pointsNs: BigInt64Array;
  readonly #grouping: Grouping | undefined;

  constructor(
    name: RangeFunction,
    rangeNs: bigint,
    pointsNs: readonly bigint[],
    grouping: Grouping | undefined,
  ) {
    this.#function = name;
    this.#rangeNs = rangeNs;
    this.#pointsNs = BigInt64Array.from(pointsNs);
    this.#grouping = grouping;
  }

  add(stream: Stream, pipeline: Pipeline, log: LogQuery, work: Work): void {
    const points = this.#pointsNs;
    const last = points.length - 1;
    const index = stream.firstAt((points[0] ?? 0n) - this.#rangeNs + 1n);
    const end = stream.firstAt((points[last] ?? 0n) + 1n);
    work.lines += end - index;
    const byMetadata = new Map<Metadata, Count>();
    const bytes = this.#function.startsWith("bytes");
    let first = 0;
    let past = 0;
    for (let at = index; at < end; at += 1) {
      const atNs = stream.times[at] ?? 0n;
      // The first point at or after the line, and the first whose window has left it behind.
      while (first <= last && (points[first] ?? 0n) < atNs) first += 1;
      while (past <= last && (points[past] ?? 0n) < atNs + this.#rangeNs) past += 1;
      const text = stream.texts[at] ?? "";
      const metadata = stream.metadata[at];
      if (metadata === undefined || first >= past) continue;
      if (log.stages.length > 0 || bytes) work.bytes += lineBytes(text, metadata);
      if (!pipeline.passes(text)) continue;
      const found = this.#countOf(stream, metadata, text, pipeline, byMetadata);
      if (found === undefined) continue;
      const amount = bytes ? Buffer.byteLength(found.text) : 1;
      const { lines, amount: amounts } = found.count;
      lines[first] = (lines[first] ?? 0) + 1;
      lines[past] = (lines[past] ?? 0) - 1;
      amounts[first] = (amounts[first] ?? 0) + amount;
      amounts[past] = (amounts[past] ?? 0) - amount;
    }
  }

  #countOf(
    stream: Stream,
    metadata: Metadata,
    text: string,
    { steps }: Pipeline,
    byMetadata: Map<Metadata, Count>,
  ): { count: Count; text: string } | undefined {
    if (steps.length > 0) {
      const labels = new LineLabels(stream.labels, metadata.labels);
      const written = runSteps(steps, text, labels);
      if (written === undefined) return undefined;
      if (labels.error !== "") throw pipelineError(labels);
      if (labels.changed) return { count: this.#countFor(labels.merged()), text: written };
      const known = byMetadata.get(metadata) ?? this.#countFor(labels.merged());
      byMetadata.set(metadata, known);
      return { count: known, text: written };
    }
    const known =
      byMetadata.get(metadata) ?? this.#countFor(new LineLabels(stream.labels, metadata.labels).merged());
    byMetadata.set(metadata, known);
    return { count: known, text };
  }

  #countFor(all: Labels): Count {
    const labels = this.#grouping === undefined ? all : grouped(all, this.#grouping);
    const key = keyOf(labels);
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const length = this.#pointsNs.length + 1;
    const made = { labels, lines: new Float64Array(length), amount: new Float64Array(length) };
    this.#counts.set(key, made);
    return made;
  }

  series(): Series[] {
    const seconds =
      this.#function === "rate" || this.#function === "bytes_rate" ? Number(this.#rangeNs) / 1e9 : 1;
    return [...this.#counts.values()].map(({ labels, lines, amount }) => {
      let present = 0;
      let sum = 0;
      const values = new Float64Array(this.#pointsNs.length);
      for (let point = 0; point < values.length; point += 1) {
        present += lines[point] ?? 0;
        sum += amount[point] ?? 0;
        // No line, no value: Loki leaves the point out.
        values[point] = present === 0 ? Number.NaN : sum / seconds;
      }
      return { labels, values };
    });
  }
}

/** One line with an error fails the whole query; the message quotes all its labels and fields. */
function pipelineError(labels: LineLabels): Error {
  const { error } = labels;
  return badRequest(
    `pipeline error: '${error}' for series: '${labelsText(labels.merged())}'.\n` +
      `Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").\n` +
      'To skip all potential errors you can match empty errors.(e.g __error__="")\n' +
      'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
  );
}
