import { upsertClusters } from "../clusters/store.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Announcement, Announcer } from "./announcer.ts";
import { forgetBaselines, loadBaselines, saveBaselines } from "./baselineStore.ts";
import { type Circumstances, readCircumstances } from "./circumstances.ts";
import { insertEpisode, recentEpisodes, resolveEpisode, updateEpisode } from "./episodeStore.ts";
import { type KindReaderParts, loadKinds, readKinds } from "./kindReader.ts";
import { type KindsRead, NewErrors } from "./newErrors.ts";
import { countsAsError } from "./severeLevels.ts";
import { type Change, TenantWatch } from "./tenantWatch.ts";
import { finishScan, type Watch } from "./watchStore.ts";

export interface TenantScanParts extends KindReaderParts {
  announcer: Announcer;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  /** How far back a tenant that is new is learnt. */
  learnMs: number;
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
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Loki splits longer ranges itself, and one that is given up stalls the next query (its scheduler backs off). */
const SLICE_MS = HOUR_MS;
/** After an outage no more than so much is caught up on: what was before it is history. */
const MOST_CAUGHT_UP_MS = DAY_MS;
/** Longer than what any detector looks at together, and than an episode is open for most of the time. */
const RECENT_MS = 6 * HOUR_MS;
/** The detectors look back four weeks; a service that has been silent for so long is gone. */
const GONE_AFTER_MS = 28 * DAY_MS;

interface InMemory {
  tenant: TenantWatch;
  kinds: NewErrors;
}

export function createTenantScan(parts: TenantScanParts): TenantScan {
  const { logs, announcer, owner, learnMs } = parts;
  const tenants = new Map<string, InMemory>();

  return {
    forget: ({ tenantId }) => void tenants.delete(tenantId),

    async scan(scope, watch, dueMs, goOn) {
      const isNew = watch.scannedUntilMs === undefined;
      const isShadow = watch.liveSinceMs === undefined;
      const { tenant, kinds } = await inMemory(scope, watch, dueMs);
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
        const announcements = isShadow ? [] : await prepare(scope, tenant, all);
        await scope.transaction(async (db) => {
          await finishScan(scope, db, {
            owner,
            fromMs: doneMs,
            untilMs: range.toMs,
            learnedFromMs: tenant.learnedFromMs,
            kindsFromMs: kinds.sinceMs,
            silentSinceMs: tenant.silentSinceMs,
          });
          await saveBaselines(scope, db, tenant.checkpoint(range.toMs - MINUTE_MS, isNew));
          if (read.toKeep.length > 0) await upsertClusters(scope, db, read.toKeep, range);
          for (const [at, change] of all.entries()) {
            const id = await keep(scope, db, change, isShadow);
            if (id !== undefined) await announcements[at]?.(db, id);
          }
          if (range.toMs % DAY_MS === 0) await forgetBaselines(scope, db, range.toMs - GONE_AFTER_MS);
        });
        doneMs = range.toMs;
      }
      tenant.forgetBefore(dueMs - GONE_AFTER_MS);
    },
  };

  /** As it stands in memory, where nobody else has scanned since; else as it was kept, and what came after it. */
  async function inMemory(scope: TenantScope, watch: Watch, dueMs: number): Promise<InMemory> {
    const { scannedUntilMs, kindsFromMs } = watch;
    const known = tenants.get(scope.tenantId);
    if (known !== undefined && known.tenant.untilMs === scannedUntilMs) return known;
    const made =
      scannedUntilMs === undefined
        ? { tenant: new TenantWatch(), kinds: new NewErrors(dueMs, [], []) }
        : await restored(scope, watch, scannedUntilMs, kindsFromMs ?? scannedUntilMs);
    tenants.set(scope.tenantId, made);
    return made;
  }

  async function restored(
    scope: TenantScope,
    watch: Watch,
    scannedUntilMs: number,
    kindsFromMs: number,
  ): Promise<InMemory> {
    const tenant = TenantWatch.restore(await loadBaselines(scope), watch);
    const firstMs = Math.max(tenant.firstMissingMs ?? scannedUntilMs, scannedUntilMs - MOST_CAUGHT_UP_MS);
    const missing = { fromMs: Math.min(firstMs, scannedUntilMs), toMs: scannedUntilMs };
    const circumstances = await readCircumstances(scope, missing);
    // What these minutes held has been kept already.
    for (const range of slicesOf(missing)) await advance(scope, tenant, range, circumstances);
    tenant.standAt(scannedUntilMs);
    const episodes = await recentEpisodes(scope, scannedUntilMs - RECENT_MS);
    tenant.take(episodes);
    return { tenant, kinds: await loadKinds(scope, kindsFromMs, scannedUntilMs, episodes) };
  }

  async function prepare(
    scope: TenantScope,
    tenant: TenantWatch,
    changes: readonly Change[],
  ): Promise<(Announcement | undefined)[]> {
    const announcements: (Announcement | undefined)[] = [];
    for (const change of changes) {
      const watch = tenant.watchOf(change.episode);
      const { metric } = change.episode;
      const of = metric === "error_rate" || metric === "new_error" ? "errors" : "lines";
      announcements.push(await announcer.prepare(scope, change, watch && ((atMs) => watch.band(of, atMs))));
    }
    return announcements;
  }

  /** One grouped query for all services of the tenant. */
  async function advance(
    scope: TenantScope,
    tenant: TenantWatch,
    range: TimeRange,
    circumstances: Circumstances,
  ): Promise<{ changes: Change[]; hasErrors: boolean }> {
    const series = await logs.counts(scope.lokiOrgId, { ...range, stepMs: MINUTE_MS, fresh: true });
    return {
      changes: tenant.advance(series, range.fromMs, range.toMs, circumstances),
      hasErrors: series.some(({ level }) => countsAsError(level)),
    };
  }
}

/** Slices end on the hour, so that the same one asked twice is the same question. */
function* slicesOf({ fromMs, toMs }: TimeRange): Generator<TimeRange> {
  for (let beginMs = fromMs; beginMs < toMs; ) {
    const endMs = Math.min(toMs, Math.floor(beginMs / SLICE_MS) * SLICE_MS + SLICE_MS);
    yield { fromMs: beginMs, toMs: endMs };
    beginMs = endMs;
  }
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
