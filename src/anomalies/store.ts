import type { ServiceRef } from "../logs/source.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Direction, Metric, Severity } from "./metric.ts";

/** One detected episode, open until resolved. */
export interface AnomalyEvent extends ServiceRef {
  id: string;
  startedAtMs: number;
  detectedAtMs: number;
  /** The end of the last minute that was odd. */
  lastOddAtMs: number;
  direction: Direction;
  /** Detected in shadow mode: nothing was posted about it. */
  isShadow: boolean;
  /** Absent: still open. */
  resolvedAtMs?: number;
  /** Who said that it is over, before it was by itself. */
  resolvedBy?: string;
  severity: Severity;
  metric: Metric;
  baselineValue: number;
  observedValue: number;
  notified: boolean;
  /** Who looks into it, as they are called; absent where nobody said so. */
  acknowledged?: { by: string; atMs: number };
  /** Messages owed or sent about it. */
  deliveries: { workspaceId: string; channel: string; state: "pending" | "sent" | "refused" }[];
}

export interface AnomalyFilter {
  service?: string;
  state?: "open" | "resolved";
  namespace?: string;
  /** Only those detected since. */
  sinceMs?: number;
  /** Only those that began before. */
  begunBeforeMs?: number;
  /** None that was ended by this. */
  notEndedBy?: string;
}

/** Newest first. */
export async function listAnomalies(
  scope: TenantScope,
  filter: AnomalyFilter,
  limit: number,
): Promise<AnomalyEvent[]> {
  const values: unknown[] = [scope.tenantId, limit];
  const where = ["e.tenant_id = $1"];
  if (filter.service !== undefined) where.push(`e.service = $${values.push(filter.service)}`);
  if (filter.state === "open") where.push("e.resolved_at is null");
  if (filter.state === "resolved") where.push("e.resolved_at is not null");
  if (filter.sinceMs !== undefined)
    where.push(`e.detected_at >= to_timestamp($${values.push(filter.sinceMs)}::float8 / 1000.0)`);
  if (filter.namespace !== undefined) where.push(`e.namespace = $${values.push(filter.namespace)}`);
  if (filter.begunBeforeMs !== undefined)
    where.push(`e.started_at < to_timestamp($${values.push(filter.begunBeforeMs)}::float8 / 1000.0)`);
  if (filter.notEndedBy !== undefined)
    where.push(`e.resolved_by is distinct from $${values.push(filter.notEndedBy)}`);
  const rows = await scope.query<AnomalyRow>(
    `\
select e.id, e.service, e.namespace, e.started_at, e.detected_at, e.last_odd_at, e.resolved_at, e.resolved_by, e.severity, e.metric,
  e.direction, e.is_shadow, e.baseline_value, e.observed_value, e.notified, e.acknowledged_by, e.acknowledged_at,
  coalesce(d.deliveries, '[]') as deliveries
from (
  select * from anomaly_events e where ${where.join(" and ")}
  order by e.detected_at desc, e.id limit $2
) e
left join lateral (
  select jsonb_agg(jsonb_build_object('workspaceId', workspace_id, 'channel', channel, 'state', state) order by channel) as deliveries
  from (
    select distinct on (workspace_id, channel) workspace_id, channel, state
    from deliveries where tenant_id = $1 and anomaly_event_id in (e.id, e.leader_id) and kind = 'alert'
      and e.id = any(reports)
    order by workspace_id, channel, sequence desc
  ) latest
) d on true
order by e.detected_at desc, e.id`,
    values,
  );
  return rows.map(anomalyOf);
}

/** What is odd is found within so long after it began, and is a new normal before it has gone on for so long. */
const FOUND_WITHIN_MS = 2 * 3_600_000;
const OVER_WITHIN_MS = 28 * 24 * 3_600_000;
/** Who asks so long after somebody resolved something asks about that. */
const RESOLVED_WITHIN_MS = 15 * 60_000;

/**
 * Those of a service that a time is part of, from where what is odd began to when it was over, also where somebody had resolved it
 * before, and those that somebody had resolved shortly before that time; newest first, at most 20.
 */
