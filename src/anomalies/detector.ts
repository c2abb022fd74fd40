import { checkpointOf, memoryIn } from "./detector/checkpoint.ts";
import { Judge } from "./detector/judge.ts";
import { Memory } from "./detector/memory.ts";
import type { Moment } from "./detector/moment.ts";
import type { DetectorOptions } from "./detector/options.ts";
import { Recent } from "./detector/recent.ts";
import { References } from "./detector/references.ts";
import { Season, type TimeOfDay, UNKNOWN } from "./detector/season.ts";
import type { Verdict } from "./detector/verdict.ts";
import { createViews, type Views, WIDEST_SECONDS } from "./detector/views.ts";

export type { DetectorOptions } from "./detector/options.ts";
export type { Verdict } from "./detector/verdict.ts";
export { SEVERITY_FROM } from "./detector/verdict.ts";

/** What is usual at a time, per step. */
export interface Band {
  expected: number;
  low: number;
  high: number;
}

/** A series' memory of itself, and what it says of each new point. */
export interface Detector {
  /**
   * @param atMs when the bucket begins; one that is not after the last is passed over, unless time went back by an hour or more
   * @param value its lines, or a ratio; null where nothing is known: nothing fires, nothing is learned
   */
  push(atMs: number, value: number | null): Verdict;
  /** Everything it knows: at most 17 KB. */
  save(): Uint8Array;
  /** For charts: the band at a time, now or at times to come, from the same time of the days before. */
  baseline(atMs: number): Band;
}

/** A detector that knows nothing yet. Throws a RangeError for steps that are not from a minute to an hour. */
export function createDetector(options: DetectorOptions): Detector {
  return new SeriesDetector(options, undefined);
}

/** A detector that goes on where the saved one was. Throws when it was saved by another version or for another series. */
export function restoreDetector(options: DetectorOptions, saved: Uint8Array): Detector {
  return new SeriesDetector(options, saved);
}

/** What a jump is held against, and the two steps that are taken with one. */
const BEFORE_A_BUCKET = 8;
/** The largest distance of each half hour (or longer step) is counted: two spikes in it are one anomaly. */
const BLOCK_SECONDS = 1_800;
/** With less than two weeks known a score is lowered. Without that F1 was the same with more false in the first week. */
const YOUNG_SECONDS = 14 * 86_400;
/** After gaps so long buckets begin anew, and what was usual lately is forgotten. */
const LONG_GAP_SECONDS = 1_800;
const VERY_LONG_GAP_SECONDS = 7_200;
/** A clock that goes back by less repeats itself, as at the end of summer time; by more it was put right. */
const SET_BACK_SECONDS = 3_600;

class SeriesDetector implements Detector {
  readonly #options: DetectorOptions;
  readonly #memory = new Memory();
  readonly #counts: boolean;
  readonly #blockSteps: number;
  readonly #judge: Judge;
  readonly #season: Season;
  readonly #views: Views;
  readonly #moment: Moment;
  /** Number of the last step, of its block, of its day; mean of the last day. */
  readonly #state: Float64Array;
  /** The slot that the moment's season is of: not saved, since it follows from what is. */
  #seasonSlot = -1;

