import { Memory } from "./detector/memory.ts";
import { Rarity } from "./detector/rarity.ts";
import { Season } from "./detector/season.ts";
import { TrailingMedian } from "./detector/trailing.ts";
import { T } from "./detector/tune.ts";

/** What a series is made of. */
export interface DetectorOptions {
  /** Seconds between two buckets: 60, 300 or 3600 were measured. */
  stepSeconds: number;
  /** Lines counted, lines (or requests) per time in any unit, or a part of something. */
  kind: "count" | "rate" | "ratio";
  /** Where the first severity begins, in log10 of weeks: 0.5 as shipped. Higher is quieter. */
  sensitivity?: number;
}

export type Direction = "up" | "down" | "silence";
export type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** One thing that has to be so for an anomaly, with its number, so that a person can be told why it fired or did not. */
export interface Condition {
  name: "learned" | "distance" | "rarity" | "lines" | "season" | "silence" | "order";
  value: number;
  limit: number;
  holds: boolean;
}

/** What a detector says of one point, from this point and those before it. */
export interface Verdict {
  /** Log10 of the weeks until chance gives one like it. 0 when quiet or learning. */
  score: number;
  severity?: Severity;
  direction?: Direction;
  /** Per step, as are `expected`, `low` and `high`: the mean of the bucket it was seen in. */
  observed: number;
  expected: number;
  low: number;
  high: number;
  bucketMinutes: number;
  /** While there are too few points to judge by. */
  learning?: { points: number; of: number };
  conditions: Condition[];
}

export interface Band {
  expected: number;
  low: number;
  high: number;
}

/** A series' memory of itself, and what it says of each new point. */
export interface Detector {
  /**
   * @param atMs when the bucket begins
   * @param value its lines, or a ratio; null where nothing is known: nothing fires, nothing is learned
   */
  push(atMs: number, value: number | null): Verdict;
  /** Everything it knows: at most 16 KB. */
  save(): Uint8Array;
  /** What is usual at a time, per step; also of times to come, from the same time of day before. */
  baseline(atMs: number): Band;
}

const VERSION = 1;
const HEADER = 16;
const MEMORY_BYTES = 32_000;

/** A detector that knows nothing yet. */
export function createDetector(options: DetectorOptions): Detector {
  return new SeriesDetector(options, undefined);
}

/** A detector that goes on where the saved one was. Throws when it was saved by another version or for other options. */
export function restoreDetector(options: DetectorOptions, saved: Uint8Array): Detector {
  return new SeriesDetector(options, saved);
}

class Scale {
  readonly up: Rarity;
  readonly down: Rarity;
  readonly state: Float64Array; // sum, scale
  readonly width: number;
  readonly minutes: number;

  constructor(memory: Memory, width: number, minutes: number) {
    this.width = width;
    this.minutes = minutes;
    this.up = new Rarity(memory);
    this.down = new Rarity(memory);
    this.state = memory.doubles(3);
  }
}

const RECENT = 256;

class SeriesDetector implements Detector {
  readonly #o: DetectorOptions;
  readonly #memory: Memory;
  readonly #stepMs: number;
  readonly #recent: Float32Array;
  readonly #shortPast: Float32Array;
  readonly #midPast: Float32Array;
  readonly #short: TrailingMedian;
  readonly #mid: TrailingMedian;
  readonly #long: TrailingMedian;
  readonly #longPoints: number;
  readonly #season: Season;
  readonly #slotMs: number;
  readonly #scales: Scale[];
  readonly #s: Float64Array; // 0 lastStep 1 points 2 runLength(continuous) 3 longSum 4 longCount 5..8 fit errors 9 slot cache 10 seasonMedian 11 hi 12 lo 13 hiMean 14 loMean 15 blockStart 16 day 17 mean24
  readonly #blockSteps: number;
  readonly #learn: number;

