import type { ServiceRef } from "../logs/source.ts";
import type { Condition } from "./condition.ts";
import { type Direction, isWorse, LEAST_SCORE, type Metric, type Severity, severityFor } from "./metric.ts";
import { type Finding, RATIO_MINUTES } from "./serviceWatch.ts";

/** A stretch of time in which one metric of a service was not as usual. */
export interface Episode extends ServiceRef {
  metric: Metric;
  /** Of new_error: the kind of line; "" otherwise. */
  fingerprint: string;
  direction: Direction;
  /** Where what is odd began. */
  startedAtMs: number;
  /** The end of the minute in which it could be told. */
  detectedAtMs: number;
  /** The end of the last minute that was odd. */
  lastOddAtMs: number;
  severity: Severity;
  /** How rare it is, whatever is asked of an episode: log10 of the weeks until chance gives one like it. */
  score: number;
  /** Usual and observed, per minute, and the band of what was usual: as of the worst so far, a minute or the mean of several. */
  baselineValue: number;
  observedValue: number;
  usualLow: number;
  usualHigh: number;
  /** As of when it was detected. */
  conditions: Condition[];
}

/** How a service is watched. */
export interface Rules {
  /** Added to the score that an episode needs: positive is quieter. */
  shift: number;
  /** Lines a minute more or fewer than usual, at least. */
  leastLines: number;
  /** Odd minutes in a row that it takes. */
  persistence: number;
}

export const USUAL_RULES: Rules = { shift: 0, leastLines: 5, persistence: 1 };

/** What one more minute makes of an episode. */
export type Step =
  | { kind: "none" }
  | { kind: "opens"; episode: Episode }
  | { kind: "goes on"; episode: Episode; isWorse: boolean }
  | { kind: "ends"; episode: Episode; why: Resolution };

/** A step that is to be kept. */
export type Change = Exclude<Step, { kind: "none" }> & { atMs: number };

/** By hand: somebody said so before it was. */
export type Resolution = "back to normal" | "a new normal" | "by hand";

const MINUTE_MS = 60_000;
/** As long as nothing is odd: shorter pauses are one episode's. Alertmanager's users settle on five to fifteen minutes. */
const CLOSES_AFTER_MS = 10 * MINUTE_MS;
/** Lines come again: two minutes could be the flush of a buffer. */
const SILENCE_CLOSES_AFTER_MS = 3 * MINUTE_MS;
/** An episode goes on at half of the score that opened it. */
const HYSTERESIS = 0.5;
/** Off by less than this part of the worst, it counts as over; the band of noise is no part of it. */
const BACK = 0.25;
/** The detector has found nothing odd for so long although the level has stayed: it is how things are now. */
const NEW_NORMAL_MS = 6 * 60 * MINUTE_MS;

/** One metric of one service as it goes from episode to episode; pure but for the counts of minutes it keeps. */
export class Walk {
  readonly #ref: ServiceRef;
  #open: Episode | undefined;
  /** Odd minutes in a row before it opens. */
  #run = 0;
  /** The values of the last minutes. */
  #recent: number[] = [];
  /** When the detector itself last found it odd. */
  #lastScoredMs = 0;

  /** The end of what was odd in the last episode: what a bucket holds of before is that one's. */
  #overAtMs = 0;

  constructor(ref: ServiceRef) {
    this.#ref = ref;
  }

  /** Goes on where another process stopped: with an episode that is open, or after one that is over. */
  resume(last: Episode, isOpen: boolean): void {
    if (isOpen) this.#open = last;
    else this.#overAtMs = Math.max(this.#overAtMs, last.lastOddAtMs);
    this.#lastScoredMs = last.lastOddAtMs;
  }

  get open(): Episode | undefined {
    return this.#open;
  }

  /** Somebody ended it. */
  forget(): void {
    this.#overAtMs = this.#open?.lastOddAtMs ?? this.#overAtMs;
    this.#open = undefined;
    this.#run = 0;
  }

