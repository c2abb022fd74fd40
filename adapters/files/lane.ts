/** One piece of work on a file, and how many bytes it has before it. */
export interface Piece {
  bytes: number;
  /** Must not throw: there is nobody here to tell. */
  run(): Promise<void>;
}

/** Does its work one piece after the other, the least first: so most files are ready soonest. */
export class Lane {
  #waiting: Piece[] = [];
  #isPaused = false;
  #running: Promise<void> | undefined;

  /** Whether nothing waits behind what runs. */
  get isDone(): boolean {
    return !this.#isPaused && this.#waiting.length === 0;
  }

  /** Begins nothing new until there is another plan; what runs goes on. */
  pause(): void {
    this.#isPaused = true;
  }

  /** What is to be done next, instead of what was planned before. */
  plan(pieces: readonly Piece[]): void {
    this.#waiting = pieces.toSorted((a, b) => b.bytes - a.bytes);
    this.#isPaused = false;
    if (this.#waiting.length > 0) this.#running ??= this.#run();
  }

  /** Lets what runs come to its end. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#next()) await next.run();
    this.#running = undefined;
  }

  #next(): Piece | undefined {
    return this.#isPaused ? undefined : this.#waiting.pop();
  }
}
