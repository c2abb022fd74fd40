import type { Episode } from "../anomalies/episode.ts";
import type { Card } from "../chat/card.ts";
import { withoutTransient } from "../chat/transient.ts";
import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { OwedDelivery } from "./deliveries.ts";

/** What is new of an episode, for one channel. */
export interface NewAlert {
  workspaceId: string;
  channel: string;
  eventId: string;
  card: Card;
}

/**
 * Owes the next state of an episode's message; where none was owed yet, its first. An edit that nobody has begun to send gives
 * way to it: the newest state wins.
 */
export async function oweAlert(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, channel, eventId, card }: NewAlert,
): Promise<void> {
  await db.query(
    `\
with waiting as (
  select id from deliveries
  where tenant_id = $1 and workspace_id = $2 and channel = $3 and anomaly_event_id = $4 and kind = 'alert'
    and state = 'pending' and sequence > 0 and lease_owner is null
  order by sequence desc limit 1 for update
), replaced as (
  update deliveries d set card = $5 from waiting where d.tenant_id = $1 and d.id = waiting.id returning d.id
), before as (
  select max(sequence) as sequence from deliveries
  where tenant_id = $1 and workspace_id = $2 and channel = $3 and anomaly_event_id = $4 and kind = 'alert'
)
insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card)
select $1, $2, $3, $4, 'alert', coalesce(before.sequence + 1, 0), $5
from before where not exists (select from replaced)
on conflict do nothing`,
    [scope.tenantId, workspaceId, channel, eventId, toJsonb(withoutTransient(card))],
  );
}

/** What each channel was owed last of an episode. */
export async function listAlerts(scope: TenantScope, db: Queryable, eventId: string): Promise<NewAlert[]> {
  const { rows } = await db.query<{ workspace_id: string; channel: string; card: Card }>(
    `\
select distinct on (workspace_id, channel) workspace_id, channel, card from deliveries
where tenant_id = $1 and anomaly_event_id = $2 and kind = 'alert'
order by workspace_id, channel, sequence desc`,
    [scope.tenantId, eventId],
  );
  return rows.map(({ workspace_id, channel, card }) => ({
    workspaceId: workspace_id,
    channel,
    eventId,
    card,
  }));
}

/** What an episode is known by while it is open. */
export type EpisodeKey = Pick<Episode, "namespace" | "service" | "metric" | "fingerprint">;

/** Which channel was owed a message of which open episode. */
export async function listTold(
  scope: TenantScope,
): Promise<(EpisodeKey & { workspaceId: string; channel: string })[]> {
  const rows = await scope.query<EpisodeKey & { workspace_id: string; channel: string }>(
    `\
select distinct e.namespace, e.service, e.metric, e.fingerprint, d.workspace_id, d.channel
from anomaly_events e join deliveries d on d.tenant_id = e.tenant_id and d.anomaly_event_id = e.id
where e.tenant_id = $1 and e.resolved_at is null and d.kind = 'alert'`,
    [scope.tenantId],
  );
  return rows.map(({ workspace_id, ...row }) => ({ ...row, workspaceId: workspace_id }));
}

/** Where the message of an episode stands in a channel, how often it was posted, and whether a state of it is still owed. */
export async function alertShown(
  scope: TenantScope,
  { workspaceId, channel, anomalyEventId }: OwedDelivery,
): Promise<{ messageId?: string; posts: number; isOwed: boolean }> {
  const rows = await scope.query<{ message_id: string | null; posts: number; owed: boolean | null }>(
    `\
select (array_agg(message_id order by sequence desc) filter (where message_id is not null))[1] as message_id,
  count(distinct message_id)::int as posts, bool_or(state = 'pending') as owed
from deliveries
where tenant_id = $1 and workspace_id = $2 and channel = $3 and anomaly_event_id = $4 and kind = 'alert'`,
    [scope.tenantId, workspaceId, channel, anomalyEventId],
  );
  const row = rows[0];
  return {
    ...(row?.message_id != null && { messageId: row.message_id }),
    posts: row?.posts ?? 0,
    isOwed: row?.owed ?? false,
  };
}
