import { toJsonb } from "../database.ts";
import type { ServiceRef } from "../logs/source.ts";
import { forLookingBack, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Rates } from "./usualRates.ts";

/** What is usual for a service, as it is kept. */
export interface Baseline extends ServiceRef, Rates {
  lastSeenMs: number;
}

/** With what its detectors know. */
export interface KeptBaseline extends Baseline {
  detectors: Uint8Array;
}

/** What detectors know of so many services is a megabyte or two, which is written out as text for the database. */
const AT_ONCE = 50;

export async function saveBaselines(
  scope: TenantScope,
  db: Queryable,
  baselines: Iterable<KeptBaseline>,
): Promise<void> {
  let some: KeptBaseline[] = [];
  for (const baseline of baselines) {
    some.push(baseline);
    if (some.length < AT_ONCE) continue;
    await saveSome(scope, db, some);
    some = [];
  }
  if (some.length > 0) await saveSome(scope, db, some);
}

async function saveSome(
  scope: TenantScope,
  db: Queryable,
  baselines: readonly KeptBaseline[],
): Promise<void> {
  await db.query(
    `\
insert into anomaly_baselines (
  tenant_id, service, namespace, window_start, window_end, avg_log_rate, avg_error_rate, p95_error_rate, last_seen_at,
  detectors
)
select $1, b.service, b.namespace, to_timestamp(b.from_ms / 1000), to_timestamp(b.to_ms / 1000), b.log_rate, b.error_rate,
  b.p95, to_timestamp(b.seen_ms / 1000), decode(b.detectors, 'base64')
from jsonb_to_recordset($2) as b(
  service text, namespace text, from_ms double precision, to_ms double precision, log_rate double precision,
  error_rate double precision, p95 double precision, seen_ms double precision, detectors text
)
on conflict (tenant_id, namespace, service) do update set
  window_start = excluded.window_start,
  window_end = excluded.window_end,
  avg_log_rate = excluded.avg_log_rate,
  avg_error_rate = excluded.avg_error_rate,
  p95_error_rate = excluded.p95_error_rate,
  last_seen_at = excluded.last_seen_at,
  detectors = excluded.detectors`,
    [
      scope.tenantId,
      toJsonb(
        baselines.map((each) => ({
          service: each.service,
          namespace: each.namespace,
          from_ms: each.windowFromMs,
          to_ms: each.windowToMs,
          log_rate: each.avgLogRate,
          error_rate: each.avgErrorRate,
          p95: each.p95ErrorRate,
          seen_ms: each.lastSeenMs,
          detectors: Buffer.from(each.detectors).toString("base64"),
        })),
      ),
    ],
  );
}

/** All of a tenant, with their detectors; what none were saved for is left out. Some at a time: all are a hundred megabytes. */
export async function loadBaselines(scope: TenantScope): Promise<KeptBaseline[]> {
  const kept: KeptBaseline[] = [];
  for (;;) {
    const last = kept.at(-1);
    const rows = await scope.query<BaselineRow & { detectors: Buffer }>(
      `\
select ${COLUMNS}, detectors from anomaly_baselines
where tenant_id = $1 and detectors is not null and ($2::text is null or (namespace, service) > ($2, $3))
order by namespace, service limit ${AT_ONCE}`,
      [scope.tenantId, last?.namespace ?? null, last?.service ?? null],
    );
    kept.push(...rows.map((row) => ({ ...baselineOf(row), detectors: row.detectors })));
    if (rows.length < AT_ONCE) return kept;
  }
}

/** Of one service, with its detectors. */
export async function findBaseline(
  scope: TenantScope,
  { service, namespace }: ServiceRef,
): Promise<KeptBaseline | undefined> {
  const rows = await scope.query<BaselineRow & { detectors: Buffer }>(
    `\
select ${COLUMNS}, detectors from anomaly_baselines
where tenant_id = $1 and service = $2 and namespace = $3 and detectors is not null`,
    [scope.tenantId, service, namespace],
  );
  return rows[0] && { ...baselineOf(rows[0]), detectors: rows[0].detectors };
}

/** Of all services, or those of a name, by name; 500 at most. */
export async function listBaselines(
  scope: TenantScope,
  { service, namespace }: { service?: string | undefined; namespace?: string | undefined },
): Promise<Baseline[]> {
  const rows = await scope.query<BaselineRow>(
    `\
select ${COLUMNS} from anomaly_baselines
where tenant_id = $1 and ($2::text is null or service = $2) and ($3::text is null or namespace = $3)
order by namespace, service limit 500`,
    [scope.tenantId, service ?? null, namespace ?? null],
  );
  return rows.map(baselineOf);
}

/** Services that have not logged anything since then are watched no longer. */
export async function forgetBaselines(scope: TenantScope, db: Queryable, beforeMs: number): Promise<void> {
  await db.query(
    "delete from anomaly_baselines where tenant_id = $1 and last_seen_at < to_timestamp($2 / 1000.0)",
    [scope.tenantId, beforeMs],
  );
}

/** What is usual for the services of these namespaces is learnt anew. */
export async function forgetBaselinesOf(
  scope: TenantScope,
  db: Queryable,
  namespaces: readonly string[],
): Promise<void> {
  await db.query("delete from anomaly_baselines where tenant_id = $1 and namespace = any($2)", [
    scope.tenantId,
    namespaces,
  ]);
}

/** Of tenants that nobody scans any more: a scan forgets its own. */
export const PAST_BASELINES: Perishable = {
  table: "anomaly_baselines",
  by: "last_seen_at",
  keptMs: forLookingBack,
};

export async function countBaselines(scope: TenantScope): Promise<number> {
  const rows = await scope.query<{ count: number }>(
    "select count(*)::int as count from anomaly_baselines where tenant_id = $1",
    [scope.tenantId],
  );
  return rows[0]?.count ?? 0;
}

const COLUMNS = `\
service, namespace, window_start, window_end, avg_log_rate, avg_error_rate, p95_error_rate, last_seen_at`;

interface BaselineRow {
  service: string;
  namespace: string;
  window_start: Date;
  window_end: Date;
  avg_log_rate: number;
  avg_error_rate: number;
  p95_error_rate: number;
  last_seen_at: Date;
}

function baselineOf(row: BaselineRow): Baseline {
  return {
    service: row.service,
    namespace: row.namespace,
    windowFromMs: row.window_start.getTime(),
    windowToMs: row.window_end.getTime(),
    avgLogRate: row.avg_log_rate,
    avgErrorRate: row.avg_error_rate,
    p95ErrorRate: row.p95_error_rate,
    lastSeenMs: row.last_seen_at.getTime(),
  };
}
