import { keptName } from "../clusters/keptName.ts";
import type { CountSeries, ServiceRef } from "../logs/source.ts";
import type { KeptBaseline } from "./baselineStore.ts";
import type { Circumstances } from "./circumstances.ts";
import { type Episode, type Step, Walk } from "./episode.ts";
import type { Metric } from "./metric.ts";
import { type Finding, type MinuteCounts, ServiceWatch } from "./serviceWatch.ts";
import { countsAsError } from "./severeLevels.ts";

/** A step of an episode, which is to be kept. */
export type Change = Exclude<Step, { kind: "none" }> & { atMs: number };

interface Watched {
  ref: ServiceRef;
  watch: ServiceWatch;
  walks: Map<Metric, Walk>;
}

const MINUTE_MS = 60_000;
/** Fewer services may well be silent together; of so many that log so much a minute none is, unless the way here is cut. */
const SEVERAL = 3;
const CERTAIN_LINES = 20;
/** Whoever sends a new service name with every line must not fill the memory. */
const MOST_SERVICES = 2_000;

/** All services of one tenant as they are watched, minute by minute. In memory: what is kept of it is a checkpoint. */
export class TenantWatch {
  readonly #services = new Map<string, Watched>();
  /** The end of the last minute. */
  #untilMs: number | undefined;
  #learnedFromMs: number | undefined;
  #silentSinceMs: number | undefined;
  #leftOut = 0;

