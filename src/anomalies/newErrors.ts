import { type Cluster, isErrorLevel } from "../clusters/cluster.ts";
import { keptName } from "../clusters/keptName.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";
import type { Circumstances } from "./circumstances.ts";
import type { Change, Episode } from "./episode.ts";
import { severityFor } from "./metric.ts";
import { serviceKey } from "./serviceKey.ts";
import { countsAsError } from "./severeLevels.ts";

/** A kind of error line that is known. */
export interface KnownKind extends ServiceRef {
  fingerprint: string;
  lastSeenMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Until a day's errors were read, nearly every kind is new to us and to nobody else. */
const LEARN_MS = DAY_MS;
/** A kind that comes so often within an hour, in so many minutes, is no single accident. */
const LEAST_LINES = 5;
const LEAST_MINUTES = 2;
const WITHIN_MS = 60 * MINUTE_MS;
const CLOSES_AFTER_MS = 10 * MINUTE_MS;
/** What is known is kept again when it was kept so long ago. */
const KEPT_MS = 60 * MINUTE_MS;
/** Weeks over which it is counted how often a service has a new kind. */
const WEEKS = 4;
/** A kind that was not seen for so long is new again: those who knew it have forgotten it. */
export const KNOWN_MS = WEEKS * 7 * DAY_MS;
/** Whoever writes a new kind with every line must not fill the memory. */
export const MOST_KNOWN = 50_000;
const MOST_CANDIDATES = 5_000;
/** One that says the program gave up. */
const FATAL_SCORE = 1;

interface Candidate {
  cluster: Cluster;
  firstMs: number;
  count: number;
  minutes: Set<number>;
}

export interface KindsRead {
  changes: Change[];
  /** Clusters to be kept: so they are known to whoever scans next. */
  toKeep: Cluster[];
}

/** The kinds of error lines of a tenant: which are known, which may become an episode, and which are one. */
export class NewErrors {
  readonly #known = new Map<string, number>();
  readonly #candidates = new Map<string, Candidate>();
  readonly #open = new Map<string, Episode>();
  /** Since when error lines have been read. */
  readonly #sinceMs: number;
  /** The end of what could not be read: before it nothing says that a kind came no more. */
  #unreadUntilMs = 0;

