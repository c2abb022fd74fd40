import { upsertClusters } from "../clusters/store.ts";
import type { Log } from "../log.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Announcer } from "./announcer.ts";
import { forgetBaselines, loadBaselines, saveBaselines } from "./baselineStore.ts";
import { type Circumstances, readCircumstances } from "./circumstances.ts";
import { createDeepening } from "./deepen.ts";
import type { Band } from "./detector.ts";
import { insertEpisode, recentEpisodes, resolveEpisode, updateEpisode } from "./episodeStore.ts";
import { type KindReaderParts, loadKinds, readKinds } from "./kindReader.ts";
import { type KindsRead, NewErrors } from "./newErrors.ts";
import { countsAsError } from "./severeLevels.ts";
import { slicesOf } from "./slices.ts";
import { type Change, TenantWatch } from "./tenantWatch.ts";
import { finishScan, type Watch } from "./watchStore.ts";

export interface TenantScanParts extends KindReaderParts {
  announcer: Announcer;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  log: Log;
  /** How far back a tenant that is new is learnt at first. */
  learnMs: number;
  /** How far back it is learnt then, while it is watched already; absent: no further. */
  deepenMs?: number;
  /** Between two slices of that: a scan or a command comes first. */
  pauseMs?: number;
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
/** After an outage no more than so much is caught up on: what was before it is history. */
const MOST_CAUGHT_UP_MS = DAY_MS;
/** Longer than what any detector looks at together, and than an episode is open for most of the time. */
const RECENT_MS = 6 * HOUR_MS;
/** The detectors look back four weeks; a service that has been silent for so long is gone. */
const GONE_AFTER_MS = 28 * DAY_MS;

interface InMemory {
  tenant: TenantWatch;
  kinds: NewErrors;
  /** It knows more than what is kept: all of it is kept at the next chance. */
  isDeeper: boolean;
}

const PAUSE_MS = 500;

export function createTenantScan(parts: TenantScanParts): TenantScan {
  const { logs, announcer, owner, learnMs, deepenMs } = parts;
  const tenants = new Map<string, InMemory>();
  const deepening = createDeepening({
    log: parts.log,
    advance: async (scope, tenant, range) =>
      advance(scope, tenant, range, await readCircumstances(scope, range)),
    pause: () => new Promise((resolve) => setTimeout(resolve, parts.pauseMs ?? PAUSE_MS)),
  });

  return {
    forget: ({ tenantId }) => void tenants.delete(tenantId),
    stop: () => deepening.stop(),

    async scan(scope, watch, dueMs, goOn) {
      const isNew = watch.scannedUntilMs === undefined;
      const { tenant, kinds, isDeeper } = await inMemory(scope, watch, dueMs);
      const earliestMs = dueMs - (isNew ? learnMs : MOST_CAUGHT_UP_MS);
      const begin = Math.max(watch.scannedUntilMs ?? earliestMs, earliestMs);
      const circumstances = await readCircumstances(scope, { fromMs: begin, toMs: dueMs });
      let doneMs = watch.scannedUntilMs;
      for (const range of slicesOf({ fromMs: begin, toMs: dueMs })) {
        await goOn();
        const { changes, hasErrors } = await advance(scope, tenant, range, circumstances);
        // What a new tenant's past held is over, and nobody was there to be told: only what is still open counts.
        if (isNew && range.toMs < dueMs) continue;
        const read: KindsRead = isNew
          ? { changes: [], toKeep: [] }
          : await readKinds(parts, scope, { tenant, kinds, circumstances }, range, hasErrors);
        const all = isNew ? openingsOf(tenant, range.toMs) : [...changes, ...read.changes];
        const announcements = await announcer.prepare(scope, all, {
          liveSinceMs: watch.liveSinceMs,
          bandOf: (change) => bandOf(tenant, change),
        });
        await scope.transaction(async (db) => {
          await finishScan(scope, db, {
            owner,
            fromMs: doneMs,
            untilMs: range.toMs,
            learnedFromMs: tenant.learnedFromMs,
            kindsFromMs: kinds.sinceMs,
            silentSinceMs: tenant.silentSinceMs,
          });
          await saveBaselines(scope, db, tenant.checkpoint(range.toMs - MINUTE_MS, isNew || isDeeper));
          if (read.toKeep.length > 0) await upsertClusters(scope, db, read.toKeep, range);
          for (const [at, change] of all.entries()) {
            const id = await keep(scope, db, change, watch.liveSinceMs === undefined);
            if (id !== undefined) await announcements[at]?.(db, id);
          }
          if (range.toMs % DAY_MS === 0) await forgetBaselines(scope, db, range.toMs - GONE_AFTER_MS);
        });
        doneMs = range.toMs;
      }
      tenant.forgetBefore(dueMs - GONE_AFTER_MS);
      const memory = tenants.get(scope.tenantId);
      if (memory !== undefined) memory.isDeeper = false;
      deepen(scope, tenant, dueMs);
    },
  };

  /** Has the weeks before be learnt, where less is known than could be. */
  function deepen(scope: TenantScope, { learnedFromMs }: TenantWatch, dueMs: number): void {
    if (deepenMs === undefined || learnedFromMs === undefined) return;
    const fromMs = Math.floor((dueMs - deepenMs) / HOUR_MS) * HOUR_MS;
    // A day less is as good; and where the log source has no more, the first line it has is where it begins.
    if (learnedFromMs - fromMs > DAY_MS) deepening.begin(scope, { fromMs, toMs: dueMs });
  }

  /** As it stands in memory, where nobody else has scanned since; else as it was kept, and what came after it. */
  async function inMemory(scope: TenantScope, watch: Watch, dueMs: number): Promise<InMemory> {
    const { scannedUntilMs, kindsFromMs } = watch;
    const known = tenants.get(scope.tenantId);
    const deeper = deepening.take(scope);
    if (deeper === undefined && known !== undefined && known.tenant.untilMs === scannedUntilMs) return known;
    const made =
      scannedUntilMs === undefined
        ? { tenant: new TenantWatch(), kinds: new NewErrors(dueMs, [], []), isDeeper: false }
        : await restored(scope, watch, scannedUntilMs, kindsFromMs ?? scannedUntilMs, deeper);
    tenants.set(scope.tenantId, made);
    return made;
  }

  async function restored(
    scope: TenantScope,
    watch: Watch,
    scannedUntilMs: number,
    kindsFromMs: number,
    deeper: TenantWatch | undefined,
  ): Promise<InMemory> {
    const tenant = deeper ?? TenantWatch.restore(await loadBaselines(scope), watch);
    const firstMs = Math.max(tenant.firstMissingMs ?? scannedUntilMs, scannedUntilMs - MOST_CAUGHT_UP_MS);
    const missing = { fromMs: Math.min(firstMs, scannedUntilMs), toMs: scannedUntilMs };
    const circumstances = await readCircumstances(scope, missing);
    // What these minutes held has been kept already.
    for (const range of slicesOf(missing)) await advance(scope, tenant, range, circumstances);
    tenant.standAt(scannedUntilMs);
    const episodes = await recentEpisodes(scope, scannedUntilMs - RECENT_MS);
    tenant.take(episodes);
    const kinds = await loadKinds(scope, kindsFromMs, scannedUntilMs, episodes);
    return { tenant, kinds, isDeeper: deeper !== undefined };
  }

  /** One grouped query for all services of the tenant. */
  async function advance(
    scope: TenantScope,
    tenant: TenantWatch,
    range: TimeRange,
    circumstances: Circumstances,
  ): Promise<{ changes: Change[]; hasErrors: boolean }> {
    const series = await logs.counts(scope.lokiOrgId, {
      ...range,
      stepMs: MINUTE_MS,
      fresh: true,
      whole: true,
    });
    return {
      changes: tenant.advance(series, range.fromMs, range.toMs, circumstances),
      hasErrors: series.some(({ level }) => countsAsError(level)),
    };
  }
}

function bandOf(tenant: TenantWatch, { episode }: Change): ((atMs: number) => Band) | undefined {
  const watch = tenant.watchOf(episode);
  const of = episode.metric === "error_rate" || episode.metric === "new_error" ? "errors" : "lines";
  return watch && ((atMs) => watch.band(of, atMs));
}

function openingsOf(tenant: TenantWatch, atMs: number): Change[] {
  return tenant.open().map((episode) => ({ kind: "opens", episode, atMs }));
}

/** Keeps what a change makes of its episode. @returns the row's id; undefined where nothing new came of it */
async function keep(
  scope: TenantScope,
  db: Queryable,
  change: Change,
  isShadow: boolean,
): Promise<string | undefined> {
  switch (change.kind) {
    case "opens":
      return insertEpisode(scope, db, change.episode, isShadow);
    case "goes on":
      return updateEpisode(scope, db, change.episode);
    case "ends":
      await updateEpisode(scope, db, change.episode);
      return resolveEpisode(scope, db, change.episode, change.why, change.atMs);
  }
}
