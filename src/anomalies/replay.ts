import type { CountSeries, ServiceRef } from "../logs/source.ts";
import type { KeptBaseline } from "./baselineStore.ts";
import type { Circumstances } from "./circumstances.ts";
import type { Band } from "./detector.ts";
import type { Change, Episode, Resolution } from "./episode.ts";
import type { KeptEpisode } from "./episodeStore.ts";
import { type Metric, severityFor } from "./metric.ts";
import type { Finding } from "./serviceWatch.ts";
import { TenantWatch } from "./tenantWatch.ts";

/** An episode as a replay has it: at its worst, and when it ended. */
export interface ReplayedEpisode extends Episode {
  /** Absent: it was open where the replay ended. */
  ended?: { atMs: number; why: Resolution };
}

/** What was last said by one metric, with what explains it taken into account. */
export interface Said {
  minuteMs: number;
  finding: Finding;
  /** Minutes in a row, this one among them, that were rare enough for an episode by the service's rules. */
  run: number;
}

const MINUTE_MS = 60_000;

/**
 * Past counts of one service through the very code that scans: slice after slice, each beginning where the one before
 * ended. Nothing is kept.
 */
export class Replay {
  readonly #ref: ServiceRef;
  readonly #tenant: TenantWatch;
  readonly #episodes: ReplayedEpisode[] = [];
  readonly #said = new Map<Metric, Said>();
  readonly #isResumed: boolean;
  #judgedFromMs: number | undefined;

  private constructor(ref: ServiceRef, tenant: TenantWatch, isResumed: boolean) {
    this.#ref = ref;
    this.#tenant = tenant;
    this.#isResumed = isResumed;
  }

  /** Of a service of which nothing is known yet. */
  static create(ref: ServiceRef): Replay {
    return new Replay(ref, new TenantWatch(), false);
  }

  /**
   * Goes on from what was kept.
   * @param episodes those of the service that had begun by then, open or over
   * @returns undefined where it was kept by another version
   */
  static resume(kept: KeptBaseline, episodes: readonly KeptEpisode[]): Replay | undefined {
    const tenant = TenantWatch.restore([kept], {});
    if (tenant.firstMissingMs === undefined) return undefined;
    tenant.take(episodes);
    const replay = new Replay({ service: kept.service, namespace: kept.namespace }, tenant, true);
    replay.#episodes.push(...episodes.filter(({ isOpen }) => isOpen));
    return replay;
  }

  /** The end of the last minute that was replayed or learnt. */
  get untilMs(): number | undefined {
    return this.#tenant.firstMissingMs;
  }

  /** In the order in which they began. */
  get episodes(): readonly ReplayedEpisode[] {
    return this.#episodes;
  }

  /** From when on there is enough to judge by; 0 where there was before. Absent: there is not. */
  get judgedFromMs(): number | undefined {
    return this.#judgedFromMs;
  }

  said(metric: Metric): Said | undefined {
    return this.#said.get(metric);
  }

  /** What is usual at a time, per minute; undefined before the first line, and while it is learnt. */
  band(of: "errors" | "lines", atMs: number): Band | undefined {
    if (this.#judgedFromMs === undefined || atMs < this.#judgedFromMs) return undefined;
    return this.#tenant.watchOf(this.#ref)?.band(of, atMs);
  }

  /** @param series counts of [fromMs, toMs), a minute a step; those of other services are left out */
  advance(series: readonly CountSeries[], fromMs: number, toMs: number, about: Circumstances): void {
    const own = series.filter(
      ({ service, namespace }) => service === this.#ref.service && namespace === this.#ref.namespace,
    );
    const listening: Circumstances = {
      rules: (ref) => about.rules(ref),
      isMaintained: (ref, minuteMs) => about.isMaintained(ref, minuteMs),
      weighed: (ref, minuteMs, finding) => {
        const weighed = about.weighed(ref, minuteMs, finding);
        this.#hear(minuteMs, weighed, about.rules(ref).shift);
        return weighed;
      },
    };
    for (const change of this.#tenant.advance(own, fromMs, toMs, listening)) this.#take(change);
  }

  #hear(minuteMs: number, finding: Finding, shift: number): void {
    const before = this.#said.get(finding.metric)?.run ?? 0;
    const run = severityFor(finding.score, shift) === undefined ? 0 : before + 1;
    this.#said.set(finding.metric, { minuteMs, finding, run });
    // The ratio has points of its own, and is learnt longer.
    if (finding.metric !== "error_rate") return;
    const firstMs = this.#judgedFromMs ?? (this.#isResumed ? 0 : minuteMs);
    this.#judgedFromMs = finding.learning === undefined ? firstMs : undefined;
  }

  #take(change: Change): void {
    const { episode } = change;
    const at = this.#episodes.findLastIndex(
      ({ metric, ended }) => metric === episode.metric && ended === undefined,
    );
    const next =
      change.kind === "ends" ? { ...episode, ended: { atMs: change.atMs, why: change.why } } : episode;
    if (at < 0) this.#episodes.push(next);
    else this.#episodes[at] = next;
  }
}

/** The episode of a metric that a minute is part of. */
export function episodeAt(
  episodes: readonly ReplayedEpisode[],
  metric: Metric,
  minuteMs: number,
): ReplayedEpisode | undefined {
  return episodes.findLast(
    (episode) =>
      episode.metric === metric &&
      episode.startedAtMs < minuteMs + MINUTE_MS &&
      (episode.ended === undefined || episode.lastOddAtMs > minuteMs),
  );
}
