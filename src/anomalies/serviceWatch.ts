import type { Condition } from "./condition.ts";
import { type Band, createDetector, type Detector, restoreDetector, type Verdict } from "./detector.ts";
import { FIRST_FLOATS, FirstHours } from "./firstHours.ts";
import { LEAST_SCORE, type Metric } from "./metric.ts";
import { RATE_FLOATS, type Rates, UsualRates } from "./usualRates.ts";

/** What a service logged in one minute. */
export interface MinuteCounts {
  lines: number;
  /** Those of ERROR and worse. */
  errors: number;
}

type WatchVerdict = Omit<Verdict, "conditions"> & { conditions: Condition[] };

/** What one minute of a service says by one metric. */
export interface Finding extends WatchVerdict {
  metric: Exclude<Metric, "new_error">;
  /** The minute's own value: lines a minute, or the part of lines that are errors. */
  value: number;
  /** How many lines there are more or fewer than usual, in the minutes that it was seen in. */
  lines: number;
}

const MINUTE_MS = 60_000;
/** Errors as a part of lines are judged by so much at a time, and where there were so many lines. */
export const RATIO_MINUTES = 5;
export const LEAST_LINES_OF_RATIO = 50;

/** Scores of less than two weeks' knowledge are lowered. */
const YOUNG_MINUTES = 14 * 24 * 60;

const MOST_SCORE = 20;
/**
 * The part of errors has to be five times as rare. On made series it was the only one to catch 2 incidents of 269, and without this it
 * told 12 of the 35 false alerts.
 */
const RATIO_SHIFT = 0.7;

const COUNTS = { stepSeconds: 60, kind: "count" } as const;
const RATIO = { stepSeconds: RATIO_MINUTES * 60, kind: "ratio" } as const;

/** All that is known of one service: what its lines, its errors and the part of errors among its lines are usually like. */
export class ServiceWatch {
  readonly #errors: Detector;
  readonly #lines: Detector;
  readonly #ratio: Detector;
  readonly #rates: UsualRates;
  readonly #first: FirstHours;
  /** Lines and errors of the five minutes in hand, when they began; the last minute with lines; the last minute. */
  readonly #now: Float64Array;

  private constructor(saved?: Saved) {
    this.#errors = saved === undefined ? createDetector(COUNTS) : restoreDetector(COUNTS, saved.errors);
    this.#lines = saved === undefined ? createDetector(COUNTS) : restoreDetector(COUNTS, saved.lines);
    this.#ratio = saved === undefined ? createDetector(RATIO) : restoreDetector(RATIO, saved.ratio);
    this.#rates = new UsualRates(saved?.rates);
    this.#first = new FirstHours(saved?.first);
    this.#now = saved?.now ?? new Float64Array(NOW_FLOATS);
  }

  static create(): ServiceWatch {
    return new ServiceWatch();
  }

  /** @throws where it was saved by another version. */
  static restore(bytes: Uint8Array): ServiceWatch {
    return new ServiceWatch(unpack(bytes));
  }

  /** The end of the last minute that was pushed; 0 before the first. */
  get untilMs(): number {
    return this.#now[4] as number;
  }

  /** The last minute in which it logged anything; 0 where it never did. */
  get lastSeenMs(): number {
    return this.#now[3] as number;
  }

  /** @param counts undefined where nothing is known: nothing is found, and nothing learnt. */
  push(minuteMs: number, counts: MinuteCounts | undefined): Finding[] {
    this.#now[4] = minuteMs + MINUTE_MS;
    if (counts === undefined) {
      this.#errors.push(minuteMs, null);
      this.#lines.push(minuteMs, null);
      return [];
    }
    const { lines, errors } = counts;
    if (lines > 0) this.#now[3] = minuteMs;
    const ofErrors = this.#ofErrors(minuteMs, errors);
    const ofLines = withBand(this.#lines, minuteMs, this.#lines.push(minuteMs, lines));
    const ofRatio = this.#pushRatio(minuteMs, counts);
    // What is not usual is no part of what is, nor are the minutes in which it began, before it could be told.
    if (Math.max(ofErrors.score, ofLines.score) < LEAST_SCORE) this.#rates.add(minuteMs, lines, errors);
    else
      this.#rates.takeBackWhile(
        (before) => isBeyond(ofErrors, before.errors) || isBeyond(ofLines, before.lines),
      );
    // A fall to nothing is told as what it is.
    const isSilent = ofLines.direction === "silence" || (ofLines.direction === "down" && lines === 0);
    return [
      countFinding("error_rate", onlyUp(ofErrors), errors),
      countFinding("log_volume", isSilent ? quiet(ofLines) : ofLines, lines),
      countFinding("silence", isSilent ? { ...ofLines, direction: "silence" } : quiet(ofLines), lines),
      ...(ofRatio === undefined ? [] : [ofRatio]),
    ];
  }

  /** While the detector learns, what little is known decides; and for two weeks what is far beyond all of it is told too. */
  #ofErrors(minuteMs: number, errors: number): WatchVerdict {
    const verdict = withBand(this.#errors, minuteMs, this.#errors.push(minuteMs, errors));
    const first = this.#first.push(errors);
    const isYoung = this.#first.minutes < YOUNG_MINUTES;
    if (verdict.learning === undefined && (!isYoung || first.score <= verdict.score)) return verdict;
    const odd = first.score > 0 ? { direction: "up" as const } : {};
    return { ...verdict, ...first, ...odd, observed: errors, low: 0, bucketMinutes: 1 };
  }

