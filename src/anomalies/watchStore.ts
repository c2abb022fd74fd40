import { isDueSql, isFreeSql } from "../tenancy/dueWatches.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** How far a tenant's services were watched, and what is done with what is found. */
export interface Watch {
  /** The end of the last minute that was scanned; absent before the first scan. */
  scannedUntilMs?: number;
  learnedFromMs?: number;
  /** Since when error lines have been read; absent before. */
  kindsFromMs?: number;
  /** Absent while the log source answers. */
  failing?: { sinceMs: number; why: string };
  /** Since when no service has logged anything. */
  silentSinceMs?: number;
  /** Absent in shadow mode. */
  liveSinceMs?: number;
  modeSetBy?: string;
  /** The last day of which a summary was owed: YYYY-MM-DD. */
  summarisedOn?: string;
}

export interface ScanLease {
  owner: string;
  nowMs: number;
  /** Longer than a scan may take, so that nobody else begins one meanwhile. */
  forMs: number;
}

/**
 * Takes the watch over a tenant until `dueMs` is scanned. Of several who ask at once one gets it.
 * @returns undefined where somebody else has it, or has scanned that far already.
 */
export async function claimWatch(
  scope: TenantScope,
  lease: ScanLease,
  dueMs: number,
): Promise<Watch | undefined> {
  return scope.transaction(async (db) => {
    await db.query("insert into watches (tenant_id) values ($1) on conflict (tenant_id) do nothing", [
      scope.tenantId,
    ]);
    const { rows } = await db.query<WatchRow>(
      `\
update watches w set lease_owner = $2, lease_until = to_timestamp(($3::float8 + $4) / 1000.0)
where tenant_id = $1 and ${isDueSql("$5")} and (${isFreeSql("$3")} or w.lease_owner = $2)
returning ${COLUMNS}`,
      [scope.tenantId, lease.owner, lease.nowMs, lease.forMs, dueMs],
    );
    return rows[0] && watchOf(rows[0]);
  });
}

/** Keeps the watch for longer. @throws LostWatch */
export async function renewWatch(scope: TenantScope, { owner, nowMs, forMs }: ScanLease): Promise<void> {
  const rows = await scope.query(
    `\
update watches set lease_until = to_timestamp(($3::float8 + $4) / 1000.0)
where tenant_id = $1 and lease_owner = $2 returning id`,
    [scope.tenantId, owner, nowMs, forMs],
  );
  if (rows.length === 0) throw new LostWatch("somebody else has taken over the watch");
}

/** What a scan came to. */
export interface Scanned {
  owner: string;
  /** As it was claimed: where somebody else has scanned meanwhile, nothing of this one counts. */
  fromMs: number | undefined;
  untilMs: number;
  learnedFromMs: number | undefined;
  kindsFromMs: number | undefined;
  silentSinceMs: number | undefined;
}

/**
 * Ends a scan in the transaction that keeps what it found: until that ends nobody goes live or to shadow mode.
 * @returns since when alerts are posted; undefined in shadow mode
 * @throws LostWatch
 */
export async function finishScan(
  scope: TenantScope,
  db: Queryable,
  scanned: Scanned,
): Promise<number | undefined> {
  const { rows } = await db.query<{ live_since: Date | null }>(
    `\
update watches set scanned_until = to_timestamp($4 / 1000.0), learned_from = to_timestamp($5 / 1000.0),
  silent_since = to_timestamp($6 / 1000.0), kinds_from = to_timestamp($7 / 1000.0), last_owner = $2,
  failing_since = null, failure = null
where tenant_id = $1 and lease_owner = $2
  and scanned_until is not distinct from to_timestamp($3::float8 / 1000.0)
returning live_since`,
    [
      scope.tenantId,
      scanned.owner,
      scanned.fromMs ?? null,
      scanned.untilMs,
      scanned.learnedFromMs ?? null,
      scanned.silentSinceMs ?? null,
      scanned.kindsFromMs ?? null,
    ],
  );
  if (rows[0] === undefined) throw new LostWatch("somebody else has taken over the watch");
  return rows[0].live_since?.getTime();
}

/** A lease ran out in the middle of a scan, and somebody else went on. */
export class LostWatch extends Error {}

