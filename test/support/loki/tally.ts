import { badRequest } from "./failure.ts";
import { keyOf, type Labels, LineLabels, labelsText } from "./lineLabels.ts";
import type { Work } from "./readLines.ts";
import { type Pipeline, runSteps } from "./stages.ts";
import { lineBytes, type Metadata, type Stream } from "./stream.ts";
import type { Grouping, RangeFunction } from "./syntax.ts";

/** A series: NaN stands for no value at that point. */
export interface Series {
  labels: Labels;
  values: Float64Array;
}

/** How many lines or bytes came in at a point and went out before one: sums of them are the values. */
interface Count {
  labels: Labels;
  lines: Float64Array;
  amount: Float64Array;
}

/** Counts the lines of streams into the windows (T − range, T] of all points. */
export class Tally {
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

  add(stream: Stream, pipeline: Pipeline, work: Work): void {
    const points = this.#pointsNs;
    const from = stream.firstAt((points[0] ?? 0n) - this.#rangeNs + 1n);
    const to = stream.firstAt((points.at(-1) ?? 0n) + 1n);
    if (from === to) return;
    work.lines += to - from;
    const only = this.#onlyMetadata(stream, pipeline, from);
    // Some forty comparisons find both ends of a window: where there are more lines than that, none is looked at.
    if (only !== undefined && points.length * 40 < to - from) this.#addWhole(stream, only);
    else this.#addEach(stream, pipeline, from, to, work);
  }

  /** Where all lines of a stream are of one series and count the same: the metadata of any of them. */
  #onlyMetadata(stream: Stream, { any, steps }: Pipeline, index: number): Metadata | undefined {
    if (!any || steps.length > 0 || this.#countsBytes) return undefined;
    const grouping = this.#grouping;
    const isSame =
      stream.hasOneMetadata ||
      (grouping !== undefined && !grouping.without && !stream.mayHaveMetadata(grouping.labels));
    return isSame ? stream.metadata[index] : undefined;
  }

  get #countsBytes(): boolean {
    return this.#function.startsWith("bytes");
  }

  #addWhole(stream: Stream, metadata: Metadata): void {
    const count = this.#countFor(new LineLabels(stream.labels, metadata.labels));
    for (const [point, atNs] of this.#pointsNs.entries()) {
      const lines = stream.firstAt(atNs + 1n) - stream.firstAt(atNs - this.#rangeNs + 1n);
      add(count, point, point + 1, lines, lines);
    }
  }

  #addEach(stream: Stream, pipeline: Pipeline, from: number, to: number, work: Work): void {
    const points = this.#pointsNs;
    const last = points.length - 1;
    const byMetadata = new Map<Metadata, Count>();
    let first = 0;
    let past = 0;
    for (let at = from; at < to; at += 1) {
      const atNs = stream.times[at] ?? 0n;
      // The first point at or after the line, and the first whose window has left it behind.
      while (first <= last && (points[first] ?? 0n) < atNs) first += 1;
      while (past <= last && (points[past] ?? 0n) < atNs + this.#rangeNs) past += 1;
      const text = stream.texts[at] ?? "";
      const metadata = stream.metadata[at];
      if (metadata === undefined || first >= past) continue;
      if (!pipeline.any || this.#countsBytes) work.bytes += lineBytes(text, metadata);
      if (!pipeline.passes(text)) continue;
      const found = this.#countOf(stream, metadata, text, pipeline, byMetadata);
      if (found !== undefined) {
        add(found.count, first, past, 1, this.#countsBytes ? Buffer.byteLength(found.text) : 1);
      }
    }
  }

  #countOf(
    stream: Stream,
    metadata: Metadata,
    text: string,
    { steps }: Pipeline,
    byMetadata: Map<Metadata, Count>,
  ): { count: Count; text: string } | undefined {
    const labels = new LineLabels(stream.labels, metadata.labels);
    const written = runSteps(steps, text, labels);
    if (written === undefined) return undefined;
    if (labels.error !== "") throw pipelineError(labels);
    if (labels.changed) return { count: this.#countFor(labels), text: written };
    const known = byMetadata.get(metadata) ?? this.#countFor(labels);
    byMetadata.set(metadata, known);
    return { count: known, text: written };
  }

  #countFor(all: LineLabels): Count {
    const labels = this.#grouping === undefined ? all.merged() : groupOf(all, this.#grouping);
    const key = keyOf(labels);
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const length = this.#pointsNs.length + 1;
    const made = { labels, lines: new Float64Array(length), amount: new Float64Array(length) };
    this.#counts.set(key, made);
    return made;
  }

  series(): Series[] {
    const perSecond = this.#function === "rate" || this.#function === "bytes_rate";
    const seconds = perSecond ? Number(this.#rangeNs) / 1e9 : 1;
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

function add({ lines, amount }: Count, first: number, past: number, count: number, size: number): void {
  lines[first] = (lines[first] ?? 0) + count;
  lines[past] = (lines[past] ?? 0) - count;
  amount[first] = (amount[first] ?? 0) + size;
  amount[past] = (amount[past] ?? 0) - size;
}

/** An empty label is as good as none: such series leave it out. */
export function groupOf(labels: LineLabels, { without, labels: names }: Grouping): Labels {
  if (without) {
    return new Map([...labels.merged()].filter(([name, value]) => !names.includes(name) && value !== ""));
  }
  const group = new Map<string, string>();
  for (const name of names) {
    const value = labels.get(name) ?? "";
    if (value !== "") group.set(name, value);
  }
  return group;
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
