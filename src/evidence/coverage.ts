import type { TimeRange } from "../logs/source.ts";

/**
 * The stretches of time of which every line was read. A loud service is read in part only, and a rate is the
 * number of lines over the time that was read, not over the time that passed.
 */
export class Coverage {
  /** In order, and apart from each other. */
  readonly #stretches: readonly TimeRange[];
  /** Milliseconds covered before each of them. */
  readonly #before: readonly number[];
  readonly totalMs: number;
  /** Nothing before it was read, or can be known. */
  readonly startMs: number;

  constructor(ranges: readonly TimeRange[]) {
    this.#stretches = joined(ranges);
    let sum = 0;
    this.#before = this.#stretches.map(({ fromMs, toMs }) => {
      const before = sum;
      sum += toMs - fromMs;
      return before;
    });
    this.totalMs = sum;
    this.startMs = this.#stretches[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether that moment was read. */
  holds(atMs: number): boolean {
    const stretch = this.#stretches[this.#beganBefore(atMs + 1) - 1];
    return stretch !== undefined && atMs < stretch.toMs;
  }

  /** Milliseconds covered before that moment. */
  msBefore(atMs: number): number {
    const began = this.#beganBefore(atMs);
    const stretch = this.#stretches[began - 1];
    if (stretch === undefined) return 0;
    return (this.#before[began - 1] as number) + Math.min(atMs, stretch.toMs) - stretch.fromMs;
  }

  /** How many stretches begin before that moment. */
  #beganBefore(atMs: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle] as TimeRange).fromMs < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same from that moment on. */
  from(atMs: number): Coverage {
    return this.within({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  }

  /** What of it lies in that time. */
  within({ fromMs, toMs }: TimeRange): Coverage {
    return new Coverage(
      this.#stretches.map((one) => ({
        fromMs: Math.max(one.fromMs, fromMs),
        toMs: Math.min(one.toMs, toMs),
      })),
    );
  }

  and(other: Coverage): Coverage {
    return new Coverage([...this.#stretches, ...other.#stretches]);
  }
}

function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const result: TimeRange[] = [];
  const inOrder = ranges.filter(({ fromMs, toMs }) => toMs > fromMs).sort((a, b) => a.fromMs - b.fromMs);
  for (const range of inOrder) {
    const last = result.at(-1);
    if (last !== undefined && range.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, range.toMs);
    else result.push({ fromMs: range.fromMs, toMs: range.toMs });
  }
  return result;
}
