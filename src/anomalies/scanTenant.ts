import { upsertClusters } from "../clusters/store.ts";
import type { Faults } from "../faultPoints.ts";
import type { Log } from "../log.ts";
import type { TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Announcer } from "./announcer.ts";
import { forgetBaselines, saveBaselines } from "./baselineStore.ts";
import { type Circumstances, readCircumstances } from "./circumstances.ts";
import { advance, type Count, countAll, countAround } from "./counting.ts";
import { createDeepening } from "./deepen.ts";
import type { Band } from "./detector.ts";
import type { Change, Episode } from "./episode.ts";
import { holdIncidents, keepChange } from "./keepChange.ts";
import { type KindReaderParts, newKinds, readErrors } from "./kindReader.ts";
import type { KindsRead } from "./newErrors.ts";
import { type InMemory, MOST_CAUGHT_UP_MS, remember } from "./remember.ts";
import { countsAsError } from "./severeLevels.ts";
import { slicesOf } from "./slices.ts";
import type { TenantWatch } from "./tenantWatch.ts";
import { finishScan, type Watch } from "./watchStore.ts";

export interface TenantScanParts extends KindReaderParts {
  announcer: Announcer;
  now: () => number;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  log: Log;
  /** How far back a tenant that is new is learnt at first. */
  learnMs: number;
  /** How far back it is learnt then, while it is watched already; absent: no further. */
  deepenMs?: number;
  /** Between two slices of that: a scan or a command comes first. */
  pauseMs?: number;
  faults?: Faults;
  /** Told of what was found, once it is kept. */
  found?: (changes: readonly Change[]) => void;
}