/** Gives the watch back. */
export async function releaseWatch(scope: TenantScope, owner: string): Promise<void> {
  await scope.query(
    "update watches set lease_owner = null, lease_until = null where tenant_id = $1 and lease_owner = $2",
    [scope.tenantId, owner],
  );
}

/** The log source did not answer: the scan is tried again, and what was missed is scanned then. */
export async function noteFailure(
  scope: TenantScope,
  owner: string,
  why: string,
  nowMs: number,
): Promise<void> {
  await scope.query(
    `\
update watches set failing_since = coalesce(failing_since, to_timestamp($3 / 1000.0)), failure = $4
where tenant_id = $1 and lease_owner = $2`,
    [scope.tenantId, owner, nowMs, why],
  );
}

/** The next scan is the first one again: what was scanned was of other lines. Whoever is just scanning has lost the watch. */
export async function forgetWatched(scope: TenantScope, db: Queryable): Promise<void> {
  await db.query(
    `\
update watches set scanned_until = null, learned_from = null, kinds_from = null, silent_since = null,
  failing_since = null, failure = null, lease_owner = null, lease_until = null, last_owner = null
where tenant_id = $1`,
    [scope.tenantId],
  );
}

/** Undefined before the first scan. */
export async function findWatch(scope: TenantScope): Promise<Watch | undefined> {
  const rows = await scope.query<WatchRow>(`select ${COLUMNS} from watches where tenant_id = $1`, [
    scope.tenantId,
  ]);
  return rows[0] && watchOf(rows[0]);
}

/** From now on alerts are posted, or collected only. @returns false where it was so already. */
export async function setLive(
  scope: TenantScope,
  db: Queryable,
  { isLive, setBy, nowMs }: { isLive: boolean; setBy: string; nowMs: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `\
insert into watches (tenant_id, live_since, mode_set_by) values ($1, to_timestamp($2::float8 / 1000.0), $3)
on conflict (tenant_id) do update set live_since = excluded.live_since, mode_set_by = excluded.mode_set_by
where (watches.live_since is null) <> (excluded.live_since is null)
returning id`,
    [scope.tenantId, isLive ? nowMs : null, setBy],
  );
  return rows.length > 0;
}

/** Notes that a day's summary is being owed. @returns false where it was, and on the day on which the watch began */
export async function markSummarised(scope: TenantScope, db: Queryable, day: string): Promise<boolean> {
  const { rows } = await db.query<{ is_due: boolean }>(
    `\
with before as (select summarised_on from watches where tenant_id = $1 for update)
update watches set summarised_on = $2::date from before
where tenant_id = $1 and (before.summarised_on is null or before.summarised_on < $2::date)
returning before.summarised_on is not null as is_due`,
    [scope.tenantId, day],
  );
  return rows[0]?.is_due ?? false;
}

const COLUMNS =
  "scanned_until, learned_from, kinds_from, failing_since, failure, silent_since, live_since, mode_set_by, to_char(summarised_on, 'YYYY-MM-DD') as summarised_on";

interface WatchRow {
  scanned_until: Date | null;
  learned_from: Date | null;
  kinds_from: Date | null;
  failing_since: Date | null;
  failure: string | null;
  silent_since: Date | null;
  live_since: Date | null;
  mode_set_by: string | null;
  summarised_on: string | null;
}

function watchOf(row: WatchRow): Watch {
  return {
    ...(row.scanned_until !== null && { scannedUntilMs: row.scanned_until.getTime() }),
    ...(row.learned_from !== null && { learnedFromMs: row.learned_from.getTime() }),
    ...(row.kinds_from !== null && { kindsFromMs: row.kinds_from.getTime() }),
    ...(row.failing_since !== null && {
      failing: { sinceMs: row.failing_since.getTime(), why: row.failure ?? "" },
    }),
    ...(row.silent_since !== null && { silentSinceMs: row.silent_since.getTime() }),
    ...(row.live_since !== null && { liveSinceMs: row.live_since.getTime() }),
    ...(row.mode_set_by !== null && { modeSetBy: row.mode_set_by }),
    ...(row.summarised_on !== null && { summarisedOn: row.summarised_on }),
  };
}
