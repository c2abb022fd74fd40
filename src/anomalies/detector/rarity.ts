import type { Memory } from "./memory.ts";

/** Distances are counted in bins an eighth of an octave wide, from 2^-4 to 2^8; what lies outside is in the outermost. */
const BINS_PER_OCTAVE = 8;
const LOWEST_OCTAVE = -4;
const OCTAVES = 12;
const BINS = BINS_PER_OCTAVE * OCTAVES;
/** The tail begins here. */
export const TAIL = { share: 0.9, priorBlocks: 24, priorExcess: 0.35, forget: Math.exp(-1 / 28) };

/**
 * How rare a distance is for this series. The largest distance of each block (half an hour) is counted in a histogram that
 * forgets over 28 days; beyond its 90 % quantile the excess is taken as exponential, with the scale that its median gives,
 * so that the few largest, which may be incidents, do not decide.
 */
export class Rarity {
  readonly #bins: Float32Array;
  /** The largest of the block that is open, where the tail begins, the scale of its excess, and the blocks counted. */
  readonly #state: Float64Array;

  constructor(memory: Memory) {
    this.#bins = memory.floats(BINS);
    this.#state = memory.doubles(4);
  }

  see(distance: number): void {
    if (distance > (this.#state[0] as number)) this.#state[0] = distance;
  }

  endBlock(): void {
    const bin = binOf(this.#state[0] as number);
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.#state[0] = 0;
  }

  forget(): void {
    for (let i = 0; i < BINS; i++) this.#bins[i] = (this.#bins[i] as number) * TAIL.forget;
  }

  fitTail(): void {
    let total = 0;
    for (let i = 0; i < BINS; i++) total += this.#bins[i] as number;
    this.#state[3] = total;
    const beyond = (1 - TAIL.share) * total;
    const start = this.#valueWithAbove(beyond);
    const middle = this.#valueWithAbove(beyond / 2);
    const measured = (middle - start) / Math.LN2;
    const prior = TAIL.priorExcess * start;
    this.#state[1] = start;
    this.#state[2] = Math.max(
      0.05,
      (measured * beyond + prior * (TAIL.priorBlocks / 10)) / (beyond + TAIL.priorBlocks / 10),
    );
  }

  /** Log10 of the blocks until chance gives a distance like this; at most 1 within the usual. */
  logBlocks(distance: number): number {
    const excess = (distance - (this.#state[1] as number)) / (this.#state[2] as number);
    return excess <= 0 ? 0 : -Math.log10(1 - TAIL.share) + excess * Math.LOG10E;
  }

  /** The distance that chance gives once in 10^logBlocks blocks. */
  distanceAt(logBlocks: number): number {
    return (
      (this.#state[1] as number) +
      Math.max(0, (logBlocks + Math.log10(1 - TAIL.share)) / Math.LOG10E) * (this.#state[2] as number)
    );
  }

  /** The distance that so many of the blocks (by their weight) went beyond. */
  #valueWithAbove(weight: number): number {
    let above = 0;
    for (let i = BINS - 1; i >= 0; i--) {
      const here = this.#bins[i] as number;
      if (above + here >= weight && here > 0) {
        const part = (weight - above) / here;
        return 2 ** (LOWEST_OCTAVE + (i + 1 - part) / BINS_PER_OCTAVE);
      }
      above += here;
    }
    return 2 ** LOWEST_OCTAVE;
  }
}

function binOf(distance: number): number {
  if (!(distance > 2 ** LOWEST_OCTAVE)) return 0;
  return Math.min(BINS - 1, Math.floor((Math.log2(distance) - LOWEST_OCTAVE) * BINS_PER_OCTAVE));
}