export interface TenantScan {
  /**
   * Scans what is missing up to a time: what was found stands in anomaly_events, or nothing of it does.
   * @param goOn called before each slice; throws where the scan is to end
   * @throws LostWatch where somebody else has gone on
   */
  scan(scope: TenantScope, watch: Watch, dueMs: number, goOn: () => Promise<void>): Promise<void>;
  /** What is in memory of a tenant may not be what is kept: it is read anew. */
  forget(scope: TenantScope): void;
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The detectors look back four weeks; a service that has been silent for so long is gone. */
const GONE_AFTER_MS = 28 * DAY_MS;

/** A tenant that somebody else scans, or nobody: what is in memory of it, tens of megabytes, is of no use any more. */
const LEFT_AFTER_MS = 15 * MINUTE_MS;
const PAUSE_MS = 500;
/** A log source that has not answered for so long may have something that it cannot count. */
const PATIENCE_MS = 10 * MINUTE_MS;
const NOTHING_READ: KindsRead = { changes: [], toKeep: [] };

export function createTenantScan(parts: TenantScanParts): TenantScan {
  const { logs, log, announcer, owner, learnMs, deepenMs, faults } = parts;
  const tenants = new Map<string, InMemory>();
  let sweptMs: number | undefined;
  const deepening = createDeepening({
    log,
    pause,
    count: (scope, range, untilMs) => countAround(parts, scope, range, untilMs, async () => undefined),
  });

  return {
    forget: ({ tenantId }) => void tenants.delete(tenantId),
    stop: () => deepening.stop(),

    async scan(scope, watch, dueMs, goOn) {
      const isNew = watch.scannedUntilMs === undefined;
      const count = countingOf(scope, watch, dueMs, goOn);
      const memory = await inMemory(scope, watch, dueMs, count);
      const { tenant, kinds } = memory;
      const beginMs = isNew ? dueMs - learnMs : Math.max(tenant.untilMs ?? 0, dueMs - MOST_CAUGHT_UP_MS);
      const circumstances = await readCircumstances(scope, { fromMs: beginMs, toMs: dueMs });
      const { atMs: reachAtMs, shutOut, refused } = await announcer.reach(scope, memory.reachAtMs);
      if (memory.shutOut !== undefined) memory.shutOut = [...memory.shutOut, ...refused];
      memory.reachAtMs = reachAtMs;
      let { liveSinceMs, scannedUntilMs: doneMs } = watch;
      for (const range of slicesOf({ fromMs: beginMs, toMs: dueMs })) {
        const counted = await count(range);
        const changes = await advance(tenant, counted, circumstances);
        // What a new tenant's past held is over, and nobody was there to be told: only what is still open counts.
        if (isNew && range.toMs < dueMs) continue;
        const hasErrors = counted.some(({ series }) => series?.some(({ level }) => countsAsError(level)));
        const read = isNew ? NOTHING_READ : await kindsIn(scope, memory, circumstances, range, hasErrors);
        const ended = memory.cannotGoOn.map((episode) => endOf(episode, range.toMs));
        const found = isNew ? openingsOf(tenant, range.toMs) : [...ended, ...changes, ...read.changes];
        const all = [...found, ...untold(memory, { liveSinceMs, shutOut }, found, range.toMs)];
        if (all.length > 0) await faults?.("scan: counted");
        const announce = await announcer.prepare(scope, all, {
          isLive: liveSinceMs !== undefined,
          goOn,
          services: tenant.size,
          bandOf: (change) => bandOf(tenant, change),
        });
        if (all.length > 0) await faults?.("scan: prepared");
        const nowLiveSinceMs = await scope.transaction(async (db) => {
          const sinceMs = await finishScan(scope, db, {
            owner,
            fromMs: doneMs,
            untilMs: range.toMs,
            learnedFromMs: tenant.learnedFromMs,
            kindsFromMs: kinds.sinceMs,
            silentSinceMs: tenant.silentSinceMs,
          });
          await saveBaselines(scope, db, tenant.checkpoint(range.toMs - MINUTE_MS, isNew || memory.isUnkept));
          if (read.toKeep.length > 0) await upsertClusters(scope, db, read.toKeep, range);
          if (all.length > 0) await holdIncidents(scope, db);
          const ids: (string | undefined)[] = [];
          for (const change of all) ids.push(await keepChange(scope, db, change, sinceMs === undefined));
          await announce(db, ids, sinceMs !== undefined);
          if (range.toMs % DAY_MS === 0) await forgetBaselines(scope, db, range.toMs - GONE_AFTER_MS);
          if (all.length > 0) await faults?.("scan: before commit");
          return sinceMs;
        });
        parts.found?.(found);
        if (all.length > 0) await faults?.("scan: after commit");
        doneMs = range.toMs;
        if (memory.isUnkept) deepening.kept(scope);
        Object.assign(memory, {
          isUnkept: false,
          cannotGoOn: [],
          offeredSinceMs: liveSinceMs,
          shutOut,
        });
        liveSinceMs = nowLiveSinceMs;
      }
      tenant.forgetBefore(dueMs - GONE_AFTER_MS);
      forgetLeft(dueMs);
      deepen(scope, tenant, dueMs);
    },
  };

  function forgetLeft(dueMs: number): void {
    if (dueMs === sweptMs) return;
    sweptMs = dueMs;
    for (const [id, { tenant }] of tenants)
      if ((tenant.untilMs ?? 0) < dueMs - LEFT_AFTER_MS) tenants.delete(id);
  }

  /** New kinds are looked for beside the counts, which go on where the lines cannot be read. */
  async function kindsIn(
    scope: TenantScope,
    { tenant, kinds }: InMemory,
    circumstances: Circumstances,
    range: TimeRange,
    hasErrors: boolean,
  ): Promise<KindsRead> {
    const errors = await readErrors(parts, scope, range, hasErrors).catch((err: unknown) => {
      log.warn({ err, tenant: scope.tenantId }, "could not read which kinds of errors there are");
      return undefined;
    });
    if (errors === undefined) {
      kinds.passOver(range.toMs);
      return NOTHING_READ;
    }
    return newKinds(scope, { tenant, kinds, circumstances }, errors, range);
  }

  /** Has the weeks before be learnt, where less is known than could be. */
  function deepen(scope: TenantScope, { learnedFromMs }: TenantWatch, dueMs: number): void {
    if (deepenMs === undefined || learnedFromMs === undefined) return;
    // A day less is as good; and where the log source has no more, the first line it has is where it begins.
    if (learnedFromMs - (dueMs - deepenMs) <= DAY_MS) return;
    deepening.begin(scope, () => {
      const toMs = tenants.get(scope.tenantId)?.tenant.untilMs ?? dueMs;
      return { fromMs: Math.floor((toMs - deepenMs) / HOUR_MS) * HOUR_MS, toMs };
    });
  }

  /** As it stands in memory, where nobody else has scanned since; else as it was kept, and what came after it. */
  async function inMemory(scope: TenantScope, watch: Watch, dueMs: number, count: Count): Promise<InMemory> {
    const known = tenants.get(scope.tenantId);
    const deeper = await deepening.learnt(scope);
    const untilMs = known?.tenant.untilMs ?? Infinity;
    if (deeper === undefined && known && untilMs <= dueMs && untilMs === watch.scannedUntilMs) return known;
    const made = await remember(scope, watch, { dueMs, learnMs }, deeper, count);
    tenants.set(scope.tenantId, made);
    return made;
  }

  /** Counts as a scan does; where the log source has failed for a while, around what it may not be able to count. */
  function countingOf(
    scope: TenantScope,
    { failing }: Watch,
    dueMs: number,
    goOn: () => Promise<void>,
  ): Count {
    const isStuck = failing !== undefined && parts.now() - failing.sinceMs >= PATIENCE_MS;
    if (isStuck) return (range) => countAround(parts, scope, range, dueMs, goOn);
    return async (range) => {
      await goOn();
      return [{ range, series: await countAll(logs, scope, range) }];
    };
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, parts.pauseMs ?? PAUSE_MS));
  }
}

/**
 * What is open and was found before alerts were posted, or while a channel took none: nothing may become of it that would be
 * told by itself.
 */
function untold(
  before: InMemory,
  { liveSinceMs, shutOut }: { liveSinceMs: number | undefined; shutOut: readonly string[] },
  found: readonly Change[],
  atMs: number,
): Change[] {
  const isReached = before.shutOut?.some((channel) => !shutOut.includes(channel)) === true;
  if (liveSinceMs === undefined || (liveSinceMs === before.offeredSinceMs && !isReached)) return [];
  const isFound = new Set(found.map(({ episode }) => keyOf(episode)));
  return [...before.tenant.open(), ...before.kinds.open()]
    .filter((episode) => !isFound.has(keyOf(episode)))
    .map((episode) => ({ kind: "goes on", episode, isWorse: false, atMs }));
}

function keyOf({ namespace, service, metric, fingerprint }: Episode): string {
  return JSON.stringify([namespace, service, metric, fingerprint]);
}

function endOf(episode: Episode, atMs: number): Change {
  return { kind: "ends", episode, why: "back to normal", atMs };
}

function bandOf(tenant: TenantWatch, { episode }: Change): ((atMs: number) => Band) | undefined {
  const watch = tenant.watchOf(episode);
  const of = episode.metric === "error_rate" || episode.metric === "new_error" ? "errors" : "lines";
  return watch && ((atMs) => watch.band(of, atMs));
}

function openingsOf(tenant: TenantWatch, atMs: number): Change[] {
  return tenant.open().map((episode) => ({ kind: "opens", episode, atMs }));
}
