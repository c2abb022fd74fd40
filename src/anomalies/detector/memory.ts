/**
 * One block of memory that every part of a detector keeps its numbers in, so that a checkpoint is a copy of it and nothing
 * can be forgotten in one: a part asks for its arrays in the same order whether the block is new or restored.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength);
  }

  /** Numbers that need all their digits, as times do. */
  doubles(length: number): Float64Array {
    return new Float64Array(this.bytes.buffer, this.#take(length * 8), length);
  }

  floats(length: number): Float32Array {
    return new Float32Array(this.bytes.buffer, this.#take(length * 4), length);
  }

  words(length: number): Uint16Array {
    return new Uint16Array(this.bytes.buffer, this.#take(length * 2), length);
  }

  #take(byteLength: number): number {
    const at = this.#used;
    this.#used += Math.ceil(byteLength / 8) * 8;
    if (this.#used > this.bytes.byteLength)
      throw new Error("A detector's memory is too small for its parts.");
    return at;
  }

  get used(): number {
    return this.#used;
  }
}
