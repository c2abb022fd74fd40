import { isErrorLevel } from "../clusters/cluster.ts";
import type { CountSeries } from "../logs/source.ts";
import { findStepDrop } from "./changePoint.ts";
import { sumOf } from "./numbers.ts";
import type { VolumeDrop } from "./pack.ts";
import type { Steps } from "./steps.ts";

/** Services that wrote at least this much a minute before, and less than a third of it after. */
const MIN_QUIETER_RATE = 5;
const MAX_QUIETER = 5;
/** A fall that is less sure than this, in nats, may be chance. */
const MIN_DROP_GAIN = 20;
/** What a log begins with is looked at for so many steps. */
const BEGINS_STEPS = 2;
/** And whether a service goes on talking, for so many. */
const TALKS_STEPS = 10;
/** Fewer lines than this tell nothing of how much a service has to do. */
const MIN_TRAFFIC = 20;

/** How many lines the services of a namespace wrote by step, of any level. */
export class Volumes {
  readonly #series: readonly CountSeries[];
  readonly #steps: Steps;
  readonly #talkEarlier: (service: string) => number | undefined;

  /** @param talkEarlier lines a minute of a service that were no errors, at a time when all was well */
  constructor(
    series: readonly CountSeries[],
    steps: Steps,
    talkEarlier: (service: string) => number | undefined = () => undefined,
  ) {
    this.#series = series;
    this.#steps = steps;
    this.#talkEarlier = talkEarlier;
  }

  /** The start of the first step in which anything was logged; before it nothing is known. */
  get firstMs(): number | undefined {
    const first = firstOf(this.#sum(() => true));
    return first < 0 ? undefined : this.#stepMs(first);
  }

  /**
   * Since when it can be told what is usual for a service. Where its log begins in the middle, what went on all the
   * time seems to begin there too: a service that goes on talking from its first step on was there before, unread. So was one
   * whose first lines are errors, where the whole log begins with it and with others; otherwise it was silent until then.
   */
  startMs(service: string): number {
    const first = firstOf(this.#sum((series) => series.service === service));
    if (first <= 0) return this.#steps.fromMs;
    if (this.#talksFrom(first, service)) return this.#stepMs(first + 1);
    const logFirst = firstOf(this.#sum(() => true));
    if (this.#servicesAt(logFirst) < 2) return this.#steps.fromMs;
    return this.#stepMs(first - logFirst < BEGINS_STEPS ? first + 1 : logFirst);
  }

  /** Whether it wrote lines that are no errors in at least half of the steps from there on. */
  #talksFrom(step: number, service: string): boolean {
    const talk = this.#sum((series) => series.service === service && !isErrorLevel(series.level));
    const from = talk.slice(step, step + TALKS_STEPS);
    const begins = sumOf(from.slice(0, BEGINS_STEPS)) > 0;
    return begins && from.filter((count) => count > 0).length * 2 >= from.length;
  }

  /** How many services wrote anything in the first steps from there on. */
  #servicesAt(step: number): number {
    const wrote = this.#series.filter(({ counts }) => sumOf(counts.slice(step, step + BEGINS_STEPS)) > 0);
    return new Set(wrote.map(({ service, namespace }) => `${namespace}\0${service}`)).size;
  }

  /** By what factor a service had more to do from then on than before: its lines that are no errors. */
  growth(service: string, atMs: number): number {
    const talk = this.#sum((series) => series.service === service && !isErrorLevel(series.level));
    const from = Math.round((this.startMs(service) - this.#steps.fromMs) / this.#steps.stepMs);
    const at = Math.floor((atMs - this.#steps.fromMs) / this.#steps.stepMs);
    const before = talk.slice(from, at);
    const after = talk.slice(at + 1);
    if (sumOf(after) < MIN_TRAFFIC) return 1;
    const earlier = (this.#talkEarlier(service) ?? 0) * (this.#steps.stepMs / 60_000);
    const usual = sumOf(before) < MIN_TRAFFIC ? earlier : mean(before);
    return usual > 0 ? mean(after) / usual : 1;
  }

  /** Lines of error levels of all services. */
  get errorLines(): number {
    return sumOf(this.#sum((series) => isErrorLevel(series.level)));
  }

  /** ERROR and worse of a service by step; where it has none of these, its warnings. */
  errors(service: string): { counts: number[]; of: "errors" | "warnings" } {
    const ofService = (warnings: boolean) =>
      this.#sum(
        ({ service: name, level }) =>
          name === service && isErrorLevel(level) && (level === "WARN") === warnings,
      );
    const errors = ofService(false);
    if (sumOf(errors) > 0) return { counts: errors, of: "errors" };
    const warnings = ofService(true);
    return sumOf(warnings) > 0 ? { counts: warnings, of: "warnings" } : { counts: errors, of: "errors" };
  }

  /** Services that fell quiet, the most first: at the onset, or by themselves where nothing else happened. */
  quieter(onsetMs: number | undefined): VolumeDrop[] {
    const drops: VolumeDrop[] = [];
    const perMinute = 60_000 / this.#steps.stepMs;
    for (const { service, namespace } of this.#services()) {
      const counts = this.#sum((series) => series.service === service && series.namespace === namespace);
      const fall = findStepDrop(counts);
      const at =
        onsetMs === undefined ? fall.step : Math.ceil((onsetMs - this.#steps.fromMs) / this.#steps.stepMs);
      if (onsetMs === undefined && fall.gain < MIN_DROP_GAIN) continue;
      const perMinuteBefore = mean(counts.slice(Math.max(0, firstOf(counts)), at)) * perMinute;
      const perMinuteAfter = mean(counts.slice(at)) * perMinute;
      if (perMinuteBefore < MIN_QUIETER_RATE || !(perMinuteAfter < perMinuteBefore / 3)) continue;
      drops.push({ service, namespace, perMinuteBefore, perMinuteAfter, atMs: this.#stepMs(at) });
    }
    drops.sort((a, b) => a.perMinuteAfter / a.perMinuteBefore - b.perMinuteAfter / b.perMinuteBefore);
    return drops.slice(0, MAX_QUIETER);
  }

  #services(): { service: string; namespace: string }[] {
    const byName = new Map(
      this.#series.map(({ service, namespace }) => [`${namespace}\0${service}`, { service, namespace }]),
    );
    return [...byName.values()];
  }

  #sum(isMeant: (series: CountSeries) => boolean): number[] {
    const sum = new Array<number>(this.#steps.count).fill(0);
    for (const series of this.#series) {
      if (!isMeant(series)) continue;
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (series.counts[i] ?? 0);
    }
    return sum;
  }

  #stepMs(step: number): number {
    return this.#steps.fromMs + step * this.#steps.stepMs;
  }
}

function firstOf(counts: readonly number[]): number {
  return counts.findIndex((count) => count > 0);
}

/** NaN for nothing: no comparison with it is true. */
function mean(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
