import type { Memory } from "./memory.ts";

/** Distances are counted in bins an eighth of an octave wide, from 1/4 to 128; what lies outside is in the outermost. */
const BINS_PER_OCTAVE = 8;
const LOWEST_OCTAVE = -2;
const OCTAVES = 9;
const BINS = BINS_PER_OCTAVE * OCTAVES;

/** The histogram forgets over 28 days, once a day. */
const FORGET_A_DAY = Math.exp(-1 / 28);
/** The tail is what the largest tenth of the blocks has beyond the others. */
const TAIL_SHARE = 0.1;
/** Fewer blocks than these say nothing of a tail. */
const LEAST_BLOCKS = 24;
/**
 * What a tail is taken to be before it was seen, and how many blocks of the tail that counts as: the excess halves every
 * 0.4 (as of noise that is nearly normal), and a little more slowly further out. Without it the first weeks of a series
 * speak too soon and too surely: docs/decisions/anomalies.md.
 */
const PRIOR = { blocks: 20, halving: 0.4, shape: 0.1 };
/** A block in which nothing could be compared says nothing of what is usual. */
const UNSEEN = -1;
const SEEN_FROM = 2 ** (LOWEST_OCTAVE + 1 / BINS_PER_OCTAVE);
/** The shape of a tail is between exponential (0) and one so heavy that hardly anything in it is rare. */
const HEAVIEST = 0.8;
/** A block this rare (once in 1,000) was perhaps an incident: it teaches less of what is usual. Not nothing, or a series that
 * fires once fires for ever. */
const ODD_LOG_BLOCKS = 3;
const ODD_WEIGHT = 0.3;

/**
 * How rare a distance is for this series. The largest distance of each block of time (half an hour) is counted in a histogram.
 * Beyond its 90 % quantile a generalised Pareto tail is laid through the 95 % and 97.5 % quantiles (Pickands 1975), so that
 * the very largest, which may be incidents, do not decide.
 */
export class Rarity {
  readonly #bins: Float32Array;
  /** Largest of the open block; where the tail begins; what its excess halves in; its shape; the blocks counted. */
  readonly #state: Float64Array;
  readonly #leastHalving: number;
  readonly #youngBlocks: number;

  /**
   * @param youngBlocks with fewer blocks than these a distance is not called as rare
   * @param leastHalving less than this is not believed of a tail
   */
  constructor(memory: Memory, youngBlocks: number, leastHalving = 0.02) {
    this.#bins = memory.floats(BINS);
    this.#state = memory.doubles(5);
    this.#state[0] = UNSEEN;
    this.#youngBlocks = youngBlocks;
    this.#leastHalving = leastHalving;
  }

  /** What lies below this is usual. */
  get start(): number {
    return Math.max(this.#state[1] as number, 2 ** LOWEST_OCTAVE);
  }

  /** Counts a distance; 0 where a view looked and nothing was off. */
  see(distance: number): void {
    if (distance > (this.#state[0] as number)) this.#state[0] = distance;
  }

  endBlock(): void {
    const largest = this.#state[0] as number;
    if (largest === UNSEEN) return;
    this.#state[0] = UNSEEN;
    const bin = binOf(largest);
    const weight = this.logBlocks(largest) >= ODD_LOG_BLOCKS ? ODD_WEIGHT : 1;
    this.#bins[bin] = (this.#bins[bin] as number) + weight;
    this.#fitTail();
  }

  endDay(): void {
    for (let i = 0; i < BINS; i++) this.#bins[i] = (this.#bins[i] as number) * FORGET_A_DAY;
  }

  /** Log10 of the blocks until chance gives a distance like this one; 0 for a usual one and while there are too few. */
  logBlocks(distance: number): number {
    const total = this.#state[4] as number;
    if (total < LEAST_BLOCKS) return 0;
    const excess = (distance - this.start) / (this.#state[2] as number);
    if (!(excess > 0)) return 0;
    const shape = this.#state[3] as number;
    const beyond = shape < 0.01 ? excess * Math.log10(2) : Math.log10(1 + excess * (2 ** shape - 1)) / shape;
    const unsure = Math.max(0, Math.log10(this.#youngBlocks / total));
    return Math.max(0, -Math.log10(TAIL_SHARE) + beyond - unsure);
  }

  /** The distance that is so rare: the other way round. */
  distanceOf(logBlocks: number): number {
    const shape = this.#state[3] as number;
    const beyond = Math.max(0, logBlocks + Math.log10(TAIL_SHARE));
    const excess = shape < 0.01 ? beyond / Math.log10(2) : (10 ** (beyond * shape) - 1) / (2 ** shape - 1);
    return this.start + excess * (this.#state[2] as number);
  }

  #fitTail(): void {
    let total = 0;
    for (let i = 0; i < BINS; i++) total += this.#bins[i] as number;
    const inTail = TAIL_SHARE * total;
    const start = Math.max(2 ** LOWEST_OCTAVE, this.#beyondWhich(inTail));
    const half = this.#beyondWhich(inTail / 2);
    const quarter = this.#beyondWhich(inTail / 4);
    const prior = PRIOR.blocks;
    const halving = (Math.max(0, half - start) * inTail + PRIOR.halving * prior) / (inTail + prior);
    const measuredShape = Math.log2(Math.max((quarter - half) / Math.max(half - start, 1e-3), 1e-3));
    // A tail that lies below the least distance is out of sight: it may be as heavy as can be.
    const isSeen = half > SEEN_FROM;
    const shape = isSeen ? (measuredShape * inTail + PRIOR.shape * prior) / (inTail + prior) : HEAVIEST;
    this.#state[1] = start;
    this.#state[2] = Math.max(this.#leastHalving, halving);
    this.#state[3] = Math.min(HEAVIEST, Math.max(0, shape));
    this.#state[4] = total;
  }

  /** The distance that blocks of so much weight went beyond. */
  #beyondWhich(weight: number): number {
    let above = 0;
    for (let i = BINS - 1; i >= 0; i--) {
      const here = this.#bins[i] as number;
      if (above + here >= weight && here > 0) {
        return 2 ** (LOWEST_OCTAVE + (i + 1 - (weight - above) / here) / BINS_PER_OCTAVE);
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
