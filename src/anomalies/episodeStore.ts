import type { ServiceRef } from "../logs/source.ts";
import { BEFORE, forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Condition } from "./condition.ts";
import type { Episode } from "./episode.ts";
import type { Direction, Metric, Severity } from "./metric.ts";

/** An episode that is kept. */
export interface KeptEpisode extends Episode {
  id: string;
  isOpen: boolean;
}

/** What somebody has resolved and goes on is the same episode for so long after it was last odd. */
export const UNSEEN_MS = 15 * 60_000;

/**
 * Those that were open at a time, and those that ended in the time before it, the oldest first. What somebody has resolved is
 * open as long as it goes on: it is not found again.
 */
export async function recentEpisodes(
  scope: TenantScope,
  untilMs: number,
  withinMs: number,
): Promise<KeptEpisode[]> {
  const rows = await scope.query<EpisodeRow>(
    `\
${SELECT} from anomaly_events where tenant_id = $1 and resolved_at is null
union all
${SELECT} from anomaly_events
where tenant_id = $1 and resolved_at is not null and detected_at > to_timestamp($2 / 1000.0)
order by detected_at, id limit 10000`,
    [scope.tenantId, untilMs - withinMs, untilMs - UNSEEN_MS],
  );
  return rows.map(episodeOf);
}

/** How many new kinds of errors a service has had since a time. */
export async function countNewErrors(
  scope: TenantScope,
  { service, namespace }: ServiceRef,
  sinceMs: number,
): Promise<number> {
  const rows = await scope.query<{ count: number }>(
    `\
select count(*)::int as count from anomaly_events
where tenant_id = $1 and service = $2 and namespace = $3 and metric = 'new_error'
  and detected_at > to_timestamp($4 / 1000.0)`,
    [scope.tenantId, service, namespace, sinceMs],
  );
  return rows[0]?.count ?? 0;
}

/**
 * With their deliveries and labels, once they have been over for long; never an open one. What was owed lately of one that is
 * over that long, as after an outage, is sent first. One whose message lists another goes when that one may.
 */
export const PAST_EPISODES: Perishable = {
  table: "anomaly_events",
  by: "detected_at",
  when: `\
r.resolved_at < ${BEFORE} and not exists (
  select from deliveries d
  where d.tenant_id = $1 and d.anomaly_event_id = r.id and d.state = 'pending'
    and (d.created_at >= ${BEFORE} or d.lease_until is not null) offset 0
) and not exists (
  select from anomaly_events led
  where led.tenant_id = $1 and led.leader_id = r.id and (led.resolved_at is null or led.resolved_at >= ${BEFORE}) offset 0
)`,
  keptMs: forRetention,
};

const SELECT = `\
select id, service, namespace, metric, fingerprint, direction, started_at, detected_at, last_odd_at, severity, score,
  baseline_value, observed_value, usual_low, usual_high, conditions,
  resolved_at is null or resolved_by is not null and last_odd_at > to_timestamp($3 / 1000.0) as is_open`;

interface EpisodeRow {
  id: string;
  service: string;
  namespace: string;
  metric: Metric;
  fingerprint: string;
  direction: Direction;
  started_at: Date;
  detected_at: Date;
  last_odd_at: Date;
  severity: Severity;
  score: number;
  baseline_value: number;
  observed_value: number;
  usual_low: number;
  usual_high: number;
  conditions: Condition[];
  is_open: boolean;
}

function episodeOf(row: EpisodeRow): KeptEpisode {
  return {
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    metric: row.metric,
    fingerprint: row.fingerprint,
    direction: row.direction,
    startedAtMs: row.started_at.getTime(),
    detectedAtMs: row.detected_at.getTime(),
    lastOddAtMs: row.last_odd_at.getTime(),
    severity: row.severity,
    score: row.score,
    baselineValue: row.baseline_value,
    observedValue: row.observed_value,
    usualLow: row.usual_low,
    usualHigh: row.usual_high,
    conditions: row.conditions,
    isOpen: row.is_open,
  };
}
