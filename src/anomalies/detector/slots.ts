import type { Memory } from "./memory.ts";

/** A slot that holds nothing: NaN in the upper half of a 32-bit float. */
const EMPTY = 0x7fc0;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * The least, mean and largest value of each of the last slots of time, with two digits or so, as the upper half of a 32-bit
 * float; NaN where nothing is known.
 */
export class Slots {
  readonly #count: number;
  readonly #low: Uint16Array;
  readonly #mean: Uint16Array;
  readonly #high: Uint16Array;

  constructor(memory: Memory, count: number) {
    this.#count = count;
    this.#low = memory.words(count).fill(EMPTY);
    this.#mean = memory.words(count).fill(EMPTY);
    this.#high = memory.words(count).fill(EMPTY);
  }

  low(slot: number): number {
    return unpacked(this.#low[this.#place(slot)] as number);
  }

  mean(slot: number): number {
    return unpacked(this.#mean[this.#place(slot)] as number);
  }

  high(slot: number): number {
    return unpacked(this.#high[this.#place(slot)] as number);
  }

  keep(slot: number, low: number, mean: number, high: number): void {
    const place = this.#place(slot);
    this.#low[place] = packed(low);
    this.#mean[place] = packed(mean);
    this.#high[place] = packed(high);
  }

  /** Forgets the slots between: they hold what was there when these were the last ones before. */
  skip(from: number, to: number): void {
    for (let slot = Math.max(from + 1, to - this.#count); slot < to; slot++) {
      const place = this.#place(slot);
      this.#low[place] = EMPTY;
      this.#mean[place] = EMPTY;
      this.#high[place] = EMPTY;
    }
  }

  #place(slot: number): number {
    return ((slot % this.#count) + this.#count) % this.#count;
  }
}

function packed(value: number): number {
  float[0] = value;
  return ((bits[0] as number) + 0x8000) >>> 16;
}

function unpacked(word: number): number {
  bits[0] = word << 16;
  return float[0] as number;
}
