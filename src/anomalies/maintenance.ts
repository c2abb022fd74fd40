import type { TimeRange } from "../logs/source.ts";
import { beAlone } from "../tenancy/alone.ts";
import { forLookingBack, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** A span in which a service is worked on. */
export interface Maintenance extends TimeRange {
  /** "" for all services. */
  service: string;
  reason?: string;
  setBy: string;
}

/** Begins maintenance; one of the same service that goes on ends where this one begins. */
export async function beginMaintenance(
  scope: TenantScope,
  db: Queryable,
  maintenance: Maintenance,
): Promise<void> {
  await endMaintenance(scope, db, maintenance.service, maintenance.fromMs);
  await db.query(
    `\
insert into maintenance_windows (tenant_id, service, starts_at, ends_at, reason, set_by)
values ($1, $2, to_timestamp($3 / 1000.0), to_timestamp($4 / 1000.0), $5, $6)`,
    [
      scope.tenantId,
      maintenance.service,
      maintenance.fromMs,
      maintenance.toMs,
      maintenance.reason ?? null,
      maintenance.setBy,
    ],
  );
}

/** @returns false where there was none */
export async function endMaintenance(
  scope: TenantScope,
  db: Queryable,
  service: string,
  atMs: number,
): Promise<boolean> {
  // One at a time, or of two that begin in one moment neither sees the other's.
  await beAlone(db, "maintenance", scope.tenantId);
  const { rowCount } = await db.query(
    `\
update maintenance_windows set ends_at = greatest(starts_at, to_timestamp($3::float8 / 1000.0))
where tenant_id = $1 and service = $2 and ends_at > to_timestamp($3::float8 / 1000.0)`,
    [scope.tenantId, service, atMs],
  );
  return (rowCount ?? 0) > 0;
}

export const PAST_MAINTENANCE: Perishable = {
  table: "maintenance_windows",
  by: "ends_at",
  keptMs: forLookingBack,
};

/** More than a tenant has services: in one that was left out a service would be watched that somebody works on. */
const MOST = 10_000;

/** Those that touch a range, by when they end. */
export async function listMaintenance(
  scope: TenantScope,
  db: Queryable,
  { fromMs, toMs }: TimeRange,
): Promise<Maintenance[]> {
  const { rows } = await db.query<{
    service: string;
    starts_at: Date;
    ends_at: Date;
    reason: string | null;
    set_by: string;
  }>(
    `\
select service, starts_at, ends_at, reason, set_by from maintenance_windows
where tenant_id = $1 and ends_at > to_timestamp($2 / 1000.0) and starts_at < to_timestamp($3 / 1000.0)
order by ends_at limit ${MOST}`,
    [scope.tenantId, fromMs, toMs],
  );
  return rows.map((row) => ({
    service: row.service,
    fromMs: row.starts_at.getTime(),
    toMs: row.ends_at.getTime(),
    ...(row.reason !== null && { reason: row.reason }),
    setBy: row.set_by,
  }));
}