  rates(): Rates | undefined {
    return this.#rates.rates();
  }

  /** What is usual at a time, per minute. */
  band(of: "errors" | "lines", atMs: number): Band {
    return (of === "errors" ? this.#errors : this.#lines).baseline(atMs);
  }

  save(): Uint8Array {
    return pack({
      errors: this.#errors.save(),
      lines: this.#lines.save(),
      ratio: this.#ratio.save(),
      rates: this.#rates.save(),
      first: this.#first.save(),
      now: this.#now,
    });
  }

  /** Once in five minutes, at their end. */
  #pushRatio(minuteMs: number, { lines, errors }: MinuteCounts): Finding | undefined {
    const now = this.#now;
    const beginMs = minuteMs - (minuteMs % (RATIO_MINUTES * MINUTE_MS));
    if (now[2] !== beginMs) now.set([0, 0, beginMs]);
    now[0] = (now[0] as number) + lines;
    now[1] = (now[1] as number) + errors;
    if (minuteMs + MINUTE_MS < beginMs + RATIO_MINUTES * MINUTE_MS) return undefined;
    const [all = 0, failed = 0] = now;
    const isEnough = all >= LEAST_LINES_OF_RATIO;
    const pushed = this.#ratio.push(beginMs, isEnough ? failed / all : null);
    const verdict = bounded({ ...pushed, score: Math.max(0, pushed.score - RATIO_SHIFT) });
    const more = (verdict.observed - verdict.expected) * all;
    return { ...onlyUp(verdict), metric: "error_ratio", value: isEnough ? failed / all : 0, lines: more };
  }
}

/** Whether a minute before was as odd as what a verdict found. */
function isBeyond({ score, direction, low, high }: WatchVerdict, value: number): boolean {
  if (score < LEAST_SCORE) return false;
  return direction === "up" ? value > high : value < low;
}

function countFinding(metric: Finding["metric"], verdict: WatchVerdict, value: number): Finding {
  const lines = Math.abs(verdict.observed - verdict.expected) * Math.max(1, verdict.bucketMinutes);
  return { ...verdict, metric, value, lines };
}

/** What one minute alone may be by chance; of wider buckets the verdict says itself what their mean may be. */
function withBand(detector: Detector, minuteMs: number, pushed: Verdict): WatchVerdict {
  const verdict = bounded(pushed);
  if (verdict.score === 0 || verdict.bucketMinutes > 1) return verdict;
  const { low, high } = detector.baseline(minuteMs);
  return { ...verdict, low, high };
}

/** What has no noise at all is off by infinitely much of it: rarer than in all of time says as much, and can be kept. */
function bounded(verdict: Verdict): WatchVerdict {
  return { ...verdict, score: Math.min(MOST_SCORE, verdict.score) };
}

/** Fewer errors than usual are nothing to wake anybody for. */
function onlyUp(verdict: WatchVerdict): WatchVerdict {
  return verdict.direction === "up" ? verdict : quiet(verdict);
}

/** The same, as nothing odd. */
export function quiet<V extends WatchVerdict>(verdict: V): V {
  const { severity: _, direction: __, ...rest } = verdict;
  return { ...(rest as V), score: 0 };
}

const NOW_FLOATS = 5;

interface Saved {
  errors: Uint8Array;
  lines: Uint8Array;
  ratio: Uint8Array;
  rates: Float64Array;
  first: Float64Array;
  now: Float64Array;
}

const VERSION = 1;
const HEADER_BYTES = 16;

/** Version and the lengths of the three detectors, then the detectors, the rates and the minutes in hand. */
function pack({ errors, lines, ratio, rates, first, now }: Saved): Uint8Array {
  const numbers = new Uint8Array(new Float64Array([...rates, ...first, ...now]).buffer);
  const parts = [errors, lines, ratio, numbers];
  const header = Uint32Array.of(VERSION, errors.length, lines.length, ratio.length);
  return Buffer.concat([new Uint8Array(header.buffer), ...parts]);
}

function unpack(saved: Uint8Array): Saved {
  // A Buffer's slices are views of a pool that it shares with others.
  const bytes = Uint8Array.from(saved);
  const header = new Uint32Array(bytes.slice(0, HEADER_BYTES).buffer);
  const [version, errors = 0, lines = 0, ratio = 0] = header;
  const numbersAt = HEADER_BYTES + errors + lines + ratio;
  if (version !== VERSION || bytes.length !== numbersAt + 8 * (RATE_FLOATS + FIRST_FLOATS + NOW_FLOATS))
    throw new Error("This was saved by another version.");
  const numbers = new Float64Array(bytes.slice(numbersAt).buffer);
  return {
    errors: bytes.slice(HEADER_BYTES, HEADER_BYTES + errors),
    lines: bytes.slice(HEADER_BYTES + errors, HEADER_BYTES + errors + lines),
    ratio: bytes.slice(HEADER_BYTES + errors + lines, numbersAt),
    rates: numbers.slice(0, RATE_FLOATS),
    first: numbers.slice(RATE_FLOATS, RATE_FLOATS + FIRST_FLOATS),
    now: numbers.slice(RATE_FLOATS + FIRST_FLOATS),
  };
}
