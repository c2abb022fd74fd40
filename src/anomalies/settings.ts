import { beAlone } from "../tenancy/alone.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Sensitivity } from "./sensitivity.ts";

/** How a service is watched; of what is absent, what holds for all services. */
export interface WatchSettings {
  /** "" for all services. */
  service: string;
  namespace: string;
  sensitivity?: Sensitivity;
  /** Lines more or fewer than usual, at least. */
  leastLines?: number;
  /** Minutes in a row that have to be odd. */
  persistenceMinutes?: number;
  setBy: string;
}

/** Says how a service is watched from now on, instead of what was said before. */
export async function saveSettings(
  scope: TenantScope,
  db: Queryable,
  settings: WatchSettings,
): Promise<void> {
  await db.query(
    `\
insert into watch_settings (tenant_id, service, namespace, sensitivity, least_lines, persistence_minutes, set_by)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, namespace, service) do update set
  sensitivity = excluded.sensitivity, least_lines = excluded.least_lines,
  persistence_minutes = excluded.persistence_minutes, set_by = excluded.set_by`,
    [
      scope.tenantId,
      settings.service,
      settings.namespace,
      settings.sensitivity ?? null,
      settings.leastLines ?? null,
      settings.persistenceMinutes ?? null,
      settings.setBy,
    ],
  );
}

/** That of all services first. @param toChange whoever changes them is alone with that until the transaction ends */
export async function listSettings(
  scope: TenantScope,
  db: Queryable,
  toChange = false,
): Promise<WatchSettings[]> {
  if (toChange) await beAlone(db, "watch settings", scope.tenantId);
  const { rows } = await db.query<{
    service: string;
    namespace: string;
    sensitivity: Sensitivity | null;
    least_lines: number | null;
    persistence_minutes: number | null;
    set_by: string;
  }>(
    `\
select service, namespace, sensitivity, least_lines, persistence_minutes, set_by from watch_settings
where tenant_id = $1 order by service, namespace limit 5000`,
    [scope.tenantId],
  );
  return rows.map((row) => ({
    service: row.service,
    namespace: row.namespace,
    ...(row.sensitivity !== null && { sensitivity: row.sensitivity }),
    ...(row.least_lines !== null && { leastLines: row.least_lines }),
    ...(row.persistence_minutes !== null && { persistenceMinutes: row.persistence_minutes }),
    setBy: row.set_by,
  }));
}
