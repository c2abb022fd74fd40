import type { Sighting } from "./moment.ts";

export type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** One thing that has to hold for an anomaly, with its number, so that a person can be told why it fired or did not. */
export interface Condition {
  /**
   * `order`: time went on (steps since the last point); `learned`: points known; `distance`: in units of this series' usual
   * noise, and where the unusual begins; `season`: the distance that the same time of earlier days had, and this one; `lines`:
   * more or fewer than usual; `size`: too few for the severity that its rarity would be; `rarity`: the score without that.
   */
  name: "order" | "learned" | "distance" | "season" | "lines" | "size" | "rarity";
  value: number;
  limit: number;
  holds: boolean;
}

/** What a detector says of one point, from this point and those before it. */
export interface Verdict {
  /** Log10 of the weeks until chance gives one like it, held down where it is of few lines. 0 when quiet or learning. */
  score: number;
  /** Absent: nothing to tell. */
  severity?: Severity;
  /** Absent where nothing is off. */
  direction?: "up" | "down" | "silence";
  /** Per step, as are `expected`, `low` and `high`: the mean of the bucket that it was seen in. */
  observed: number;
  expected: number;
  low: number;
  high: number;
  bucketMinutes: number;
  /** While there are too few points to judge by. */
  learning?: { points: number; of: number };
  /** Of what was most unusual in this point. */
  conditions: Condition[];
}

/** Fewer lines than these over the whole bucket are nothing to wake anybody for, however rare. */
const LEAST_LINES = 5;
/** A distance below one unit of noise is never told. */
const LEAST_DISTANCE = 1;

/** Where severities begin, in log10 of weeks. docs/benchmarks.md has how often each was right. */
export const SEVERITY_FROM = { LOW: 0.35, MEDIUM: 1, HIGH: 2, CRITICAL: 4 } as const;

/**
 * However rare it is, fewer lines more or less than usual are not as bad: HIGH wakes somebody. Of real series' alerts from HIGH
 * on .83 were right without it, and most of the others were of less than a hundred lines in an hour.
 */
const LEAST_LINES_OF = { HIGH: 100, CRITICAL: 200 } as const;
/** A score that is held down is this much below the severity that it would have had. */
const BELOW = 0.01;

/** The most that a score can be with so many lines, and what the next severity would take. */
export function mostOf(lines: number): { score: number; next: number } {
  const severity =
    lines < LEAST_LINES_OF.HIGH ? "HIGH" : lines < LEAST_LINES_OF.CRITICAL ? "CRITICAL" : undefined;
  if (severity === undefined) return { score: Infinity, next: 0 };
  return { score: SEVERITY_FROM[severity] - BELOW, next: LEAST_LINES_OF[severity] };
}

/** How bad a score is; undefined below the first. */
export function severityOf(score: number, lowFrom: number): Severity | undefined {
  if (score < lowFrom) return undefined;
  if (score >= SEVERITY_FROM.CRITICAL) return "CRITICAL";
  if (score >= SEVERITY_FROM.HIGH) return "HIGH";
  return score >= SEVERITY_FROM.MEDIUM ? "MEDIUM" : "LOW";
}

/** What a sighting has to fulfil before it counts, but for its rarity. */
export function conditionsOf(sighting: Sighting, counts: boolean, points: number, of: number): Condition[] {
  const { distance, seasonal, left, lines, rarity } = sighting;
  const least = Math.max(LEAST_DISTANCE, rarity.start);
  const conditions: Condition[] = [
    { name: "learned", value: points, limit: of, holds: points >= of },
    { name: "distance", value: distance, limit: least, holds: distance > least },
    { name: "season", value: seasonal, limit: distance, holds: left > LEAST_DISTANCE },
  ];
  if (counts)
    conditions.push({ name: "lines", value: lines, limit: LEAST_LINES, holds: lines >= LEAST_LINES });
  return conditions;
}

/** Whether a sighting may count, without the cost of saying why. */
export function mayCount(sighting: Sighting, counts: boolean): boolean {
  return sighting.left > LEAST_DISTANCE && (!counts || sighting.lines >= LEAST_LINES);
}
