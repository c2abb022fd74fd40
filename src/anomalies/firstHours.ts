import type { Condition } from "./condition.ts";

/** Minutes before anything can be said at all. */
const LEAST_MINUTES = 15;
/** Errors a minute, however few there were before. */
const LEAST_ERRORS = 10;
/** As many times as the worst minute so far: in two minutes in a row, or at once where it is far more than that. */
const BEYOND = 3;
const FAR_BEYOND = 5;
const FAR_ERRORS = 30;
/** What has been so for so many minutes is no incident's height any more but how things are now: from then on it is seen. */
const LASTING_MINUTES = 6 * 60;
/** From how many times on it is how bad, as the score of rarity that the severities go by. */
const SCORES = [
  [30, 5],
  [10, 3],
  [3, 1.5],
] as const;

/**
 * Numbers that are kept: minutes, their sum, the worst of them; minutes beyond it in a row, and the first of these; and the last
 * two minutes, which count only when nothing follows: an incident begins within a minute and reaches its height in the next.
 */
export const FIRST_FLOATS = 7;

/** What a minute's errors are, held against the few minutes that are known. */
export interface FirstFinding {
  score: number;
  expected: number;
  high: number;
  conditions: Condition[];
}

/**
 * Errors of a service that is too new for its rarity to be known: nothing is told but what is far beyond everything that
 * was seen of it. That is what an outage looks like in the first hours, and hardly anything else does.
 */
export class FirstHours {
  readonly #kept: Float64Array;

  constructor(kept: Float64Array = new Float64Array(FIRST_FLOATS)) {
    this.#kept = kept;
  }

  /** Ordinary minutes so far. */
  get minutes(): number {
    return this.#kept[0] as number;
  }

  push(errors: number): FirstFinding {
    const kept = this.#kept;
    const [minutes = 0, sum = 0, worst = 0, run = 0, first = 0, older = 0, newer = 0] = kept;
    const times = errors / Math.max(1, worst);
    const isKnown = minutes >= LEAST_MINUTES;
    const isBeyond = isKnown && times >= BEYOND && errors >= LEAST_ERRORS;
    const isOdd = isBeyond && (run > 0 || (times >= FAR_BEYOND && errors >= FAR_ERRORS));
    if (isBeyond && run < LASTING_MINUTES) {
      kept.set([minutes, sum, worst, run + 1, run === 0 ? errors : first]);
      if (isOdd) kept.set([0, 0], 5);
    } else {
      // One minute alone was a burst, which services have: from now on it is among those seen. Several were an incident.
      const burst = run === 1 && first < FAR_ERRORS ? first : 0;
      const recent = isKnown && !isBeyond ? older : errors;
      kept.set([
        minutes + 1,
        sum + errors,
        Math.max(worst, recent, burst),
        0,
        0,
        newer,
        isKnown ? errors : 0,
      ]);
    }
    return {
      score: isOdd ? (SCORES.find(([least]) => times >= least)?.[1] ?? 0) : 0,
      expected: minutes === 0 ? 0 : sum / minutes,
      high: worst,
      conditions: [
        { name: "minutes seen", value: minutes, limit: LEAST_MINUTES, holds: isKnown },
        { name: "times the worst minute", value: times, limit: BEYOND, holds: times >= BEYOND },
        { name: "errors", value: errors, limit: LEAST_ERRORS, holds: errors >= LEAST_ERRORS },
      ],
    };
  }

  save(): Float64Array {
    return this.#kept;
  }
}
