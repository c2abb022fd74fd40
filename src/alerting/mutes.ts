import { beAlone } from "../tenancy/alone.ts";
import { forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** No alerts about a service for a while. */
export interface Mute {
  service: string;
  endsAtMs: number;
  reason?: string;
  mutedBy: string;
}

/** Mutes a service; one that is muted already is muted anew. */
export async function muteService(
  scope: TenantScope,
  db: Queryable,
  mute: Mute,
  nowMs: number,
): Promise<void> {
  await unmuteService(scope, db, mute.service, nowMs);
  await db.query(
    `\
insert into mutes (tenant_id, service, ends_at, reason, muted_by)
values ($1, $2, to_timestamp($3 / 1000.0), $4, $5)`,
    [scope.tenantId, mute.service, mute.endsAtMs, mute.reason ?? null, mute.mutedBy],
  );
}

/** @returns false where it was not muted. */
export async function unmuteService(
  scope: TenantScope,
  db: Queryable,
  service: string,
  nowMs: number,
): Promise<boolean> {
  // One at a time, or of two who mute a service in one moment neither sees the other's.
  await beAlone(db, "mutes", scope.tenantId);
  const { rows } = await db.query(
    `\
update mutes set ends_at = to_timestamp($3::float8 / 1000.0)
where tenant_id = $1 and service = $2 and ends_at > to_timestamp($3::float8 / 1000.0)
returning id`,
    [scope.tenantId, service, nowMs],
  );
  return rows.length > 0;
}

/** One that has ended can be explained for as long as what was detected meanwhile. */
export const PAST_MUTES: Perishable = { table: "mutes", by: "ends_at", keptMs: forRetention };

/** More than a tenant has services: one that was left out would be told of although somebody has muted it. */
const MOST = 10_000;

/** What is muted now, the first to end first. */
export async function listMutes(scope: TenantScope, nowMs: number): Promise<Mute[]> {
  const rows = await scope.query<{ service: string; ends_at: Date; reason: string | null; muted_by: string }>(
    `\
select service, ends_at, reason, muted_by from mutes
where tenant_id = $1 and ends_at > to_timestamp($2 / 1000.0)
order by ends_at limit ${MOST}`,
    [scope.tenantId, nowMs],
  );
  return rows.map((row) => ({
    service: row.service,
    endsAtMs: row.ends_at.getTime(),
    ...(row.reason !== null && { reason: row.reason }),
    mutedBy: row.muted_by,
  }));
}
