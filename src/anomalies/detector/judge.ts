import type { Moment, Sighting } from "./moment.ts";
import type { DetectorOptions } from "./options.ts";
import {
  type Condition,
  conditionsOf,
  mayCount,
  mostOf,
  SEVERITY_FROM,
  severityOf,
  type Verdict,
} from "./verdict.ts";
import type { Views } from "./views.ts";

/** One day, and 24 points of longer steps, are learned before anything is told. */
const LEARN_SECONDS = 86_400;
const LEARN_POINTS = 24;
const WEEK_SECONDS = 604_800;

/** Says of a point what its views make of it. */
export class Judge {
  /** So many points are learned before anything is told. */
  readonly learnPoints: number;
  readonly #stepSeconds: number;
  readonly #counts: boolean;
  readonly #logBlocksAWeek: number;
  readonly #lowFrom: number;

  /** @param blockSteps of whose largest distances rarity is told */
  constructor({ stepSeconds, kind, sensitivity }: DetectorOptions, blockSteps: number) {
    this.learnPoints = Math.max(LEARN_POINTS, Math.round(LEARN_SECONDS / stepSeconds));
    this.#stepSeconds = stepSeconds;
    this.#counts = kind === "count";
    this.#logBlocksAWeek = Math.log10(WEEK_SECONDS / (blockSteps * stepSeconds));
    this.#lowFrom = sensitivity ?? SEVERITY_FROM.LOW;
  }

  /** How rare it takes something to be, in log10 of blocks, for the first severity. */
  get toldFrom(): number {
    return this.#lowFrom + this.#logBlocksAWeek;
  }

  verdictOf(moment: Moment, views: Views): Verdict {
    let most: Sighting | undefined;
    let mostScore = 0;
    let lines = 0;
    for (const view of views) {
      const sighting = view.look(moment);
      if (sighting === undefined || !mayCount(sighting, this.#counts)) continue;
      // A wide bucket holds what a narrow one saw: as large as the largest of them.
      lines = Math.max(lines, sighting.lines);
      const score = sighting.rarity.logBlocks(sighting.left) - this.#logBlocksAWeek;
      if (most !== undefined && score <= mostScore) continue;
      most = sighting;
      mostScore = score;
    }
    if (most === undefined) return this.quiet(moment, moment.value, []);
    return this.#verdictOn(most, mostScore, lines, moment.recent.points - 1);
  }

  #verdictOn(most: Sighting, rarity: number, lines: number, points: number): Verdict {
    const isLearned = points >= this.learnPoints;
    const size = mostOf(this.#counts && most.direction !== "silence" ? lines : Infinity);
    const score = isLearned ? Math.max(0, Math.min(rarity, size.score)) : 0;
    const severity = severityOf(score, this.#lowFrom);
    const { direction, observed, expected, low, high, steps } = most;
    const conditions = conditionsOf(most, this.#counts, points, this.learnPoints);
    if (rarity > size.score) conditions.push({ name: "size", value: lines, limit: size.next, holds: false });
    conditions.push({ name: "rarity", value: rarity, limit: this.#lowFrom, holds: rarity >= this.#lowFrom });
    return {
      score,
      ...(severity !== undefined && { severity }),
      direction,
      ...{ observed, expected, low, high, bucketMinutes: (steps * this.#stepSeconds) / 60 },
      ...(!isLearned && { learning: { points, of: this.learnPoints } }),
      conditions,
    };
  }

  /** Of a point in which nothing is off, or that is not judged. */
  quiet({ recent, references, season, dayMean }: Moment, observed: number, conditions: Condition[]): Verdict {
    const { points } = recent;
    const pair = { best: 0, second: 0 };
    references.bestTwo(1, season.expected, pair);
    const expected = Number.isNaN(pair.best) ? dayMean : pair.best;
    const second = Number.isNaN(pair.second) ? expected : pair.second;
    return {
      score: 0,
      ...{ observed, expected, low: Math.min(expected, second), high: Math.max(expected, second) },
      bucketMinutes: this.#stepSeconds / 60,
      ...(points <= this.learnPoints && { learning: { points, of: this.learnPoints } }),
      conditions,
    };
  }
}
