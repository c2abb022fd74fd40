/** What becomes of a request on its way. */
export type Fate =
  | "passes"
  /** The connection breaks before anything is done. */
  | "is cut"
  /** 429, and nothing is done. */
  | "is told to wait"
  /** 503, and nothing is done. */
  | "fails"
  /** It is done, and answered with 500. */
  | "is done and fails"
  /** It is done, and the connection breaks before the answer. */
  | "is done unheard"
  /** It is done, and never answered. */
  | "is done and hangs";

/** How often things go wrong between the instances and the platforms. */
export interface Weather {
  /** The part of requests that meet with something, from 0 to 1. */
  chance: number;
  next(): Fate;
}

const BAD: readonly Exclude<Fate, "passes">[] = [
  "is cut",
  "is told to wait",
  "fails",
  "is done and fails",
  "is done unheard",
  "is done unheard",
  "is done and hangs",
];

export function createWeather(random: () => number): Weather {
  return {
    chance: 0,
    next() {
      if (random() >= this.chance) return "passes";
      return BAD[Math.floor(random() * BAD.length)] ?? "passes";
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
