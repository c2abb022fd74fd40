import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Hold, Stage } from "./stages.ts";

/** A hold of an episode. */
export interface EpisodeHold extends Hold {
  eventId: string;
}

/** A hold as it is read again. */
export interface KeptHold {
  eventId: string;
  stage: Stage;
  reason: string;
  /** The platform's id; absent where it was held back everywhere. */
  channel?: string;
  atMs: number;
}

/** One statement with hundreds of thousands takes longer than the database lets one take. */
const AT_ONCE = 5_000;

/** Keeps why alerts were held back, once for each stage and channel: the first reason stands. */
export async function keepHolds(
  scope: TenantScope,
  db: Queryable,
  holds: readonly EpisodeHold[],
): Promise<void> {
  for (let at = 0; at < holds.length; at += AT_ONCE) await keepSome(scope, db, holds.slice(at, at + AT_ONCE));
}

async function keepSome(scope: TenantScope, db: Queryable, holds: readonly EpisodeHold[]): Promise<void> {
  await db.query(
    `\
insert into held_alerts (tenant_id, anomaly_event_id, workspace_id, channel, stage, reason)
select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[])
on conflict do nothing`,
    [
      scope.tenantId,
      holds.map(({ eventId }) => eventId),
      holds.map(({ channel }) => channel?.workspaceId ?? null),
      holds.map(({ channel }) => channel?.externalId ?? null),
      holds.map(({ stage }) => stage),
      holds.map(({ reason }) => reason),
    ],
  );
}

/** What is held back of a service's open episodes already: it need not be kept again. One text a hold. */
export async function listKnownHolds(scope: TenantScope): Promise<Set<string>> {
  const rows = await scope.query<{
    event_id: string;
    stage: Stage;
    workspace_id: string | null;
    channel: string | null;
  }>(
    `\
select h.anomaly_event_id as event_id, h.stage, h.workspace_id, h.channel
from anomaly_events e join held_alerts h on h.tenant_id = e.tenant_id and h.anomaly_event_id = e.id
where e.tenant_id = $1 and e.resolved_at is null`,
    [scope.tenantId],
  );
  return new Set(
    rows.map(({ event_id, stage, workspace_id, channel }) => holdKey(event_id, stage, workspace_id, channel)),
  );
}

/** One text for each hold that is kept once. */
export function holdKey(
  eventId: string,
  stage: Stage,
  workspaceId: string | null | undefined,
  channel: string | null | undefined,
): string {
  return JSON.stringify([eventId, stage, workspaceId ?? "", channel ?? ""]);
}

/** Why alerts about episodes were held back, the first first, at most 50. */
export async function listHolds(scope: TenantScope, eventIds: readonly string[]): Promise<KeptHold[]> {
  const rows = await scope.query<{
    event_id: string;
    stage: Stage;
    reason: string;
    channel: string | null;
    created_at: Date;
  }>(
    `\
select anomaly_event_id as event_id, stage, reason, channel, created_at from held_alerts
where tenant_id = $1 and anomaly_event_id = any($2::uuid[])
order by created_at, id limit 50`,
    [scope.tenantId, eventIds],
  );
  return rows.map(({ event_id, channel, created_at, ...row }) => ({
    ...row,
    eventId: event_id,
    ...(channel !== null && { channel }),
    atMs: created_at.getTime(),
  }));
}

/** What a flood holds back in a channel since a time, by the database's clock: how much of which services, the most first. */
export async function countFlooded(
  scope: TenantScope,
  db: Queryable,
  at: { workspaceId: string; channel: string },
  since: Date,
): Promise<{ service: string; count: number }[]> {
  const { rows } = await db.query<{ service: string; count: number }>(
    `\
select e.service, count(*)::int as count
from held_alerts h join anomaly_events e on e.tenant_id = h.tenant_id and e.id = h.anomaly_event_id
where h.tenant_id = $1 and h.workspace_id = $2 and h.channel = $3 and h.stage = 'flood' and h.created_at >= $4
group by e.service order by count desc, e.service`,
    [scope.tenantId, at.workspaceId, at.channel, since],
  );
  return rows;
}
