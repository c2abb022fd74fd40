import { type PageEnd, pageEndValues, pagesBy } from "../tenancy/pages.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Direction, Metric, Severity } from "./metric.ts";

/** A detected episode with all that is told of it. */
export interface AnomalyRow extends PageEnd {
  service: string;
  namespace: string;
  metric: Metric;
  direction: Direction;
  severity: Severity;
  startedAtMs: number;
  detectedAtMs: number;
  /** Absent: it is open. */
  resolvedAtMs?: number;
  baselineValue: number;
  observedValue: number;
  /** Observed by what is usual. */
  deviationFactor: number;
  notified: boolean;
  isShadow: boolean;
  acknowledged?: { by: string; atMs: number };
}

export interface AnomalyPageFilter {
  id?: string;
  service?: string;
  namespace?: string;
  state?: "open" | "resolved";
  severity?: Severity;
  sinceMs?: number;
  after?: PageEnd;
}

const PAGES = pagesBy("detected_at");

/** Those detected last first. */
export async function pageOfAnomalies(
  scope: TenantScope,
  { id, service, namespace, state, severity, sinceMs, after }: AnomalyPageFilter,
  limit: number,
): Promise<AnomalyRow[]> {
  const values: unknown[] = [scope.tenantId, ...pageEndValues(after), limit];
  const where = ["tenant_id = $1", PAGES.after("$2", "$3")];
  const has = (column: string, value: unknown) => {
    if (value !== undefined) where.push(`${column} = $${values.push(value)}`);
  };
  has("id", id);
  has("service", service);
  has("namespace", namespace);
  has("severity", severity);
  if (state !== undefined) where.push(`resolved_at is ${state === "open" ? "null" : "not null"}`);
  if (sinceMs !== undefined)
    where.push(`detected_at >= to_timestamp($${values.push(sinceMs)}::float8 / 1000.0)`);
  const rows = await scope.query<Row>(
    `\
select id, ${PAGES.column}, service, namespace, metric, direction, severity, started_at, detected_at, resolved_at,
  baseline_value, observed_value, deviation_factor, notified, is_shadow, acknowledged_by, acknowledged_at
from anomaly_events where ${where.join(" and ")}
order by ${PAGES.order} limit $4`,
    values,
  );
  return rows.map((row) => ({
    id: row.id,
    atUs: row.at_us,
    service: row.service,
    namespace: row.namespace,
    metric: row.metric,
    direction: row.direction,
    severity: row.severity,
    startedAtMs: row.started_at.getTime(),
    detectedAtMs: row.detected_at.getTime(),
    ...(row.resolved_at !== null && { resolvedAtMs: row.resolved_at.getTime() }),
    baselineValue: row.baseline_value,
    observedValue: row.observed_value,
    deviationFactor: row.deviation_factor,
    notified: row.notified,
    isShadow: row.is_shadow,
    ...(row.acknowledged_by !== null &&
      row.acknowledged_at !== null && {
        acknowledged: { by: row.acknowledged_by, atMs: row.acknowledged_at.getTime() },
      }),
  }));
}

interface Row {
  id: string;
  at_us: string;
  service: string;
  namespace: string;
  metric: Metric;
  direction: Direction;
  severity: Severity;
  started_at: Date;
  detected_at: Date;
  resolved_at: Date | null;
  baseline_value: number;
  observed_value: number;
  deviation_factor: number;
  notified: boolean;
  is_shadow: boolean;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
}
