import { altText } from "../charts/alt.ts";
import type { Chart } from "../charts/chart.ts";
import type { Block } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { CountSeries, ServiceRef, TimeRange } from "../logs/source.ts";
import type { Band } from "./detector.ts";
import type { MinuteCounts } from "./serviceWatch.ts";
import { countsAsError } from "./severeLevels.ts";

const COUNTED = ["errors", "lines"] as const;
export type Counted = (typeof COUNTED)[number];

const MINUTE_MS = 60_000;

/** Lines and errors a minute of one service over a time, in buckets: filled bit by bit, and drawn. */
export class RateChart {
  readonly #ref: ServiceRef;
  readonly #fromMs: number;
  readonly #stepMs: number;
  readonly #minutes: number[];
  readonly #counts: Record<Counted, number[]>;
  readonly #bands: Record<Counted, (Band | undefined)[]>;

  /** @param stepMs whole minutes */
  constructor(ref: ServiceRef, { fromMs, toMs }: TimeRange, stepMs: number) {
    const buckets = Math.max(1, Math.ceil((toMs - fromMs) / stepMs));
    this.#ref = ref;
    this.#fromMs = fromMs;
    this.#stepMs = stepMs;
    this.#minutes = new Array<number>(buckets).fill(0);
    this.#counts = {
      errors: new Array<number>(buckets).fill(0),
      lines: new Array<number>(buckets).fill(0),
    };
    this.#bands = { errors: new Array(buckets), lines: new Array(buckets) };
  }

  /**
   * @param series counts of a time, in steps that are no longer than a bucket
   * @param covered that time: what is not in the series then is none
   * @param bandAt what is usual at a time
   */
  add(
    series: readonly CountSeries[],
    covered: TimeRange,
    bandAt: (of: Counted, atMs: number) => Band | undefined,
  ): void {
    for (const { service, namespace, level, fromMs, stepMs, counts } of series) {
      if (service !== this.#ref.service || namespace !== this.#ref.namespace) continue;
      const isError = countsAsError(level);
      counts.forEach((count, i) => {
        this.#count("lines", fromMs + i * stepMs, count);
        if (isError) this.#count("errors", fromMs + i * stepMs, count);
      });
    }
    let last = -1;
    for (let atMs = covered.fromMs; atMs < covered.toMs; atMs += MINUTE_MS) {
      const bucket = this.#bucketOf(atMs);
      if (this.#minutes[bucket] === undefined) continue;
      this.#minutes[bucket]++;
      if (bucket === last) continue;
      last = bucket;
      const middleMs = this.#fromMs + (bucket + 0.5) * this.#stepMs;
      for (const each of COUNTED) this.#bands[each][bucket] ??= bandAt(each, middleMs);
    }
  }

  hasAny(of: Counted): boolean {
    return this.#counts[of].some((count) => count > 0);
  }

  /** What was logged in each of the last steps before a time. */
  lastCounts(untilMs: number, steps: number): MinuteCounts[] {
    const end = this.#bucketOf(untilMs);
    return Array.from({ length: Math.min(steps, end) }, (_, i) => {
      const bucket = end - Math.min(steps, end) + i;
      return { lines: this.#counts.lines[bucket] ?? 0, errors: this.#counts.errors[bucket] ?? 0 };
    });
  }

  block(of: Counted, more: Pick<Chart, "anomalies" | "marks" | "zone"> = {}): Block {
    const bands = this.#bands[of];
    const edge = (side: "low" | "high") =>
      Array.from(bands, (band) => (band === undefined ? null : rounded(Math.max(0, band[side]))));
    const minutes = this.#stepMs / MINUTE_MS;
    const first = this.#counts.lines.findIndex((count) => count > 0);
    const chart: Chart = {
      title: `${shownName(this.#ref.service)}: ${of}`,
      unit: `${of} / min${minutes > 1 ? `, mean of ${minutes} min` : ""}`,
      fromMs: this.#fromMs,
      stepMs: this.#stepMs,
      values: this.#counts[of].map((count, i) => {
        const known = this.#minutes[i] as number;
        // Before the first line nobody knows whether there was a service.
        return known === 0 || i < first ? null : rounded(count / known);
      }),
      ...(bands.some((band) => band !== undefined) && { band: { low: edge("low"), high: edge("high") } }),
      ...more,
    };
    return { kind: "chart", chart, alt: altText(chart) };
  }

  #count(of: Counted, atMs: number, count: number): void {
    const counts = this.#counts[of];
    const bucket = this.#bucketOf(atMs);
    if (counts[bucket] !== undefined) counts[bucket] += count;
  }

  #bucketOf(atMs: number): number {
    return Math.floor((atMs - this.#fromMs) / this.#stepMs);
  }
}

/** Cards are kept: sixteen digits a point would be most of them. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