export async function findAnomaliesAt(
  scope: TenantScope,
  { service, namespace }: ServiceRef,
  atMs: number,
): Promise<AnomalyEvent[]> {
  const rows = await scope.query<AnomalyRow>(
    `\
select e.id, e.service, e.namespace, e.started_at, e.detected_at, e.last_odd_at, e.resolved_at, e.resolved_by, e.severity, e.metric,
  e.direction, e.is_shadow, e.baseline_value, e.observed_value, e.notified, e.acknowledged_by, e.acknowledged_at,
  coalesce(d.deliveries, '[]') as deliveries
from anomaly_events e
left join lateral (
  select jsonb_agg(jsonb_build_object('workspaceId', workspace_id, 'channel', channel, 'state', state) order by channel) as deliveries
  from (
    select distinct on (workspace_id, channel) workspace_id, channel, state
    from deliveries where tenant_id = $1 and anomaly_event_id in (e.id, e.leader_id) and kind = 'alert'
      and e.id = any(reports)
    order by workspace_id, channel, sequence desc
  ) latest
) d on true
where e.tenant_id = $1 and e.service = $2 and e.namespace = $3
  and e.started_at <= to_timestamp($4 / 1000.0)
  and coalesce(
    case when e.resolved_by is null then e.resolved_at else greatest(e.resolved_at, e.last_odd_at) + $7 * interval '1 ms' end, 'infinity'
  ) > to_timestamp($4 / 1000.0)
  and e.detected_at between to_timestamp($5 / 1000.0) and to_timestamp($6 / 1000.0)
order by e.detected_at desc, e.id
limit 20`,
    [
      ...[scope.tenantId, service, namespace, atMs],
      ...[atMs - OVER_WITHIN_MS, atMs + FOUND_WITHIN_MS, RESOLVED_WITHIN_MS],
    ],
  );
  return rows.map(anomalyOf);
}

/** The services of an episode and of those that its message lists, its own first; none where there is no such episode. */
export async function servicesOfIncident(scope: TenantScope, id: string): Promise<string[]> {
  const rows = await scope.query<{ service: string }>(
    `\
select service from anomaly_events where tenant_id = $1 and (id = $2 or leader_id = $2)
group by service order by bool_or(id = $2) desc, service`,
    [scope.tenantId, id],
  );
  return rows.map(({ service }) => service);
}

/** The services that an alert lists which stands there, the worst first; none where no alert does. */
export async function servicesOfAlertAt(
  scope: TenantScope,
  db: Queryable,
  at: { workspaceId: string; channel: string; messageId: string },
): Promise<string[]> {
  const { rows: alerts } = await db.query<{ id: string }>(
    `\
select distinct anomaly_event_id as id from deliveries
where tenant_id = $1 and workspace_id = $2 and channel = $3 and message_id = $4 and kind = 'alert'`,
    [scope.tenantId, at.workspaceId, at.channel, at.messageId],
  );
  if (alerts.length === 0) return [];
  const { rows } = await db.query<{ service: string }>(
    `\
select service from anomaly_events where tenant_id = $1 and (id = any($2::uuid[]) or leader_id = any($2::uuid[]))
group by service order by max(score) desc, service limit 100`,
    [scope.tenantId, alerts.map(({ id }) => id)],
  );
  return rows.map(({ service }) => service);
}

/** The episodes that lead what is open in these namespaces: one for each message that tells of it. */
export async function listOpenLeaders(scope: TenantScope, namespaces: readonly string[]): Promise<string[]> {
  const rows = await scope.query<{ id: string }>(
    `\
select distinct coalesce(leader_id, id) as id from anomaly_events
where tenant_id = $1 and resolved_at is null and namespace = any($2)`,
    [scope.tenantId, namespaces],
  );
  return rows.map(({ id }) => id);
}

export async function countOpenAnomalies(scope: TenantScope): Promise<number> {
  const rows = await scope.query<{ count: number }>(
    "select count(*)::int as count from anomaly_events where tenant_id = $1 and resolved_at is null",
    [scope.tenantId],
  );
  return rows[0]?.count ?? 0;
}

interface AnomalyRow {
  id: string;
  service: string;
  namespace: string;
  started_at: Date;
  detected_at: Date;
  last_odd_at: Date;
  direction: Direction;
  is_shadow: boolean;
  resolved_at: Date | null;
  resolved_by: string | null;
  severity: Severity;
  metric: Metric;
  baseline_value: number;
  observed_value: number;
  notified: boolean;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
  deliveries: AnomalyEvent["deliveries"];
}

function anomalyOf(row: AnomalyRow): AnomalyEvent {
  return {
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    startedAtMs: row.started_at.getTime(),
    detectedAtMs: row.detected_at.getTime(),
    lastOddAtMs: row.last_odd_at.getTime(),
    direction: row.direction,
    isShadow: row.is_shadow,
    ...(row.resolved_at !== null && { resolvedAtMs: row.resolved_at.getTime() }),
    ...(row.resolved_by !== null && { resolvedBy: row.resolved_by }),
    severity: row.severity,
    metric: row.metric,
    baselineValue: row.baseline_value,
    observedValue: row.observed_value,
    notified: row.notified,
    ...(row.acknowledged_by !== null &&
      row.acknowledged_at !== null && {
        acknowledged: { by: row.acknowledged_by, atMs: row.acknowledged_at.getTime() },
      }),
    deliveries: row.deliveries,
  };
}
