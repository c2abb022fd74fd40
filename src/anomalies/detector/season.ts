import type { Memory } from "./memory.ts";

/** Both weeks that "the same time of the week" needs, and the slots around it. */
const DAYS = 15;
/** A slot that holds nothing: NaN in the upper half of a 32-bit float. */
const EMPTY = 0x7fc0;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * What the series was at this time of the day before: the least, mean and largest value of each slot (a quarter of an hour, or
 * a step that is longer) of the last fifteen days, with two digits or so, as the upper half of a 32-bit float.
 */
export class Season {
  readonly slotsPerDay: number;
  readonly #slots: number;
  readonly #low: Uint16Array;
  readonly #mean: Uint16Array;
  readonly #high: Uint16Array;
  /** The slot that is open, its least value, sum, largest value and count. */
  readonly #open: Float64Array;

  constructor(memory: Memory, slotsPerDay: number, isNew: boolean) {
    this.slotsPerDay = slotsPerDay;
    this.#slots = slotsPerDay * DAYS;
    this.#low = memory.words(this.#slots);
    this.#mean = memory.words(this.#slots);
    this.#high = memory.words(this.#slots);
    this.#open = memory.doubles(5);
    if (isNew) {
      this.#low.fill(EMPTY);
      this.#mean.fill(EMPTY);
      this.#high.fill(EMPTY);
      this.#open[0] = -1;
    }
  }

  add(slot: number, value: number): void {
    const open = this.#open;
    if (slot !== open[0]) {
      this.#close();
      this.#skip(open[0] as number, slot);
      open[0] = slot;
      open[1] = value;
      open[2] = value;
      open[3] = value;
      open[4] = 1;
      return;
    }
    if (value < (open[1] as number)) open[1] = value;
    open[2] = (open[2] as number) + value;
    if (value > (open[3] as number)) open[3] = value;
    open[4] = (open[4] as number) + 1;
  }

  #close(): void {
    const [slot, low, sum, high, count] = this.#open as unknown as [number, number, number, number, number];
    if (slot < 0) return;
    const at = this.#place(slot);
    this.#low[at] = packed(low);
    this.#mean[at] = packed(sum / count);
    this.#high[at] = packed(high);
  }

  #skip(from: number, to: number): void {
    if (from < 0) return;
    const first = Math.max(from + 1, to - this.#slots);
    for (let slot = first; slot < to; slot++) this.#low[this.#place(slot)] = EMPTY;
    for (let slot = first; slot < to; slot++) this.#mean[this.#place(slot)] = EMPTY;
    for (let slot = first; slot < to; slot++) this.#high[this.#place(slot)] = EMPTY;
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

  #place(slot: number): number {
    return ((slot % this.#slots) + this.#slots) % this.#slots;
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
