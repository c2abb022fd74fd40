import type { CountSeries, ServiceRef } from "../logs/source.ts";
import { takeTurns } from "../turns.ts";
import type { KeptBaseline } from "./baselineStore.ts";
import type { Circumstances } from "./circumstances.ts";
import type { Change, Episode } from "./episode.ts";
import type { Metric } from "./metric.ts";
import { countsAt, minuteTable } from "./minuteTable.ts";
import { serviceKey } from "./serviceKey.ts";
import { type MinuteCounts, ServiceWatch } from "./serviceWatch.ts";
import { WatchedService } from "./watchedService.ts";

const MINUTE_MS = 60_000;
/** Fewer services may well be silent together; of so many that log so much a minute none is, unless the way here is cut. */
const SEVERAL = 3;
const CERTAIN_LINES = 20;
/** Whoever sends a new service name with every line must not fill the memory. */
const MOST_SERVICES = 2_000;

/** All services of one tenant as they are watched, minute by minute. In memory: what is kept of it is a checkpoint. */
export class TenantWatch {
  readonly #services = new Map<string, WatchedService>();
  readonly #saved = new WeakSet<WatchedService>();
  /** The end of the last minute. */
  #untilMs: number | undefined;
  #learnedFromMs: number | undefined;
  #silentSinceMs: number | undefined;

  static restore(
    kept: readonly KeptBaseline[],
    since: { learnedFromMs?: number | undefined; silentSinceMs?: number | undefined },
  ): TenantWatch {
    const tenant = new TenantWatch();
    for (const each of kept) tenant.#recall(each);
    tenant.#learnedFromMs = since.learnedFromMs;
    tenant.#silentSinceMs = since.silentSinceMs;
    return tenant;
  }

  /** The same of many services, while others get their turn: two thousand take a second. */
  static async restoreInTurns(
    kept: readonly KeptBaseline[],
    since: { learnedFromMs?: number | undefined; silentSinceMs?: number | undefined },
  ): Promise<TenantWatch> {
    const tenant = TenantWatch.restore([], since);
    const turn = takeTurns();
    for (const each of kept) {
      tenant.#recall(each);
      await turn();
    }
    return tenant;
  }

  get untilMs(): number | undefined {
    return this.#untilMs;
  }

  get learnedFromMs(): number | undefined {
    return this.#learnedFromMs;
  }

  get silentSinceMs(): number | undefined {
    return this.#silentSinceMs;
  }

  /** How many services are watched. */
  get size(): number {
    return this.#services.size;
  }

  /** From where minutes are missing to the service that knows least. */
  get firstMissingMs(): number | undefined {
    let first: number | undefined;
    for (const { watch } of this.#services.values()) {
      if (first === undefined || watch.untilMs < first) first = watch.untilMs;
    }
    return first;
  }