  /** @param untilMs up to where everything has been acted upon */
  static restore(
    kept: readonly KeptBaseline[],
    since: { learnedFromMs?: number | undefined; silentSinceMs?: number | undefined },
  ): TenantWatch {
    const tenant = new TenantWatch();
    for (const { service, namespace, detectors } of kept) {
      const watch = restored(detectors);
      if (watch !== undefined) tenant.#add({ service, namespace }, watch);
    }
    tenant.#learnedFromMs = since.learnedFromMs;
    tenant.#silentSinceMs = since.silentSinceMs;
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

  /** Services that are watched, and of how many more nothing is known because there are too many. */
  get size(): { watched: number; leftOut: number } {
    return { watched: this.#services.size, leftOut: this.#leftOut };
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
    for (const { walks } of this.#services.values()) walks.clear();
    return episodes.flatMap(({ isOpen, ...episode }) => {
      if (episode.metric === "new_error") return [];
      const watched = this.#services.get(keyOf(episode)) ?? this.#add(episode, ServiceWatch.create());
      if (watched !== undefined) walkOf(watched, episode.metric).resume(episode, isOpen);
      return watched === undefined && isOpen ? [episode] : [];
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
    if (series === undefined) return this.#passOver(fromMs, toMs);
    const counts = tableOf(series);
    for (const { ref } of counts.values()) {
      if (!this.#services.has(keyOf(ref))) this.#add(ref, ServiceWatch.create());
    }
    const changes: Change[] = [];
    let usual = this.#usualLines();
    for (let minuteMs = fromMs; minuteMs < toMs; minuteMs += MINUTE_MS) {
      const at = Math.round((minuteMs - fromMs) / MINUTE_MS);
      if (at % 10 === 0) usual = this.#usualLines();
      this.#minute(minuteMs, (key) => countsAt(counts.get(key), at), usual, about, changes);
    }
    this.#untilMs = toMs;
    return changes;
  }

  /** Minutes of which nothing is known. */
  #passOver(fromMs: number, toMs: number): Change[] {
    for (const { watch } of this.#services.values())
      for (let minuteMs = Math.max(fromMs, watch.untilMs); minuteMs < toMs; minuteMs += MINUTE_MS)
        watch.push(minuteMs, undefined);
    this.#untilMs = toMs;
    return [];
  }

  /** Everything up to then has been acted upon. */
  standAt(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  /** What is to be kept now: a sixtieth of the services each minute, those that are new, or all. */
  checkpoint(minuteMs: number, all = false): KeptBaseline[] {
    const part = Math.floor(minuteMs / MINUTE_MS) % CHECKPOINT_MINUTES;
    return [...this.#services.values()].flatMap((watched, at) => {
      const rates = watched.watch.rates();
      const isDue = all || at % CHECKPOINT_MINUTES === part || !this.#saved.has(watched);
      if (!isDue || rates === undefined) return [];
      this.#saved.add(watched);
      const { ref, watch } = watched;
      return [{ ...ref, ...rates, lastSeenMs: watch.lastSeenMs, detectors: watch.save() }];
    });
  }

  readonly #saved = new WeakSet<Watched>();

  /** Services that have been silent since then are watched no longer. */
  forgetBefore(beforeMs: number): void {
    for (const [key, watched] of this.#services) {
      if (watched.watch.lastSeenMs < beforeMs && !hasOpen(watched)) this.#services.delete(key);
    }
  }

  /** Episodes that are open now. */
  open(): Episode[] {
    return [...this.#services.values()].flatMap(({ walks }) =>
      [...walks.values()].flatMap((walk) => walk.open ?? []),
    );
  }

  isOpen(ref: ServiceRef, metric: Metric): boolean {
    return this.#services.get(keyOf(ref))?.walks.get(metric)?.open !== undefined;
  }

  watchOf(ref: ServiceRef): ServiceWatch | undefined {
    return this.#services.get(keyOf(ref))?.watch;
  }

  #minute(
    minuteMs: number,
    countsOf: (key: string) => MinuteCounts | undefined,
    usualLines: number,
    about: Circumstances,
    changes: Change[],
  ): void {
    let lines = 0;
    for (const key of this.#services.keys()) lines += countsOf(key)?.lines ?? 0;
    if (lines > 0) this.#learnedFromMs ??= minuteMs;
    // Nobody at all logged anything: that is no service's silence but a gap between them and here.
    const isGap = lines === 0 && usualLines >= CERTAIN_LINES && this.#services.size >= SEVERAL;
    this.#silentSinceMs = isGap ? (this.#silentSinceMs ?? minuteMs) : undefined;
    for (const [key, watched] of this.#services) {
      const { ref, watch } = watched;
      if (watch.untilMs > minuteMs) continue;
      const counts = countsOf(key);
      // Before its first line there was no service that could be silent; but what is open of one has to end.
      if (counts === undefined && watch.lastSeenMs === 0 && !hasOpen(watched)) continue;
      if (isGap || about.isMaintained(ref, minuteMs)) {
        watch.push(minuteMs, undefined);
        continue;
      }
      const rules = about.rules(ref);
      for (const finding of watch.push(minuteMs, counts ?? NOTHING)) {
        const walk = walkOf(watched, finding.metric);
        if (isTold(watched, finding, minuteMs + MINUTE_MS)) {
          walk.passOver(minuteMs + MINUTE_MS);
          if (walk.open === undefined) continue;
        }
        const weighed = about.weighed(ref, minuteMs, finding);
        if (weighed.score === 0 && finding.score > 0) walk.passOver(minuteMs + MINUTE_MS);
        const step = walk.step(minuteMs, weighed, rules);
        if (step.kind !== "none") changes.push({ ...step, atMs: minuteMs + MINUTE_MS });
      }
    }
  }

  #usualLines(): number {
    let sum = 0;
    for (const { watch } of this.#services.values()) sum += watch.rates()?.avgLogRate ?? 0;
    return sum;
  }

  #add(ref: ServiceRef, watch: ServiceWatch): Watched | undefined {
    if (this.#services.size >= MOST_SERVICES) {
      this.#leftOut++;
      return undefined;
    }
    const watched = { ref: refOf(ref), watch, walks: new Map<Metric, Walk>() };
    this.#services.set(keyOf(ref), watched);
    return watched;
  }
}

/** Of a surge of lines that is so much errors, the errors tell. */
const EXPLAINED = 0.5;
/** Each service is kept so often: what was learnt since is read again by whoever goes on. */
const CHECKPOINT_MINUTES = 60;
const NOTHING: MinuteCounts = { lines: 0, errors: 0 };

/** Of another version: it is learnt again. */
function restored(detectors: Uint8Array): ServiceWatch | undefined {
  try {
    return ServiceWatch.restore(detectors);
  } catch {
    return undefined;
  }
}

/** What two metrics would say of the same lines is told once. */
function isTold(watched: Watched, finding: Finding, endMs: number): boolean {
  const openOf = (other: Metric) => walkOf(watched, other).open;
  const errors = openOf("error_rate");
  if (finding.metric === "error_ratio") return errors !== undefined;
  if (finding.metric !== "log_volume") return false;
  if (finding.direction !== "up" || errors === undefined) return openOf("silence") !== undefined;
  const minutes = Math.min(Math.max(1, finding.bucketMinutes), (endMs - errors.startedAtMs) / MINUTE_MS);
  return (errors.observedValue - errors.baselineValue) * minutes >= EXPLAINED * finding.lines;
}

function hasOpen({ walks }: Watched): boolean {
  return [...walks.values()].some((walk) => walk.open !== undefined);
}

function walkOf({ ref, walks }: Watched, metric: Metric): Walk {
  const walk = walks.get(metric) ?? new Walk(ref);
  walks.set(metric, walk);
  return walk;
}

interface Row {
  ref: ServiceRef;
  lines: number[];
  errors: number[];
}

function tableOf(series: readonly CountSeries[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const { level, counts, service, namespace } of series) {
    if (service === "") continue;
    // Known by the name it is kept under: whoever restores it has no other.
    const ref = { service: keptName(service), namespace: keptName(namespace) };
    const row = rows.get(keyOf(ref)) ?? { ref, lines: [], errors: [] };
    rows.set(keyOf(ref), row);
    counts.forEach((count, at) => {
      row.lines[at] = (row.lines[at] ?? 0) + count;
      if (countsAsError(level)) row.errors[at] = (row.errors[at] ?? 0) + count;
    });
  }
  return rows;
}

function countsAt(row: Row | undefined, at: number): MinuteCounts | undefined {
  const lines = row?.lines[at] ?? 0;
  return lines === 0 ? undefined : { lines, errors: row?.errors[at] ?? 0 };
}

function refOf({ service, namespace }: ServiceRef): ServiceRef {
  return { service, namespace };
}

function keyOf({ service, namespace }: ServiceRef): string {
  return JSON.stringify([namespace, service]);
}
