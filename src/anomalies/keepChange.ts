import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Change, Episode, Resolution } from "./episode.ts";
import { UNSEEN_MS } from "./episodeStore.ts";

/**
 * Holds the episodes that lead what is open: whoever acknowledges or resolves an incident holds its leader before its members, and a
 * scan that had its members first would wait for him while he waits for the scan.
 */
export async function holdIncidents(scope: TenantScope, db: Queryable): Promise<void> {
  await db.query(
    `\
select from anomaly_events where tenant_id = $1 and id in (
  select coalesce(leader_id, id) from anomaly_events where tenant_id = $1 and resolved_at is null
)
order by id for no key update`,
    [scope.tenantId],
  );
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

function anew({ episode, atMs }: Change): Episode {
  return { ...episode, startedAtMs: atMs, detectedAtMs: atMs };
}

function keyOf(scope: TenantScope, { namespace, service, metric, fingerprint }: Episode): unknown[] {
  return [scope.tenantId, namespace, service, metric, fingerprint];
}

/** Observed by usual; where nothing was usual, by one a minute: a number that is shown has to be finite. */
function deviationOf({ observedValue, baselineValue }: Episode): number {
  return observedValue / (baselineValue > 0 ? baselineValue : 1);
}
