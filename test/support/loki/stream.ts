import { keyOf, type Labels, labelsJson } from "./lineLabels.ts";

/** One distinct set of structured metadata in a stream; lines share it. */
export interface Metadata {
  labels: Labels;
  /** The third element of a line in a categorised answer. */
  json: string;
}

export interface Chunk {
  fromNs: bigint;
  toNs: bigint;
  bytes: number;
  lines: number;
}

const IDLE_NS = 30n * 60_000_000_000n;
const OLDEST_NS = 2n * 3_600_000_000_000n;

/** All lines of one set of labels, by time. What is appended is put in order at the next look. */
export class Stream {
  readonly key: string;
  readonly labels: Labels;
  readonly json: string;
  times = new BigInt64Array(64);
  texts: string[] = [];
  metadata: Metadata[] = [];
  readonly #distinct = new Map<string, Metadata>();
  readonly #metadataNames = new Set<string>();
  #ordered = true;
  #settled = 0;
  #chunks: Chunk[] | undefined;

  constructor(key: string, labels: Labels) {
    this.key = key;
    this.labels = labels;
    this.json = labelsJson(labels);
  }

  get size(): number {
    return this.texts.length;
  }

  /** The shared form of a line's metadata; a name that is also a label of the stream is renamed, as Loki does. */
  metadataFor(level: string | undefined, given: Labels | undefined): Metadata {
    const key = given === undefined ? `=${level ?? ""}` : `${level ?? ""}${keyOf(given)}`;
    const known = this.#distinct.get(key);
    if (known !== undefined) return known;
    const labels = new Map<string, string>();
    for (const [name, value] of given ?? []) {
      labels.set(this.labels.has(name) ? `${name}_extracted` : name, value);
    }
    if (level !== undefined && !labels.has("detected_level")) labels.set("detected_level", level);
    for (const name of labels.keys()) this.#metadataNames.add(name);
    const json = labels.size === 0 ? "{}" : `{"structuredMetadata":${labelsJson(labels)}}`;
    const made = { labels, json };
    this.#distinct.set(key, made);
    return made;
  }

  get hasOneMetadata(): boolean {
    return this.#distinct.size === 1;
  }

  /** Whether any line may have metadata of one of these names. */
  mayHaveMetadata(names: readonly string[]): boolean {
    return names.some((name) => this.#metadataNames.has(name));
  }

  append(atNs: bigint, text: string, metadata: Metadata): void {
    const { length } = this.texts;
    if (length === this.times.length) {
      const larger = new BigInt64Array(length * 2);
      larger.set(this.times);
      this.times = larger;
    }
    if (length > 0 && atNs < (this.times[length - 1] ?? 0n)) this.#ordered = false;
    this.times[length] = atNs;
    this.texts.push(text);
    this.metadata.push(metadata);
  }

  /** Sorts by time and stores what is the same to the nanosecond and letter once. */
  settle(): void {
    if (this.#settled === this.size) return;
    const { size, times } = this;
    this.#chunks = undefined;
    if (!this.#ordered) {
      const order = Array.from({ length: size }, (_, index) => index).sort((a, b) => {
        const [x = 0n, y = 0n] = [times[a], times[b]];
        return x < y ? -1 : x > y ? 1 : a - b;
      });
      this.#take(order);
    }
    const kept = this.#withoutRepeats();
    if (kept.length < size) this.#take(kept);
    this.#ordered = true;
    this.#settled = this.size;
  }

  #withoutRepeats(): number[] {
    const kept: number[] = [];
    for (let from = 0, to: number; from < this.size; from = to) {
      to = from + 1;
      while (to < this.size && this.times[to] === this.times[from]) to += 1;
      const seen = to - from > 1 ? new Set<string>() : undefined;
      for (let index = from; index < to; index += 1) {
        const text = this.texts[index] ?? "";
        if (seen?.has(text)) continue;
        seen?.add(text);
        kept.push(index);
      }
    }
    return kept;
  }

  #take(order: readonly number[]): void {
    const { times, texts, metadata } = this;
    this.times = BigInt64Array.from(
      { length: Math.max(order.length, 64) },
      (_, at) => times[order[at] ?? 0] ?? 0n,
    );
    this.texts = order.map((index) => texts[index] ?? "");
    this.metadata = order.flatMap((index) => metadata[index] ?? []);
  }

  /** The place of the first line at or after this time. */
  firstAt(atNs: bigint): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.times[middle] ?? 0n) < atNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Loki's stretches of storage: cut after half an hour of silence and at two hours; they bound what the index knows. */
  get chunks(): readonly Chunk[] {
    this.#chunks ??= this.#cutChunks();
    return this.#chunks;
  }

  #cutChunks(): Chunk[] {
    const chunks: Chunk[] = [];
    let open: Chunk | undefined;
    let words = new Set<string>();
    for (let index = 0; index < this.size; index += 1) {
      const atNs = this.times[index] ?? 0n;
      if (open === undefined || atNs - open.toNs > IDLE_NS || atNs - open.fromNs > OLDEST_NS) {
        open = { fromNs: atNs, toNs: atNs, bytes: 0, lines: 0 };
        words = new Set();
        chunks.push(open);
      }
      open.toNs = atNs;
      open.lines += 1;
      open.bytes += lineBytes(this.texts[index] ?? "", this.metadata[index]);
      for (const pair of this.metadata[index]?.labels ?? []) {
        for (const word of pair) {
          if (!words.has(word)) open.bytes += Buffer.byteLength(word);
          words.add(word);
        }
      }
    }
    return chunks;
  }
}

/** A line's size as Loki counts it: its bytes, and eight for each pair of metadata (two references to a table). */
export function lineBytes(text: string, metadata: Metadata | undefined): number {
  return Buffer.byteLength(text) + 8 * (metadata?.labels.size ?? 0);
}