  constructor(options: DetectorOptions, saved: Uint8Array | undefined) {
    const { stepSeconds, kind } = options;
    if (!(stepSeconds >= 60 && stepSeconds <= 3_600)) {
      throw new RangeError(`A detector's steps are from 60 to 3,600 seconds, not ${stepSeconds}.`);
    }
    const memory = this.#memory;
    const stepsIn = (seconds: number) => Math.max(1, Math.round(seconds / stepSeconds));
    this.#options = options;
    this.#counts = kind === "count";
    this.#blockSteps = stepsIn(BLOCK_SECONDS);
    this.#judge = new Judge(options, this.#blockSteps);
    this.#state = memory.doubles(4).fill(-1, 0, 3);
    this.#season = new Season(memory, stepSeconds * 1_000);
    const references = new References(memory, stepSeconds);
    const recent = new Recent(memory, stepsIn(WIDEST_SECONDS) + BEFORE_A_BUCKET);
    this.#moment = { value: 0, recent, references, season: UNKNOWN, dayMean: 0 };

    const youngBlocks = YOUNG_SECONDS / (this.#blockSteps * stepSeconds);
    this.#views = createViews(memory, stepSeconds, this.#counts, youngBlocks);
    if (saved === undefined) return;
    memory.bytes.set(memoryIn(saved, options, memory.bytes.byteLength));
    this.#moment.dayMean = this.#state[3] as number;
    this.#seasonSlot = this.#season.slot;
    if (this.#seasonSlot >= 0) this.#moment.season = this.#season.around(this.#seasonSlot);
  }

  push(atMs: number, value: number | null): Verdict {
    const state = this.#state;
    const moment = this.#moment;
    const step = Math.floor(atMs / (this.#options.stepSeconds * 1_000));
    if (value === null || !Number.isFinite(value) || !Number.isFinite(step))
      return this.#judge.quiet(moment, 0, []);
    const last = state[0] as number;
    const passed = last < 0 ? 1 : step - last;
    if (!this.#follows(passed)) {
      const order = { name: "order", value: passed, limit: 1, holds: false } as const;
      return this.#judge.quiet(moment, value, [order]);
    }
    state[0] = step;
    moment.value = Math.fround(Math.max(0, value));
    this.#turnPages(step, atMs);
    moment.recent.add(moment.value);
    this.#lookUpSeason(atMs);
    const verdict = this.#judge.verdictOf(moment, this.#views);
    this.#learn(atMs);
    return verdict;
  }

  save(): Uint8Array {
    return checkpointOf(this.#options, this.#memory.bytes);
  }

  baseline(atMs: number): Band {
    const season = this.#season.around(Math.floor(atMs / this.#season.slotMs));
    const pair = { best: 0, second: 0 };
    this.#moment.references.bestTwo(1, season.expected, pair);
    const lately = Number.isNaN(pair.best) ? this.#moment.dayMean : pair.best;
    const isAhead = atMs > ((this.#state[0] as number) + 1) * this.#options.stepSeconds * 1_000;
    const expected = isAhead && !Number.isNaN(season.expected) ? season.expected : lately;
    const second = isAhead || Number.isNaN(pair.second) ? expected : pair.second;
    return this.#band(expected, second, season);
  }

  /** Whether a point so many steps after the last is one to judge; forgets what a gap makes worthless. */
  #follows(passed: number): boolean {
    const { recent, references } = this.#moment;
    const seconds = passed * this.#options.stepSeconds;
    if (passed < 1 && seconds > -SET_BACK_SECONDS) return false;
    if (passed < 1 || seconds > Math.max(LONG_GAP_SECONDS, this.#options.stepSeconds)) recent.breakOff();
    if (passed < 1 || seconds > Math.max(VERY_LONG_GAP_SECONDS, 4 * this.#options.stepSeconds))
      references.forgetLately();
    return true;
  }

  #turnPages(step: number, atMs: number): void {
    const state = this.#state;
    const block = Math.floor(step / this.#blockSteps);
    const day = Math.floor(atMs / 86_400_000);
    const isNewBlock = block !== state[1];
    const isNewDay = day !== state[2];
    if (!isNewBlock && !isNewDay) return;
    // The first hours compare with too little to say what distances are usual.
    const isKnown = (state[1] as number) >= 0 && this.#moment.recent.points > this.#judge.learnPoints / 4;
    for (const { rarities } of this.#views)
      for (const rarity of rarities) {
        if (isNewBlock && isKnown) rarity.endBlock();
        if (isNewDay) rarity.endDay();
      }
    state[1] = block;
    state[2] = day;
  }

  #lookUpSeason(atMs: number): void {
    const slot = Math.floor(atMs / this.#season.slotMs);
    if (slot === this.#seasonSlot) return;
    this.#seasonSlot = slot;
    this.#season.turnTo(slot);
    this.#moment.season = this.#season.around(slot);
  }

  #learn(atMs: number): void {
    const { value, recent, references } = this.#moment;
    const state = this.#state;
    references.add(value);
    this.#season.add(Math.floor(atMs / this.#season.slotMs), value);
    const mean = state[3] as number;
    state[3] = mean + Math.max(this.#options.stepSeconds / 86_400, 1 / recent.points) * (value - mean);
    this.#moment.dayMean = state[3];
  }

  #band(expected: number, second: number, season: TimeOfDay): Band {
    const low = Math.min(expected, second);
    const high = Math.max(expected, second);
    const perLine = this.#counts ? 1 : 0;
    const usual = { expected, low, high, dayMean: this.#moment.dayMean, perLine };
    const band = this.#views[0].band(usual, this.#judge.toldFrom);
    return {
      expected,
      low: Math.min(band.low, Number.isNaN(season.low) ? band.low : season.low),
      high: Math.max(band.high, Number.isNaN(season.high) ? band.high : season.high),
    };
  }
}