  constructor(sinceMs: number, known: readonly KnownKind[], open: readonly Episode[]) {
    this.#sinceMs = sinceMs;
    for (const kind of [...known].sort((a, b) => a.lastSeenMs - b.lastSeenMs)) {
      this.#known.set(keyOf(kind), kind.lastSeenMs);
    }
    for (const episode of open) this.#open.set(keyOf(episode), episode);
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Episodes that are open now. */
  open(): Episode[] {
    return [...this.#open.values()];
  }

  /** How many kinds are known. */
  get known(): number {
    return this.#known.size;
  }

  /**
   * @param clusters the error lines of that range
   * @param isYoung whether a service has been watched for less than a day
   * @param isTold whether its errors are told by their rate already
   * @param before how many new kinds a service has had in the last four weeks
   */
  async read(
    clusters: readonly Cluster[],
    range: TimeRange,
    about: {
      circumstances: Circumstances;
      isYoung(ref: ServiceRef): boolean;
      isTold(ref: ServiceRef): boolean;
      before(ref: ServiceRef): Promise<number>;
    },
  ): Promise<KindsRead> {
    const { circumstances, isYoung, isTold, before } = about;
    const changes: Change[] = [];
    const toKeep: Cluster[] = [];
    const opened = new Map<string, number>();
    for (const given of clusters) {
      const cluster = { ...given, service: keptName(given.service), namespace: keptName(given.namespace) };
      const key = keyOf(cluster);
      const lastMs = this.#known.get(key);
      const seenMs = lastMs === undefined || range.toMs - lastMs > KNOWN_MS ? undefined : lastMs;
      const know = () => {
        if (seenMs === undefined || range.toMs - seenMs >= KEPT_MS) toKeep.push(cluster);
        this.#know(key, range.toMs);
      };
      const open = this.#open.get(key);
      if (open !== undefined) {
        know();
        const next = { ...open, lastOddAtMs: range.toMs };
        this.#open.set(key, next);
        changes.push({ kind: "goes on", episode: next, isWorse: false, atMs: range.toMs });
        continue;
      }
      const isError = isErrorLevel(cluster.level) && countsAsError(cluster.level);
      const isNew = seenMs === undefined && range.toMs - this.#sinceMs >= LEARN_MS && !isYoung(cluster);
      if (!isError || !isNew || circumstances.isMaintained(cluster, range.fromMs)) {
        know();
        continue;
      }
      // Not known before it is told or has had its hour: a process that goes on meanwhile finds it new again.
      const candidate = this.#seen(key, cluster);
      if (candidate === undefined) continue;
      const rules = circumstances.rules(cluster);
      const isOften =
        candidate.count >= Math.max(LEAST_LINES, rules.leastLines) &&
        candidate.minutes.size >= Math.max(LEAST_MINUTES, rules.persistence);
      if (!isOften) continue;
      if (isTold(cluster)) {
        this.#candidates.delete(key);
        know();
        continue;
      }
      const service = serviceKey(cluster);
      const count = opened.get(service) ?? (await before(cluster));
      opened.set(service, count + 1);
      const episode = episodeOf(candidate, range.toMs, count, rules.shift);
      this.#candidates.delete(key);
      know();
      if (episode === undefined) continue;
      this.#open.set(key, episode);
      changes.push({ kind: "opens", episode, atMs: range.toMs });
    }
    toKeep.push(...this.#expired(range.toMs));
    this.#forgetOld(range.toMs);
    return { changes: [...changes, ...this.#closed(range.toMs)], toKeep };
  }

  /** Of the lines up to then nothing is known. */
  passOver(untilMs: number): void {
    this.#unreadUntilMs = untilMs;
  }

  #know(key: string, nowMs: number): void {
    // Those met last stand last: where there are too many, the others go.
    this.#known.delete(key);
    this.#known.set(key, nowMs);
  }

  #forgetOld(nowMs: number): void {
    for (const [key, seenMs] of this.#known) {
      if (this.#known.size <= MOST_KNOWN && nowMs - seenMs <= KNOWN_MS) return;
      this.#known.delete(key);
    }
  }

  /** What has had its hour and did not come often enough: from now on it is known. */
  #expired(nowMs: number): Cluster[] {
    return [...this.#candidates].flatMap(([key, { cluster, firstMs }]) => {
      if (nowMs - firstMs <= WITHIN_MS) return [];
      this.#candidates.delete(key);
      this.#know(key, nowMs);
      return [cluster];
    });
  }

  /** @returns undefined where there are too many to look after */
  #seen(key: string, cluster: Cluster): Candidate | undefined {
    const candidate = this.#candidates.get(key) ?? {
      cluster: { ...cluster, timesMs: cluster.timesMs.slice(0, 1) },
      firstMs: Math.min(...cluster.timesMs),
      count: 0,
      minutes: new Set<number>(),
    };
    if (!this.#candidates.has(key) && this.#candidates.size >= MOST_CANDIDATES) return undefined;
    this.#candidates.set(key, candidate);
    candidate.count += cluster.count;
    for (const atMs of cluster.timesMs) candidate.minutes.add(Math.floor(atMs / MINUTE_MS));
    return candidate;
  }

  #closed(nowMs: number): Change[] {
    return [...this.#open].flatMap(([key, episode]): Change[] => {
      if (nowMs - Math.max(episode.lastOddAtMs, this.#unreadUntilMs) < CLOSES_AFTER_MS) return [];
      this.#open.delete(key);
      return [{ kind: "ends", episode, why: "back to normal", atMs: nowMs }];
    });
  }
}

/** How rare a new kind is for its service, and how much there is of it. */
function episodeOf(
  { cluster, firstMs, count, minutes }: Candidate,
  nowMs: number,
  before: number,
  shift: number,
): Episode | undefined {
  const startedAtMs = Math.floor(firstMs / MINUTE_MS) * MINUTE_MS;
  const perMinute = count / Math.max(1, (nowMs - startedAtMs) / MINUTE_MS);
  const rarity = Math.log10(WEEKS / (before + 1));
  const size = Math.max(0, Math.log10(perMinute / LEAST_LINES));
  const gravity = cluster.level === "FATAL" || cluster.level === "CRITICAL" ? FATAL_SCORE : 0;
  const score = rarity + size + gravity;
  const severity = severityFor(score, shift);
  if (severity === undefined) return undefined;
  return {
    service: cluster.service,
    namespace: cluster.namespace,
    metric: "new_error",
    fingerprint: cluster.fingerprint,
    direction: "up",
    startedAtMs,
    detectedAtMs: nowMs,
    lastOddAtMs: nowMs,
    severity,
    score,
    baselineValue: 0,
    observedValue: perMinute,
    usualLow: 0,
    usualHigh: 0,
    conditions: [
      { name: "lines", value: count, limit: LEAST_LINES, holds: true },
      { name: "minutes", value: minutes.size, limit: LEAST_MINUTES, holds: true },
      { name: "new kinds in four weeks", value: before, limit: WEEKS, holds: before < WEEKS },
    ],
  };
}

function keyOf({ namespace, service, fingerprint }: ServiceRef & { fingerprint: string }): string {
  return JSON.stringify([namespace, service, fingerprint]);
}
