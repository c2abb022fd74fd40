import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { forgetBaselines, loadBaselines, saveBaselines } from "./baselineStore.ts";
import { type Circumstances, readCircumstances } from "./circumstances.ts";
import type { Band } from "./detector.ts";
import { insertEpisode, recentEpisodes, resolveEpisode, updateEpisode } from "./episodeStore.ts";
import { type Change, TenantWatch } from "./tenantWatch.ts";
import {
  claimWatch,
  findWatch,
  finishScan,
  LostWatch,
  noteFailure,
  releaseWatch,
  renewWatch,
  type ScanLease,
  type Watch,
} from "./watchStore.ts";

/** Owes what is told of a change, in the transaction that keeps the change. */
export type Announcement = (db: Queryable, eventId: string) => Promise<void>;

/** Tells people of episodes. */
export interface Announcer {
  /**
   * Reads what is to be told of a change beside its numbers; without it where the log source does not give it in time: an
   * alert is owed all the same.
   * @returns undefined where nothing is new for anybody
   */
  prepare(
    scope: TenantScope,
    change: Change,
    band: ((atMs: number) => Band) | undefined,
  ): Promise<Announcement | undefined>;
  /** Owes what is to be said of the watch itself. */
  notify(scope: TenantScope, watch: Watch): Promise<void>;
}

export interface ScannerParts {
  directory: TenantDirectory;
  logs: LogSource;
  announcer: Announcer;
  log: Log;
  now: () => number;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  /** How long lines are on their way to the log source: the last minute that is scanned ended so long ago. */
  lagMs: number;
  /** How far back a tenant that is new is learnt. */
  learnMs: number;
}