  constructor(options: DetectorOptions, saved: Uint8Array | undefined) {
    this.#o = options;
    const memory = new Memory(MEMORY_BYTES);
    this.#memory = memory;
    const step = options.stepSeconds;
    this.#stepMs = step * 1000;
    const points = (minutes: number, least: number) => Math.max(Math.round((minutes * 60) / step), least);
    this.#s = memory.doubles(24);
    this.#recent = memory.floats(RECENT);
    this.#shortPast = memory.floats(RECENT);
    this.#midPast = memory.floats(RECENT);
    this.#short = new TrailingMedian(memory, points(30, 6));
    this.#mid = new TrailingMedian(memory, points(120, 24));
    this.#longPoints = points(5, 1);
    this.#long = new TrailingMedian(memory, Math.max(points(1440, 168) / this.#longPoints, 168));
    this.#slotMs = Math.max(900_000, this.#stepMs);
    this.#season = new Season(memory, Math.round(86_400_000 / this.#slotMs), saved === undefined);
    const widths = [...new Set([1, 5, 30].map((m) => points(m, 1)))];
    this.#scales = widths.map((w) => new Scale(memory, w, (w * step) / 60));
    this.#blockSteps = points(30, 1);
    this.#learn = Math.max((T.learnDays! * 86_400) / step, T.learnPoints!);
    if (step >= 3600) this.#learn = T.learnPoints!;
    if (saved) {
      const header = headerOf(options);
      if (saved.byteLength !== HEADER + memory.used || header.some((byte, i) => saved[i] !== byte))
        throw new Error(
          "This checkpoint was saved by another version of the detector, or for a series of another kind.",
        );
      memory.bytes.set(saved.subarray(HEADER));
    } else {
      this.#s[0] = -1;
      this.#s[9] = -1;
      this.#s[16] = -1;
      this.#s[15] = -1;
    }
  }

