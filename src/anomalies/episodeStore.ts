import { toJsonb } from "../database.ts";
import type { ServiceRef } from "../logs/source.ts";
import { BEFORE, forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Condition } from "./condition.ts";
import type { Change, Episode, Resolution } from "./episode.ts";
import type { Direction, Metric, Severity } from "./metric.ts";

/** An episode that is kept. */
export interface KeptEpisode extends Episode {
  id: string;
  isOpen: boolean;
}

/**
 * Keeps an episode that begins. The same one found again, by a process that was killed or beside another one, is the row
 * that stands.
 * @returns its id; undefined where it stood already
 */
async function insertEpisode(
  scope: TenantScope,
  db: Queryable,
  episode: Episode,
  isShadow: boolean,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `\
insert into anomaly_events (
  tenant_id, service, namespace, metric, fingerprint, direction, started_at, detected_at, last_odd_at, severity, score,
  baseline_value, observed_value, deviation_factor, usual_low, usual_high, conditions, is_shadow
)
values (
  $1, $2, $3, $4, $5, $6, to_timestamp($7 / 1000.0), to_timestamp($8 / 1000.0), to_timestamp($9 / 1000.0), $10, $11,
  $12, $13, $14, $15, $16, $17, $18
)
on conflict do nothing
returning id`,
    [
      scope.tenantId,
      episode.service,
      episode.namespace,
      episode.metric,
      episode.fingerprint,
      episode.direction,
      episode.startedAtMs,
      episode.detectedAtMs,
      episode.lastOddAtMs,
      episode.severity,
      episode.score,
      episode.baselineValue,
      episode.observedValue,
      deviationOf(episode),
      episode.usualLow,
      episode.usualHigh,
      toJsonb(episode.conditions),
      isShadow,
    ],
  );
  return rows[0]?.id;
}

/** What somebody has resolved and goes on is the same episode for so long after it was last odd. */
export const UNSEEN_MS = 15 * 60_000;

/**
 * Keeps how one goes on that is open; or that somebody has resolved, so that nobody hears of it again.
 * @returns its id; undefined where somebody has ended it meanwhile
 */
async function updateEpisode(
  scope: TenantScope,
  db: Queryable,
  episode: Episode,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string; is_open: boolean }>(
    `\
update anomaly_events set last_odd_at = to_timestamp($6 / 1000.0), severity = $7, score = $8, observed_value = $9,
  deviation_factor = $10
where tenant_id = $1 and id = (
  select id from anomaly_events
  where tenant_id = $1 and namespace = $2 and service = $3 and metric = $4 and fingerprint = $5 and (
    resolved_at is null
    or resolved_by is not null and last_odd_at > to_timestamp(($6::float8 - $11) / 1000.0)
  )
  order by resolved_at desc nulls first limit 1
)
returning id, resolved_at is null as is_open`,
    [
      ...keyOf(scope, episode),
      episode.lastOddAtMs,
      episode.severity,
      episode.score,
      episode.observedValue,
      deviationOf(episode),
      UNSEEN_MS,
    ],
  );
  return rows[0]?.is_open ? rows[0].id : undefined;
}

/** Ends an open one. @returns its id; undefined where somebody had ended it already */
async function resolveEpisode(
  scope: TenantScope,
  db: Queryable,
  episode: Episode,
  why: Resolution,
  atMs: number,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `\
update anomaly_events set resolved_at = greatest(detected_at, to_timestamp($6 / 1000.0)), resolution = $7
where tenant_id = $1 and namespace = $2 and service = $3 and metric = $4 and fingerprint = $5 and resolved_at is null
returning id`,
    [...keyOf(scope, episode), atMs, why],
  );
  return rows[0]?.id;
}

/** Keeps what a change makes of its episode. @returns the row's id; undefined where nothing new came of it */
export async function keepChange(
  scope: TenantScope,
  db: Queryable,
  change: Change,
  isShadow: boolean,
): Promise<string | undefined> {
  switch (change.kind) {
    case "opens":
      return insertEpisode(scope, db, change.episode, isShadow);
    case "goes on": {
      const id = await updateEpisode(scope, db, change.episode);
      // Resolved by somebody, and worse than it was then: that is another episode.
      return id === undefined && change.isWorse ? insertEpisode(scope, db, anew(change), isShadow) : id;
    }
    case "ends":
      await updateEpisode(scope, db, change.episode);
      return resolveEpisode(scope, db, change.episode, change.why, change.atMs);
  }
}

function anew({ episode, atMs }: Change): Episode {
  return { ...episode, startedAtMs: atMs, detectedAtMs: atMs };
}

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

function keyOf(scope: TenantScope, { namespace, service, metric, fingerprint }: Episode): unknown[] {
  return [scope.tenantId, namespace, service, metric, fingerprint];
}

/** Observed by usual; where nothing was usual, by one a minute: a number that is shown has to be finite. */
export function deviationOf({ observedValue, baselineValue }: Episode): number {
  return observedValue / (baselineValue > 0 ? baselineValue : 1);
}

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
