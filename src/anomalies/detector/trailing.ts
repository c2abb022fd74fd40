import type { Memory } from "./memory.ts";

/** The last values of a series, with their median: a ring in the order they came, and the same values sorted. */
export class TrailingMedian {
  readonly #ring: Float32Array;
  readonly #sorted: Float32Array;
  /** How many values there are, and where the next one goes. */
  readonly #state: Float64Array;

  constructor(memory: Memory, length: number) {
    this.#ring = memory.floats(length);
    this.#sorted = memory.floats(length);
    this.#state = memory.doubles(2);
  }

  get count(): number {
    return this.#state[0] as number;
  }

  get full(): boolean {
    return this.count === this.#ring.length;
  }

  clear(): void {
    this.#state.fill(0);
  }

  add(value: number): void {
    const rounded = Math.fround(value);
    const next = this.#state[1] as number;
    if (this.full) this.#replace(this.#ring[next] as number, rounded);
    else {
      const count = this.count;
      const at = this.#firstAtLeast(rounded, count);
      this.#sorted.copyWithin(at + 1, at, count);
      this.#sorted[at] = rounded;
      this.#state[0] = count + 1;
    }
    this.#ring[next] = rounded;
    this.#state[1] = next + 1 === this.#ring.length ? 0 : next + 1;
  }

  get median(): number {
    return this.quantile(0.5);
  }

  /** The value that the part `share` of the values lies below. NaN without values. */
  quantile(share: number): number {
    const count = this.count;
    if (count === 0) return Number.NaN;
    const position = share * (count - 1);
    const below = Math.floor(position);
    const low = this.#sorted[below] as number;
    const high = this.#sorted[Math.min(below + 1, count - 1)] as number;
    return low + (position - below) * (high - low);
  }

  #replace(old: number, value: number): void {
    const from = this.#firstAtLeast(old, this.count);
    let to = this.#firstAtLeast(value, this.count);
    if (to > from) {
      to -= 1;
      this.#sorted.copyWithin(from, from + 1, to + 1);
    } else this.#sorted.copyWithin(to + 1, to, from);
    this.#sorted[to] = value;
  }

  #firstAtLeast(value: number, count: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
