/**
 * One block of memory that every part of a detector keeps its numbers in, so that a checkpoint is a copy of it and a part
 * cannot forget to save something: a part asks for its arrays in the same order whether the block is new or restored.
 */
export class Memory {
  readonly #buffer = new ArrayBuffer(MOST_BYTES);
  #used = 0;

  /** Numbers that need all their digits, as times and sums do. */
  doubles(length: number): Float64Array {
    return new Float64Array(this.#buffer, this.#take(length * 8), length);
  }

  floats(length: number): Float32Array {
    return new Float32Array(this.#buffer, this.#take(length * 4), length);
  }

  words(length: number): Uint16Array {
    return new Uint16Array(this.#buffer, this.#take(length * 2), length);
  }

  /** What the parts asked for, to be read and written. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#buffer, 0, this.#used);
  }

  #take(byteLength: number): number {
    const at = this.#used;
    this.#used += Math.ceil(byteLength / 8) * 8;
    if (this.#used > MOST_BYTES) throw new Error("A detector's parts do not fit in its memory.");
    return at;
  }
}

/** A checkpoint has to be at most 17 KB with its header: 100,000 series are then 1.7 GB, on disk or in memory. */
const MOST_BYTES = 17_408 - 16;
