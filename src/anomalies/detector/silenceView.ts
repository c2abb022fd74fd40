import type { ViewOptions } from "./bucketViews.ts";
import type { Memory } from "./memory.ts";
import type { Moment, Sighting, View } from "./moment.ts";
import { Rarity } from "./rarity.ts";
import type { Pair } from "./references.ts";

/** So many steps of nearly nothing in a row, and so many lines that did not come. With 10 lines quiet services gave a third more false. */
const LEAST_STEPS = 5;
const LEAST_LINES = 20;
/** Of so few lines that come a service is silent too: a health check, or what its platform says about it. */
const NEARLY_NONE = 0.1;
/** Chance alone makes a run of zeros half as likely with each 0.69 lines that it misses. */
const CHANCE_HALVES_IN = Math.LN2;

/** Lines that stopped: counted are those that a run of nearly nothing missed, by the least of what is usual at its time of day. */
export class SilenceView implements View {
  readonly rarities: readonly [Rarity];
  /** Steps of the run, and lines missed. */
  readonly #run: Float64Array;
  readonly #pair: Pair = { best: 0, second: 0 };

  constructor(memory: Memory, options: ViewOptions) {
    this.rarities = [new Rarity(memory, options.youngBlocks, CHANCE_HALVES_IN)];
    this.#run = memory.doubles(2);
  }

  look({ references, season, value }: Moment): Sighting | undefined {
    const run = this.#run;
    const rarity = this.rarities[0];
    rarity.see(0);
    const steps = (run[0] as number) + 1;
    references.bestTwo(steps, season.expected, this.#pair);
    const { best, second } = this.#pair;
    const expected = Number.isNaN(second)
      ? 0
      : Math.min(best, second, orMore(season.lowMean), orMore(season.lowWeek));
    if (value > NEARLY_NONE * expected) {
      run.fill(0);
      return undefined;
    }
    const missed = (run[1] as number) + expected - value;
    run[0] = steps;
    run[1] = missed;
    rarity.see(missed);
    if (steps < LEAST_STEPS || missed < LEAST_LINES) return undefined;
    const sighting = { distance: missed, seasonal: 0, left: missed, rarity, direction: "silence" as const };
    return { ...sighting, lines: missed, observed: value, expected, low: expected, high: expected, steps };
  }
}

/** What is not known is no limit. */
function orMore(value: number): number {
  return Number.isNaN(value) ? Infinity : value;
}
