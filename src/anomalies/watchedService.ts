import type { ServiceRef } from "../logs/source.ts";
import type { Circumstances } from "./circumstances.ts";
import { type Change, type Episode, Walk } from "./episode.ts";
import type { Metric } from "./metric.ts";
import type { Finding, MinuteCounts, ServiceWatch } from "./serviceWatch.ts";

const MINUTE_MS = 60_000;
/** Of a surge of lines that is so much errors, the errors tell. */
const EXPLAINED = 0.5;
const NOTHING: MinuteCounts = { lines: 0, errors: 0 };

/** A service that is watched: what its watch finds, minute by minute, and the episodes that this makes. */
export class WatchedService {
  readonly ref: ServiceRef;
  readonly watch: ServiceWatch;
  readonly #walks = new Map<Metric, Walk>();

  constructor({ service, namespace }: ServiceRef, watch: ServiceWatch) {
    this.ref = { service, namespace };
    this.watch = watch;
  }

  /** Its episodes that are open now. */
  get open(): Episode[] {
    return [...this.#walks.values()].flatMap((walk) => walk.open ?? []);
  }

  get hasOpen(): boolean {
    return this.open.length > 0;
  }

  isOpen(metric: Metric): boolean {
    return this.#openOf(metric) !== undefined;
  }

  /** Before they are resumed as they are kept. */
  dropEpisodes(): void {
    this.#walks.clear();
  }

  resume(episode: Episode, isOpen: boolean): void {
    this.#walk(episode.metric).resume(episode, isOpen);
  }

  /**
   * Minutes that it has seen already are passed over.
   * @param counts undefined where it logged nothing
   * @param isGap nothing is known of the minute
   * @returns what began, went on and ended
   */
  advance(
    minuteMs: number,
    counts: MinuteCounts | undefined,
    isGap: boolean,
    about: Circumstances,
  ): Change[] {
    const { ref, watch } = this;
    if (watch.untilMs > minuteMs) return [];
    // Before its first line there was no service that could be silent; but what is open of one has to end.
    if (counts === undefined && watch.lastSeenMs === 0 && !this.hasOpen) return [];
    if (isGap || about.isMaintained(ref, minuteMs)) {
      watch.push(minuteMs, undefined);
      return [];
    }
    const endMs = minuteMs + MINUTE_MS;
    const rules = about.rules(ref);
    const changes: Change[] = [];
    for (const finding of watch.push(minuteMs, counts ?? NOTHING)) {
      const walk = this.#walk(finding.metric);
      if (this.#isTold(finding, endMs)) {
        walk.passOver(endMs);
        if (walk.open === undefined) continue;
      }
      const weighed = about.weighed(ref, minuteMs, finding);
      if (weighed.score === 0 && finding.score > 0) walk.passOver(endMs);
      const step = walk.step(minuteMs, weighed, rules);
      if (step.kind !== "none") changes.push({ ...step, atMs: endMs });
    }
    return changes;
  }

  /** What two metrics would say of the same lines is told once. */
  #isTold({ metric, direction, bucketMinutes, lines }: Finding, endMs: number): boolean {
    const errors = this.#openOf("error_rate");
    if (metric === "error_ratio") return errors !== undefined;
    if (metric !== "log_volume") return false;
    if (direction !== "up" || errors === undefined) return this.#openOf("silence") !== undefined;
    const minutes = Math.min(Math.max(1, bucketMinutes), (endMs - errors.startedAtMs) / MINUTE_MS);
    return (errors.observedValue - errors.baselineValue) * minutes >= EXPLAINED * lines;
  }

  #openOf(metric: Metric): Episode | undefined {
    return this.#walks.get(metric)?.open;
  }

  #walk(metric: Metric): Walk {
    const walk = this.#walks.get(metric) ?? new Walk(this.ref);
    this.#walks.set(metric, walk);
    return walk;
  }
}
