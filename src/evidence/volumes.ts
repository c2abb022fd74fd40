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
  /** The first step in which anything was logged, -1 where nothing was, and how many services the log begins with. */
  readonly #first: number;
  readonly #beganWith: number;
  /** By service: each is asked about with every kind of its lines, and there may be thousands. */
  readonly #starts = new Map<string, number>();
  readonly #talks = new Map<string, number[]>();

  /** @param talkEarlier lines a minute of a service that were no errors, at a time when all was well */
  constructor(
    series: readonly CountSeries[],
    steps: Steps,
    talkEarlier: (service: string) => number | undefined = () => undefined,
  ) {
    this.#series = series;
    this.#steps = steps;
    this.#talkEarlier = talkEarlier;
    this.#first = firstOf(this.#sum(() => true));
    this.#beganWith = this.#servicesAt(Math.max(0, this.#first));
  }

  /** The start of the first step in which anything was logged; before it nothing is known. */
  get firstMs(): number | undefined {
    return this.#first < 0 ? undefined : this.#stepMs(this.#first);
  }

  /**
   * Since when it can be told what is usual for a service. Where its log begins in the middle, what went on all the
   * time seems to begin there too: a service that goes on talking from its first step on was there before, unread. So was one
   * whose first lines are errors, where the whole log begins with it and with others; otherwise it was silent until then.
   */
  startMs(service: string): number {
    const startMs = this.#starts.get(service) ?? this.#startOf(service);
    this.#starts.set(service, startMs);
    return startMs;
  }

  #startOf(service: string): number {
    const first = firstOf(this.#sum((series) => series.service === service));
    if (first <= 0) return this.#steps.fromMs;
    if (this.#talksFrom(first, service)) return this.#stepMs(first + 1);
    if (this.#beganWith < 2) return this.#steps.fromMs;
    return this.#stepMs(first - this.#first < BEGINS_STEPS ? first + 1 : this.#first);
  }

  /** Its lines that are no errors. */
  #talkOf(service: string): number[] {
    const talk =
      this.#talks.get(service) ??
      this.#sum((series) => series.service === service && !isErrorLevel(series.level));
    this.#talks.set(service, talk);
    return talk;
  }

  /** Whether it wrote lines that are no errors in at least half of the steps from there on. */
  #talksFrom(step: number, service: string): boolean {
    const from = this.#talkOf(service).slice(step, step + TALKS_STEPS);
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
    const talk = this.#talkOf(service);
    const from = Math.round((this.startMs(service) - this.#steps.fromMs) / this.#steps.stepMs);
    const at = Math.floor((atMs - this.#steps.fromMs) / this.#steps.stepMs);
    const before = talk.slice(from, at);
    const after = talk.slice(at + 1);
    if (sumOf(after) < MIN_TRAFFIC) return 1;
    const usual =
      sumOf(before) < MIN_TRAFFIC
        ? (this.#talkEarlier(service) ?? 0) * (this.#steps.stepMs / 60_000)
        : mean(before);
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
