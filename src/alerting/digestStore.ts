import type { Verdict } from "../anomalies/labels.ts";
import { type Direction, isWorse, type Metric, SEVERITIES, type Severity } from "../anomalies/metric.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Channel } from "./channels.ts";
import { wants } from "./policy.ts";

/** An episode as a digest counts it. */
export interface DigestEvent {
  service: string;
  severity: Severity;
  metric: Metric;
  direction: Direction;
  startedAtMs: number;
  detectedAtMs: number;
  lastOddAtMs: number;
  /** Absent: still open. */
  resolvedAtMs?: number;
  isAcknowledged: boolean;
  verdict?: Verdict;
  /** A message in the channel lists it, or is to. */
  isTold: boolean;
}

/**
 * What was detected in a time, and what is open from before, of what a channel wants to hear of, newest first; what it was not told
 * in shadow mode is left out.
 */
export async function listDigestEvents(
  scope: TenantScope,
  { workspaceId, externalId, policy }: Pick<Channel, "workspaceId" | "externalId" | "policy">,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  limit: number,
): Promise<DigestEvent[]> {
  const rows = await scope.query<DigestRow>(
    `\
with wanted as (
  (
    select id from anomaly_events
    where tenant_id = $1 and detected_at >= to_timestamp($4 / 1000.0) and detected_at < to_timestamp($5 / 1000.0)
      and severity = any($7) and ($8::text[] is null or lower(service) like any($8))
    order by detected_at desc, id limit $6
  )
  union
  (
    select id from anomaly_events
    where tenant_id = $1 and resolved_at is null and detected_at < to_timestamp($5 / 1000.0)
      and severity = any($7) and ($8::text[] is null or lower(service) like any($8))
    order by detected_at desc, id limit $6
  )
)
select e.service, e.severity, e.metric, e.direction, e.started_at, e.detected_at, e.last_odd_at, e.resolved_at,
  e.acknowledged_at is not null as is_acknowledged, l.verdict, told.is_told
from wanted join anomaly_events e on e.tenant_id = $1 and e.id = wanted.id
left join anomaly_labels l on l.tenant_id = $1 and l.anomaly_event_id = e.id
cross join lateral (
  select exists (
    select from deliveries d
    where d.tenant_id = $1 and d.anomaly_event_id in (e.id, e.leader_id) and d.workspace_id = $2 and d.channel = $3
      and d.kind = 'alert' and e.id = any(d.reports) and d.state <> 'refused'
  ) as is_told
) told
where told.is_told or not e.is_shadow
order by e.detected_at desc, e.id limit $6`,
    [
      ...[scope.tenantId, workspaceId, externalId, fromMs, untilMs, limit],
      SEVERITIES.filter((severity) => policy.severity === undefined || !isWorse(policy.severity, severity)),
      policy.services?.map(likeOf) ?? null,
    ],
  );
  const wanted = rows.filter((row) => wants(policy, row));
  return wanted.map((row) => ({
    service: row.service,
    severity: row.severity,
    metric: row.metric,
    direction: row.direction,
    startedAtMs: row.started_at.getTime(),
    detectedAtMs: row.detected_at.getTime(),
    lastOddAtMs: row.last_odd_at.getTime(),
    ...(row.resolved_at !== null && { resolvedAtMs: row.resolved_at.getTime() }),
    isAcknowledged: row.is_acknowledged,
    ...(row.verdict !== null && { verdict: row.verdict }),
    isTold: row.is_told,
  }));
}

/** What fits a pattern fits this too; letters that the database may know no small ones of are left open. */
function likeOf(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/[\\%_]/g, "\\$&")
    .replaceAll("*", "%")
    .replace(/[^ -~]+/g, "%");
}

interface DigestRow {
  service: string;
  severity: Severity;
  metric: Metric;
  direction: Direction;
  started_at: Date;
  detected_at: Date;
  last_odd_at: Date;
  resolved_at: Date | null;
  is_acknowledged: boolean;
  verdict: Verdict | null;
  is_told: boolean;
}
