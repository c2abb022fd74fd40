/** Opens when at least half of the last ten calls failed, lets one call through again after four seconds. */
export class Breaker {
  #results = [];
  #openedAt = 0;
  #state = "closed";

  constructor(onChange) {
    this.onChange = onChange;
  }

  async run(fn) {
    if (this.#state === "open") {
      if (Date.now() - this.#openedAt < 4_000) throw new Error("circuit breaker is open");
      this.#become("half-open");
    } else if (this.#state === "half-open") {
      throw new Error("circuit breaker is half-open, trial call under way");
    }
    try {
      const result = await fn();
      this.#record(true);
      return result;
    } catch (error) {
      this.#record(false);
      throw error;
    }
  }

  #record(ok) {
    this.#results = [...this.#results.slice(-9), ok];
    const failures = this.#results.filter((result) => !result).length;
    if (this.#state === "half-open") {
      this.#results = [];
      this.#become(ok ? "closed" : "open");
    } else if (this.#state === "closed" && failures >= 5) {
      this.#become("open", failures);
    }
  }

  #become(state, failures) {
    this.#state = state;
    if (state === "open") this.#openedAt = Date.now();
    this.onChange(state, failures);
  }
}
