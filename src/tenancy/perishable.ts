import type { Queryable, TenantScope } from "./scope.ts";

/** Rows that are deleted when they are past their time, described beside the other statements about them. */
export interface Perishable {
  table: string;
  /** The column by whose time they go: an index of it, or of the few rows that a tenant has, finds the oldest first. */
  by: string;
  /**
   * SQL of what else must be so of a row `r`. $1 is the tenant, `BEFORE` the time before which rows are past. A subquery ends
   * in `offset 0`: it is asked of each row, by an index, however many rows the planner expects.
   */
  when?: string;
  /** How long they are kept, for how long the tenant keeps what is detected. */
  keptMs(retentionMs: number): number;
}

/** The time of `when`. */
export const BEFORE = "to_timestamp($2::float8 / 1000.0)";

const DAY_MS = 24 * 60 * 60_000;

/** As long as what is detected. */
export const forRetention = (retentionMs: number): number => retentionMs;

/** The watch and `backtest` look back four weeks: what they need for it stays that long, however short the retention. */
export const forLookingBack = (retentionMs: number): number => Math.max(retentionMs, 30 * DAY_MS);

export interface Batch {
  beforeMs: number;
  /** The last batch ended here: what lies before it is gone, and need not be read again. */
  fromMs?: number;
  limit: number;
}

/**
 * Deletes the oldest rows that are past, at most `limit`, with what hangs on them. Never waits for a row: one that
 * somebody is just writing is left for the next time.
 * @returns undefined where another process does the same for this tenant just now
 */
export async function forgetBatch(
  scope: TenantScope,
  { table, by, when = "true" }: Perishable,
  { beforeMs, fromMs, limit }: Batch,
): Promise<{ count: number; untilMs?: number } | undefined> {
  return scope.transaction(async (db) => {
    if (!(await isAlone(scope, db))) return undefined;
    const { rows } = await db.query<{ count: number; until_ms: number | null }>(
      `\
with past as materialized ( -- Once: run again for each row, it would take more than the limit.
  select r.id, r.${by} as at from ${table} r
  where r.tenant_id = $1 and r.${by} < ${BEFORE}
    and r.${by} >= coalesce(to_timestamp($3::float8 / 1000.0), '-infinity') and ${when}
  order by r.${by} limit $4
  for update of r skip locked
), gone as (
  delete from ${table} r using past where r.tenant_id = $1 and r.id = past.id returning past.at
)
select count(*)::int as count, (extract(epoch from max(at)) * 1000)::float8 as until_ms from gone`,
      [scope.tenantId, beforeMs, fromMs ?? null, limit],
    );
    const row = rows[0];
    return { count: row?.count ?? 0, ...(row?.until_ms != null && { untilMs: row.until_ms }) };
  });
}

/** Until the transaction ends, however it does: a process that is killed keeps nobody out. */
async function isAlone(scope: TenantScope, db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ alone: boolean }>(
    "select pg_try_advisory_xact_lock(hashtextextended('retention ' || $1, 0)) as alone",
    [scope.tenantId],
  );
  return rows[0]?.alone ?? false;
}

/** How long a tenant keeps what is detected. */
export async function retentionMs(scope: TenantScope): Promise<number> {
  const rows = await scope.query<{ retention_days: number }>(
    "select retention_days from tenants where id = $1",
    [scope.tenantId],
  );
  const days = rows[0]?.retention_days;
  if (days === undefined) throw new Error("the tenant is gone");
  return days * DAY_MS;
}

/** @param days 1 to 3,650 */
export async function setRetention(scope: TenantScope, db: Queryable, days: number): Promise<void> {
  await db.query("update tenants set retention_days = $2 where id = $1", [scope.tenantId, days]);
}