export interface Scanner {
  /** Scans what is due: the tenants that nobody else scans, until all are done. Never throws. */
  tick(): Promise<void>;
  /** Finishes the scans in hand. */
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Loki splits longer ranges itself, and one that is given up stalls the next query (its scheduler backs off). */
const SLICE_MS = HOUR_MS;
/** A first learning of a day takes 24 slices; a tick's one query takes part of a second. */
const LEASE_MS = 5 * MINUTE_MS;
const TENANTS_AT_ONCE = 4;
const TENANTS_A_TIME = 50;
/** After an outage no more than so much is caught up on: what was before it is history. */
const MOST_CAUGHT_UP_MS = DAY_MS;
/** Longer than what any detector looks at together, and than an episode is open for most of the time. */
const RECENT_MS = 6 * HOUR_MS;
/** The detectors look back four weeks; a service that has been silent for so long is gone. */
const GONE_AFTER_MS = 28 * DAY_MS;

/** Watches all tenants: counts by minute go through their detectors, and what these find becomes episodes. */
export function createScanner(parts: ScannerParts): Scanner {
  const { directory, logs, announcer, log, now, owner, lagMs, learnMs } = parts;
  const tenants = new Map<string, TenantWatch>();
  let stopped = false;
  let ticking: Promise<void> | undefined;

  return {
    tick() {
      ticking ??= scanDue()
        .catch((err: unknown) => log.error({ err }, "could not scan"))
        .finally(() => {
          ticking = undefined;
        });
      return ticking;
    },
    async stop() {
      stopped = true;
      await ticking;
    },
  };

  async function scanDue(): Promise<void> {
    const dueMs = Math.floor((now() - lagMs) / MINUTE_MS) * MINUTE_MS;
    const tried = new Set<string>();
    while (!stopped) {
      const due = await directory.tenantsToScan({ dueMs, nowMs: now(), owner }, TENANTS_A_TIME + tried.size);
      const next = due.filter(({ tenantId }) => !tried.has(tenantId));
      if (next.length === 0) return;
      for (const { tenantId } of next) tried.add(tenantId);
      const queue = next.values();
      const worker = async () => {
        for (const scope of queue) {
          if (!stopped) await scanTenant(scope, dueMs);
        }
      };
      await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, worker));
    }
  }

  async function scanTenant(scope: TenantScope, dueMs: number): Promise<void> {
    try {
      const watch = await claimWatch(scope, lease(), dueMs);
      if (watch === undefined) return;
      try {
        await scan(scope, watch, dueMs);
      } catch (error) {
        tenants.delete(scope.tenantId);
        if (error instanceof LostWatch) return;
        log.warn({ err: error, tenant: scope.tenantId }, "a scan failed and is tried again");
        await noteFailure(scope, owner, why(error), now());
      } finally {
        await releaseWatch(scope, owner);
      }
      const after = await findWatch(scope);
      if (after !== undefined) await announcer.notify(scope, after);
    } catch (err) {
      // The database is away; the next tick finds the tenant due again.
      log.warn({ err, tenant: scope.tenantId }, "could not scan a tenant");
    }
  }

  function lease(): ScanLease {
    return { owner, nowMs: now(), forMs: LEASE_MS };
  }

  async function scan(scope: TenantScope, watch: Watch, dueMs: number): Promise<void> {
    const isNew = watch.scannedUntilMs === undefined;
    const tenant = await tenantWatch(scope, watch);
    let doneMs = watch.scannedUntilMs;
    let fromMs = Math.max(
      watch.scannedUntilMs ?? dueMs - learnMs,
      dueMs - (isNew ? learnMs : MOST_CAUGHT_UP_MS),
    );
    const about = await readCircumstances(scope, { fromMs, toMs: dueMs });
    while (fromMs < dueMs) {
      if (stopped) throw new LostWatch("the process ends");
      const toMs = Math.min(dueMs, sliceEnd(fromMs));
      if (fromMs !== doneMs) await renewWatch(scope, lease());
      const changes = await advance(scope, tenant, fromMs, toMs, about);
      fromMs = toMs;
      // What a new tenant's past held is over, and nobody was there to be told: only what is still open counts.
      if (isNew && toMs < dueMs) continue;
      const isShadow = watch.liveSinceMs === undefined;
      const told = isNew
        ? tenant.open().map((episode) => ({ kind: "opens" as const, episode, atMs: toMs }))
        : changes;
      const announcements = isShadow ? [] : await prepare(scope, tenant, told);
      await scope.transaction(async (db) => {
        await finishScan(scope, db, {
          owner,
          fromMs: doneMs,
          untilMs: toMs,
          learnedFromMs: tenant.learnedFromMs,
          silentSinceMs: tenant.silentSinceMs,
        });
        await saveBaselines(scope, db, tenant.checkpoint(toMs - MINUTE_MS, isNew));
        for (const [at, change] of told.entries()) {
          const id = await keep(scope, db, change, isShadow);
          if (id !== undefined) await announcements[at]?.(db, id);
        }
        if (toMs % DAY_MS === 0) await forgetBaselines(scope, db, toMs - GONE_AFTER_MS);
      });
      doneMs = toMs;
    }
    tenant.forgetBefore(dueMs - GONE_AFTER_MS);
  }

  /** As it stands in memory, where nobody else has scanned since; else as it was kept, and what came after it. */
  async function tenantWatch(scope: TenantScope, watch: Watch): Promise<TenantWatch> {
    const inMemory = tenants.get(scope.tenantId);
    if (inMemory !== undefined && inMemory.untilMs === watch.scannedUntilMs) return inMemory;
    const { scannedUntilMs } = watch;
    const tenant =
      scannedUntilMs === undefined
        ? new TenantWatch()
        : TenantWatch.restore(await loadBaselines(scope), watch);
    if (scannedUntilMs !== undefined) {
      let fromMs = Math.max(tenant.firstMissingMs ?? scannedUntilMs, scannedUntilMs - MOST_CAUGHT_UP_MS);
      while (fromMs < scannedUntilMs) {
        const toMs = Math.min(scannedUntilMs, sliceEnd(fromMs));
        // What these minutes held has been kept already.
        await advance(scope, tenant, fromMs, toMs, await readCircumstances(scope, { fromMs, toMs }));
        fromMs = toMs;
      }
      tenant.take(await recentEpisodes(scope, scannedUntilMs - RECENT_MS));
    }
    tenants.set(scope.tenantId, tenant);
    return tenant;
  }

  async function prepare(
    scope: TenantScope,
    tenant: TenantWatch,
    changes: readonly Change[],
  ): Promise<(Announcement | undefined)[]> {
    const announcements: (Announcement | undefined)[] = [];
    for (const change of changes) {
      const watch = tenant.watchOf(change.episode);
      const of = change.episode.metric === "error_rate" ? "errors" : "lines";
      announcements.push(await announcer.prepare(scope, change, watch && ((atMs) => watch.band(of, atMs))));
    }
    return announcements;
  }

  /** One grouped query for all services of the tenant. */
  async function advance(
    scope: TenantScope,
    tenant: TenantWatch,
    fromMs: number,
    toMs: number,
    about: Circumstances,
  ): Promise<Change[]> {
    const series = await logs.counts(scope.lokiOrgId, { fromMs, toMs, stepMs: MINUTE_MS, fresh: true });
    return tenant.advance(series, fromMs, toMs, about);
  }
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

/** Slices end on the hour, so that the same one asked twice is the same question. */
function sliceEnd(fromMs: number): number {
  return Math.floor(fromMs / SLICE_MS) * SLICE_MS + SLICE_MS;
}

/** For people, without a line of the log: what an error of the log source says may quote one. */
function why(error: unknown): string {
  return error instanceof Error && error.name === "UserError" ? error.message : "the scan failed";
}
