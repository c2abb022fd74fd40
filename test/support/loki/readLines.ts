import { LineLabels } from "./lineLabels.ts";
import { type Pipeline, runSteps } from "./stages.ts";
import { lineBytes, type Metadata, type Stream } from "./stream.ts";

export interface FoundLine {
  stream: Stream;
  atNs: bigint;
  text: string;
  metadata: Metadata;
  /** Only where the pipeline made labels of its own. */
  labels: LineLabels | undefined;
  /** Decides among lines of one nanosecond. */
  tie: number | undefined;
}

export interface Reading {
  startNs: bigint;
  /** Exclusive. */
  endNs: bigint;
  forward: boolean;
  limit: number;
  pipeline: Pipeline;
  /** Another number, another order among lines of one nanosecond, as with Loki's races. */
  shuffle: number;
}

export interface Work {
  lines: number;
  bytes: number;
}

/**
 * The first `limit` lines by time, ties in an arbitrary order that differs from one `shuffle` to the next.
 * Time is read slab by slab, so that a page costs what it shows and not what the range holds.
 */
export function readLines(streams: readonly Stream[], reading: Reading, work: Work): FoundLine[] {
  const { startNs, endNs, forward, limit } = reading;
  const found: FoundLine[] = [];
  let from = startNs;
  let to = endNs;
  let target = Math.max(limit, 1_000);
  while (found.length < limit) {
    const slab = nextSlab(streams, from, to, forward, target);
    if (slab === undefined) break;
    const lines = readSlab(streams, slab, reading, work);
    lines.sort((a, b) => byTime(a, b, forward, reading.shuffle));
    for (const line of lines.slice(0, limit - found.length)) found.push(line);
    if (forward) from = slab.to;
    else to = slab.from;
    // Few hits: take more at once.
    if (lines.length < limit / 4) target *= 2;
  }
  return found;
}

interface Slab {
  from: bigint;
  to: bigint;
}

/** The next part of the range, from its near end, with some `target` lines in it; undefined where none is left. */
function nextSlab(
  streams: readonly Stream[],
  from: bigint,
  to: bigint,
  forward: boolean,
  target: number,
): Slab | undefined {
  if (from >= to) return undefined;
  let nearest: bigint | undefined;
  for (const stream of streams) {
    const index = forward ? stream.firstAt(from) : stream.firstAt(to) - 1;
    const atNs = index < stream.size ? stream.times[index] : undefined;
    if (atNs === undefined || atNs < from || atNs >= to) continue;
    if (nearest === undefined || (forward ? atNs < nearest : atNs > nearest)) nearest = atNs;
  }
  if (nearest === undefined) return undefined;
  let slab: Slab = forward ? { from: nearest, to } : { from, to: nearest + 1n };
  for (;;) {
    const lines = countIn(streams, slab);
    const width = slab.to - slab.from;
    if (lines <= target * 1.25 || width <= 1n) return slab;
    const narrower = (width * BigInt(target)) / BigInt(lines);
    const kept = narrower < 1n ? 1n : narrower;
    slab = forward ? { from: slab.from, to: slab.from + kept } : { from: slab.to - kept, to: slab.to };
  }
}

function countIn(streams: readonly Stream[], { from, to }: Slab): number {
  let lines = 0;
  for (const stream of streams) lines += stream.firstAt(to) - stream.firstAt(from);
  return lines;
}

function readSlab(streams: readonly Stream[], slab: Slab, reading: Reading, work: Work): FoundLine[] {
  const { pipeline, forward } = reading;
  const lines: FoundLine[] = [];
  for (const stream of streams) {
    const first = stream.firstAt(slab.from);
    const last = stream.firstAt(slab.to) - 1;
    work.lines += last - first + 1;
    for (let step = 0; step <= last - first; step += 1) {
      const index = forward ? first + step : last - step;
      const text = stream.texts[index] ?? "";
      const metadata = stream.metadata[index];
      work.bytes += lineBytes(text, metadata);
      if (metadata === undefined || !pipeline.passes(text)) continue;
      const line = {
        stream,
        atNs: stream.times[index] ?? 0n,
        text,
        metadata,
        labels: undefined,
        tie: undefined,
      };
      if (pipeline.steps.length === 0) {
        lines.push(line);
        continue;
      }
      const labels = new LineLabels(stream.labels, metadata.labels);
      const written = runSteps(pipeline.steps, text, labels);
      if (written !== undefined) {
        lines.push({ ...line, text: written, labels: labels.changed ? labels : undefined });
      }
    }
  }
  return lines;
}

function byTime(a: FoundLine, b: FoundLine, forward: boolean, shuffle: number): number {
  if (a.atNs !== b.atNs) return a.atNs < b.atNs === forward ? -1 : 1;
  a.tie ??= hash(a.text, shuffle);
  b.tie ??= hash(b.text, shuffle);
  return a.tie - b.tie;
}

/** FNV-1a, begun elsewhere for each page. */
function hash(text: string, shuffle: number): number {
  let value = 2_166_136_261 ^ Math.imul(shuffle + 1, 2_654_435_761);
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  return (value ^ (value >>> 15)) >>> 0;
}
