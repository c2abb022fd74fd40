import type { Memory } from "./memory.ts";

const MOST_SORTED = 5;

/** The last steps of a series, without those that had no data. */
export class Recent {
  readonly #ring: Float32Array;
  /** How many came since the series began, and since the last long gap. */
  readonly #state: Float64Array;
  readonly #sorted = new Float64Array(MOST_SORTED);

  constructor(memory: Memory, length: number) {
    this.#ring = memory.floats(length);
    this.#state = memory.doubles(2);
  }

  get points(): number {
    return this.#state[0] as number;
  }

  get unbroken(): number {
    return this.#state[1] as number;
  }

  add(value: number): void {
    this.#ring[this.points % this.#ring.length] = value;
    this.#state[0] = this.points + 1;
    this.#state[1] = this.unbroken + 1;
  }

  /** After a gap: a bucket that spans it would be half of one. */
  breakOff(): void {
    this.#state[1] = 0;
  }

  /** The value so many steps ago; 0 is the newest. */
  ago(steps: number): number {
    const length = this.#ring.length;
    return this.#ring[(this.points - 1 - steps + 2 * length) % length] as number;
  }

  /** The middle one of the last few, of which there are an odd number. */
  median(steps: number): number {
    const sorted = this.#sorted;
    for (let i = 0; i < steps; i++) {
      const value = this.ago(i);
      let at = i;
      for (; at > 0 && (sorted[at - 1] as number) > value; at--) sorted[at] = sorted[at - 1] as number;
      sorted[at] = value;
    }
    return sorted[steps >> 1] as number;
  }
}