  /** What there is until then another metric tells. */
  passOver(untilMs: number): void {
    if (this.#open === undefined) this.#overAtMs = untilMs;
  }

  /** @param finding of the minute that begins then */
  step(minuteMs: number, finding: Finding, rules: Rules): Step {
    const endMs = minuteMs + MINUTE_MS;
    this.#recent.push(finding.value);
    // A ratio is of several minutes already.
    if (this.#recent.length > (finding.metric === "error_ratio" ? 1 : RECENT)) this.#recent.shift();
    return this.#open === undefined
      ? this.#mayOpen(endMs, finding, rules)
      : this.#goOn(this.#open, endMs, finding, rules);
  }

  #mayOpen(endMs: number, finding: Finding, rules: Rules): Step {
    const severity = severityFor(finding.score, rules.shift);
    const isEnough = finding.metric === "silence" || finding.lines >= rules.leastLines;
    const { direction, expected: baselineValue, low: usualLow, high: usualHigh } = finding;
    const observedValue = furthestOf(finding);
    const off = direction && { direction, baselineValue, observedValue, usualLow, usualHigh };
    // The mean of half an hour is still odd when what made it so is over.
    const isNew = endMs - finding.bucketMinutes * MINUTE_MS >= this.#overAtMs;
    const isOff = off !== undefined && isNew && this.#isOff(off, finding.bucketMinutes > 1);
    if (severity === undefined || !isOff || !isEnough) {
      this.#run = 0;
      return { kind: "none" };
    }
    this.#run += finding.metric === "error_ratio" ? RATIO_MINUTES : 1;
    if (this.#run < rules.persistence) return { kind: "none" };
    this.#lastScoredMs = endMs;
    this.#open = {
      ...this.#ref,
      metric: finding.metric,
      fingerprint: "",
      ...off,
      startedAtMs: endMs - Math.max(this.#offMinutes(off, finding.bucketMinutes), this.#run) * MINUTE_MS,
      detectedAtMs: endMs,
      lastOddAtMs: endMs,
      severity,
      score: finding.score,
      conditions: finding.conditions,
    };
    return { kind: "opens", episode: this.#open };
  }

  #goOn(open: Episode, endMs: number, finding: Finding, rules: Rules): Step {
    const score = finding.direction === open.direction ? finding.score : 0;
    if (score >= HYSTERESIS * (LEAST_SCORE + Math.max(0, rules.shift))) this.#lastScoredMs = endMs;
    const isOdd = this.#isOff(open, open.detectedAtMs - open.startedAtMs > MINUTE_MS);
    if (isOdd) {
      const severity = severityFor(score, rules.shift) ?? open.severity;
      const grows = isWorse(severity, open.severity);
      const next: Episode = {
        ...open,
        lastOddAtMs: endMs,
        score: Math.max(open.score, score),
        severity: grows ? severity : open.severity,
        ...(isFurther(open, finding) && { observedValue: furthestOf(finding) }),
      };
      this.#open = next;
      if (endMs - this.#lastScoredMs >= NEW_NORMAL_MS) return this.#end(next, "a new normal");
      return { kind: "goes on", episode: next, isWorse: grows };
    }
    const closesAfterMs = open.direction === "silence" ? SILENCE_CLOSES_AFTER_MS : CLOSES_AFTER_MS;
    if (endMs - open.lastOddAtMs >= closesAfterMs) return this.#end(open, "back to normal");
    return { kind: "none" };
  }

  /** A slow change is seen in the mean of some minutes, each of which may be as usual. */
  #isOff(off: Off, isSlow: boolean): boolean {
    return isBeyond(off, this.#recent.at(-1) as number) || (isSlow && isBeyond(off, meanOf(this.#recent)));
  }

  /** Since when it is off: as long as the bucket that told it, but where the minutes before it show where it began. */
  #offMinutes(off: Off, bucketMinutes: number): number {
    const before = this.#recent.findLastIndex((value) => !isBeyond(off, value));
    const run = this.#recent.length - 1 - before;
    return run === 0 || before < 0 ? bucketMinutes : run;
  }

  #end(episode: Episode, why: Resolution): Step {
    this.forget();
    return { kind: "ends", episode, why };
  }
}

/** Minutes that are looked at together, where one alone may be chance. */
const RECENT = 5;

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How far off something is. */
type Off = Pick<Episode, "direction" | "baselineValue" | "observedValue" | "usualLow" | "usualHigh">;

/** Beyond what was usual when it began, by a good part of how far it was off at its worst. */
function isBeyond(
  { direction, observedValue, baselineValue, usualLow, usualHigh }: Off,
  value: number,
): boolean {
  const off = BACK * Math.abs(observedValue - baselineValue);
  switch (direction) {
    case "up":
      return value > Math.max(usualHigh, baselineValue + off);
    case "down":
      return value < Math.min(usualLow, baselineValue - off);
    case "silence":
      return value === 0;
  }
}

/** What began just now is diluted in the mean of many minutes: the minute itself says how much it is, and since when. */
function furthestOf({ direction, observed, value }: Finding): number {
  return direction === "up" ? Math.max(observed, value) : Math.min(observed, value);
}

function isFurther(open: Episode, finding: Finding): boolean {
  if (finding.direction !== open.direction) return false;
  const furthest = furthestOf(finding);
  return open.direction === "up" ? furthest > open.observedValue : furthest < open.observedValue;
}