  /**
   * Episodes as they are kept: those that are open go on, and what is over is not found again.
   * @returns those that are open and cannot go on: their service is one too many
   */
  take(episodes: readonly (Episode & { isOpen: boolean })[]): Episode[] {
    for (const service of this.#services.values()) service.dropEpisodes();
    return episodes.flatMap(({ isOpen, ...episode }) => {
      if (episode.metric === "new_error") return [];
      const service = this.#services.get(serviceKey(episode)) ?? this.#add(episode, ServiceWatch.create());
      service?.resume(episode, isOpen);
      return service === undefined && isOpen ? [episode] : [];
    });
  }

  /**
   * Counts of [fromMs, toMs), a minute a step; undefined where they could not be had.
   * @returns what began, went on and ended, in the order of the minutes
   */
  advance(
    series: readonly CountSeries[] | undefined,
    fromMs: number,
    toMs: number,
    about: Circumstances,
  ): Change[] {
    return [...this.minutes(series, fromMs, toMs, about)].flat();
  }

  /** The same, a service's minute at a time: an hour of thousands of services is seconds of work, and others have to get their turn in it. */
  *minutes(
    series: readonly CountSeries[] | undefined,
    fromMs: number,
    toMs: number,
    about: Circumstances,
  ): Generator<Change[], void> {
    if (series === undefined) return yield* this.#passOver(fromMs, toMs);
    const counts = minuteTable(series);
    for (const { ref } of counts.values()) {
      if (this.#services.has(serviceKey(ref))) continue;
      this.#add(ref, ServiceWatch.create());
      yield [];
    }
    let usual = this.#usualLines();
    for (let minuteMs = fromMs; minuteMs < toMs; minuteMs += MINUTE_MS) {
      const at = Math.round((minuteMs - fromMs) / MINUTE_MS);
      if (at % 10 === 0) usual = this.#usualLines();
      yield* this.#minute(minuteMs, (key) => countsAt(counts.get(key), at), usual, about);
    }
    this.#untilMs = toMs;
  }

  /** Minutes of which nothing is known. */
  *#passOver(fromMs: number, toMs: number): Generator<Change[], void> {
    for (const { watch } of this.#services.values()) {
      for (let minuteMs = Math.max(fromMs, watch.untilMs); minuteMs < toMs; minuteMs += MINUTE_MS)
        watch.push(minuteMs, undefined);
      yield [];
    }
    this.#untilMs = toMs;
  }

  /** Everything up to then has been acted upon. */
  standAt(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  /** What is to be kept now, made as it is asked for: a sixtieth of the services each minute, those that are new, or all. */
  *checkpoint(minuteMs: number, all = false): Generator<KeptBaseline, void> {
    const part = Math.floor(minuteMs / MINUTE_MS) % CHECKPOINT_MINUTES;
    let at = -1;
    for (const service of this.#services.values()) {
      at += 1;
      const { ref, watch } = service;
      if (!all && at % CHECKPOINT_MINUTES !== part && this.#saved.has(service)) continue;
      const rates = watch.rates();
      if (rates === undefined) continue;
      this.#saved.add(service);
      yield { ...ref, ...rates, lastSeenMs: watch.lastSeenMs, detectors: watch.save() };
    }
  }

  /** Services that have been silent since then are watched no longer. */
  forgetBefore(beforeMs: number): void {
    for (const [key, service] of this.#services) {
      if (service.watch.lastSeenMs < beforeMs && !service.hasOpen) this.#services.delete(key);
    }
  }

  /** Episodes that are open now. */
  open(): Episode[] {
    return [...this.#services.values()].flatMap(({ open }) => open);
  }

  isOpen(ref: ServiceRef, metric: Metric): boolean {
    return this.#services.get(serviceKey(ref))?.isOpen(metric) === true;
  }

  watchOf(ref: ServiceRef): ServiceWatch | undefined {
    return this.#services.get(serviceKey(ref))?.watch;
  }

  *#minute(
    minuteMs: number,
    countsOf: (key: string) => MinuteCounts | undefined,
    usualLines: number,
    about: Circumstances,
  ): Generator<Change[], void> {
    let lines = 0;
    for (const key of this.#services.keys()) lines += countsOf(key)?.lines ?? 0;
    if (lines > 0) this.#learnedFromMs ??= minuteMs;
    // Nobody at all logged anything: that is no service's silence but a gap between them and here.
    const isGap = lines === 0 && usualLines >= CERTAIN_LINES && this.#services.size >= SEVERAL;
    this.#silentSinceMs = isGap ? (this.#silentSinceMs ?? minuteMs) : undefined;
    for (const [key, service] of this.#services) yield service.advance(minuteMs, countsOf(key), isGap, about);
  }

  #recall({ service, namespace, detectors }: KeptBaseline): void {
    const watch = restored(detectors);
    if (watch !== undefined) this.#add({ service, namespace }, watch);
  }

  #usualLines(): number {
    let sum = 0;
    for (const { watch } of this.#services.values()) sum += watch.rates()?.avgLogRate ?? 0;
    return sum;
  }

  #add(ref: ServiceRef, watch: ServiceWatch): WatchedService | undefined {
    if (this.#services.size >= MOST_SERVICES) return undefined;
    const service = new WatchedService(ref, watch);
    this.#services.set(serviceKey(ref), service);
    return service;
  }
}

/** Each service is kept so often: what was learnt since is read again by whoever goes on. */
const CHECKPOINT_MINUTES = 60;

/** Of another version: it is learnt again. */
function restored(detectors: Uint8Array): ServiceWatch | undefined {
  try {
    return ServiceWatch.restore(detectors);
  } catch {
    return undefined;
  }
}