  push(atMs: number, value: number | null): Verdict {
    const s = this.#s;
    const step = Math.floor(atMs / this.#stepMs);
    const last = s[0] as number;
    if (value === null || !Number.isFinite(value) || (last >= 0 && step <= last)) return QUIET;
    if (last >= 0 && step - last > this.#blockSteps + 1) {
      s[2] = 0;
      for (const c of this.#scales) c.state[0] = 0;
    }
    if (last >= 0 && step - last > 4 * this.#blockSteps + 1) {
      this.#short.clear();
      this.#mid.clear();
    }
    s[0] = step;
    const x = Math.fround(Math.max(0, value));
    const verdict = this.#judge(atMs, step, x);
    this.#learnFrom(atMs, step, x);
    const severity = severityOf(verdict.score);
    const learning =
      (s[1] as number) <= this.#learn ? { points: s[1] as number, of: this.#learn } : undefined;
    return { ...verdict, ...(severity && { severity }), ...(learning && { learning }) };
  }

  #judge(atMs: number, step: number, x: number): Verdict {
    const s = this.#s;
    const n = s[1] as number;
    const i = n % RECENT;
    const slot = Math.floor(atMs / this.#slotMs);
    if (slot !== s[9]) this.#lookBack(slot);
    this.#recent[i] = x;
    this.#shortPast[i] = this.#short.quantile(0.5);
    this.#midPast[i] = this.#mid.quantile(0.5);
    const run = (s[2] as number) + 1;
    s[2] = run;
    const long = this.#long.quantile(0.5);
    const learned = n >= this.#learn;
    const block = Math.floor(step / this.#blockSteps);
    if (block !== s[15]) {
      if ((s[15] as number) >= 0 && n > this.#learn / 4)
        for (const c of this.#scales) {
          c.up.endBlock();
          c.down.endBlock();
          c.up.fitTail();
          c.down.fitTail();
        }
      s[15] = block;
    }
    const day = Math.floor(atMs / 86_400_000);
    if (day !== s[16]) {
      s[16] = day;
      for (const c of this.#scales) {
        c.up.forget();
        c.down.forget();
      }
    }
    // which two fit best
    const p = T.pow!;
    const refs = [0, 0, long, T.useSeason ? (s[10] as number) : Number.NaN];
    let best: Verdict = QUIET;
    for (const c of this.#scales) {
      const w = c.width;
      c.state[0] = Math.max(0, c.state[0]! + x - (run > w ? this.#recent[(i - w + RECENT) % RECENT]! : 0));
      if (run < w) continue;
      const mean = c.state[0]! / w;
      const lag = (i - (w - 1) + RECENT) % RECENT;
      refs[0] = this.#shortPast[lag]!;
      refs[1] = this.#midPast[lag]!;
      // two best
      let a = -1,
        b = -1;
      for (let k = 0; k < 4; k++) {
        if (Number.isNaN(refs[k])) continue;
        if (a < 0 || s[5 + k]! < s[5 + a]!) {
          b = a;
          a = k;
        } else if (b < 0 || s[5 + k]! < s[5 + b]!) b = k;
      }
      if (b < 0) continue;
      const hiRef = Math.max(refs[a]!, refs[b]!),
        loRef = Math.min(refs[a]!, refs[b]!);
      let hi = hiRef,
        lo = loRef;
      const sh = w * this.#o.stepSeconds >= 900 ? s[13]! : s[11]!,
        sl = w * this.#o.stepSeconds >= 900 ? s[14]! : s[12]!;
      if (T.seasonAlike) {
        if (sh > hi) hi = sh;
        if (sl < lo) lo = sl;
      }
      // noise
      const centre = refs[a]!;
      const resid = Math.abs(mean ** p - centre ** p);
      const q = c.state[1]!;
      const poisson =
        this.#o.kind === "count"
          ? p * Math.sqrt(Math.max(centre, s[17]!, 1 / w) / w) * Math.max(centre, s[17]!, 1 / w) ** (p - 1)
          : 0;
      const scale = Math.max(q, poisson, 1e-9);
      const up = mean > hi ? (mean ** p - hi ** p) / scale : 0;
      const down = mean < lo ? (lo ** p - mean ** p) / scale : 0;
      const lines = up > 0 ? (mean - hi) * w : (lo - mean) * w;
      const z = Math.max(up, down);
      if (learned && z > T.minZ! && (this.#o.kind !== "count" || lines >= T.minLines!)) {
        const logBlocks = (up > 0 ? c.up : c.down).logBlocks(z);
        const score = logBlocks - Math.log10(604_800 / (this.#blockSteps * this.#o.stepSeconds));
        if (score > best.score)
          best = {
            score,
            direction: up > 0 ? "up" : "down",
            observed: mean,
            expected: centre,
            low: lo,
            high: hi,
            bucketMinutes: c.minutes,
            conditions: [],
          };
      }
      if (up > 0) c.up.see(up);
      else if (down > 0) c.down.see(down);
      // adaptive scale
      const eta = Math.max(
        (1 / ((T.scaleDays! * 86400) / this.#o.stepSeconds)) * 20,
        Math.min(0.3, 1 / (1 + n / 10)),
      );
      if (q === 0) c.state[1] = resid;
      else
        c.state[1] = resid > q ? q * Math.exp(T.scaleShare! * eta) : q * Math.exp(-(1 - T.scaleShare!) * eta);
      if (resid > 0 && c.state[1]! < 1e-6 * mean ** p) c.state[1] = 1e-6 * mean ** p;
      if (w === this.#scales[0]!.width) {
        const alpha = this.#o.stepSeconds / (T.fitDays! * 86400);
        for (let k = 0; k < 4; k++)
          if (!Number.isNaN(refs[k]!)) {
            const e = Math.min(Math.abs(x ** p - refs[k]! ** p), 4 * scale);
            s[5 + k] = s[5 + k]! + Math.max(alpha, 1 / (1 + n)) * (e - s[5 + k]!);
          }
      }
    }
    return best;
  }

  #learnFrom(atMs: number, _step: number, x: number): void {
    const s = this.#s;
    s[1] = s[1]! + 1;
    this.#short.add(x);
    this.#mid.add(x);
    s[3] = s[3]! + x;
    s[4] = s[4]! + 1;
    if (s[4]! >= this.#longPoints) {
      this.#long.add(s[3]! / s[4]!);
      s[3] = 0;
      s[4] = 0;
    }
    const alpha = Math.max(this.#o.stepSeconds / 86400, 1 / s[1]!);
    s[17] = s[17]! + alpha * (x - s[17]!);
    this.#season.add(Math.floor(atMs / this.#slotMs), x);
  }

  #lookBack(slot: number): void {
    const s = this.#s;
    s[9] = slot;
    const d = this.#season.slotsPerDay;
    const means: number[] = [],
      highs: number[] = [],
      lows: number[] = [],
      hm: number[] = [],
      lm: number[] = [];
    const around = (day: number) => {
      let h = -Infinity,
        l = Infinity,
        h2 = -Infinity,
        l2 = Infinity;
      for (let k = -1; k <= 1; k++) {
        const at = slot - day * d + k;
        const m = this.#season.mean(at);
        if (Number.isNaN(m)) continue;
        h = Math.max(h, this.#season.high(at));
        l = Math.min(l, this.#season.low(at));
        h2 = Math.max(h2, m);
        l2 = Math.min(l2, m);
      }
      return h === -Infinity ? undefined : [h, l, h2, l2];
    };
    for (let day = 1; day <= 7; day++) {
      const m = this.#season.mean(slot - day * d);
      if (!Number.isNaN(m)) means.push(m);
      const a = around(day);
      if (a) {
        highs.push(a[0]!);
        lows.push(a[1]!);
        hm.push(a[2]!);
        lm.push(a[3]!);
      }
    }
    s[10] = means.length >= 3 ? median(means) : Number.NaN;
    const third = (a: number[], sign: number) =>
      a.length < 3 ? Number.NaN : a.sort((x, y) => sign * (y - x))[2]!;
    let hi = third(highs, 1),
      lo = third(lows, -1),
      him = third(hm, 1),
      lom = third(lm, -1);
    const w1 = around(7),
      w2 = around(14);
    if (w1 && w2) {
      hi = Math.max(Math.min(w1[0]!, w2[0]!), Number.isNaN(hi) ? -1 : hi);
      lo = Math.min(Math.max(w1[1]!, w2[1]!), Number.isNaN(lo) ? Infinity : lo);
      him = Math.max(Math.min(w1[2]!, w2[2]!), Number.isNaN(him) ? -1 : him);
      lom = Math.min(Math.max(w1[3]!, w2[3]!), Number.isNaN(lom) ? Infinity : lom);
    }
    s[11] = hi;
    s[12] = lo;
    s[13] = him;
    s[14] = lom;
  }

  save(): Uint8Array {
    const out = new Uint8Array(HEADER + this.#memory.used);
    out.set(headerOf(this.#o));
    out.set(this.#memory.bytes.subarray(0, this.#memory.used), HEADER);
    return out;
  }

  baseline(atMs: number): Band {
    const s = this.#s;
    const open = s[9]!;
    this.#lookBack(Math.floor(atMs / this.#slotMs));
    const [expected, high, low] = [s[10]!, s[11]!, s[12]!];
    this.#lookBack(open);
    return Number.isNaN(expected) || Number.isNaN(high)
      ? { expected: s[17]!, low: 0, high: s[17]! }
      : { expected, low, high };
  }
}

const QUIET: Verdict = {
  score: 0,
  observed: 0,
  expected: 0,
  low: 0,
  high: 0,
  bucketMinutes: 0,
  conditions: [],
};

function headerOf(options: DetectorOptions): Uint8Array {
  const header = new Uint8Array(HEADER);
  header[0] = VERSION;
  header[1] = { count: 0, rate: 1, ratio: 2 }[options.kind];
  new DataView(header.buffer).setFloat64(8, options.stepSeconds);
  return header;
}

function severityOf(score: number): Severity | undefined {
  if (score >= 5) return "CRITICAL";
  if (score >= 3) return "HIGH";
  if (score >= 1.5) return "MEDIUM";
  return score >= 0.5 ? "LOW" : undefined;
}

function median(a: number[]): number {
  a.sort((x, y) => x - y);
  const m = a.length >> 1;
  return a.length % 2 ? a[m]! : (a[m - 1]! + a[m]!) / 2;
}
