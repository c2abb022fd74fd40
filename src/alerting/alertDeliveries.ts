import type { Episode } from "../anomalies/episode.ts";
import type { Card } from "../chat/card.ts";
import { withoutTransient } from "../chat/transient.ts";
import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { OwedDelivery } from "./deliveries.ts";
import { withoutMentions } from "./mentions.ts";

/** What is new of an incident's message, or of a notice, for one channel. */
export interface NewState {
  workspaceId: string;
  channel: string;
  /** The episode that leads the incident, or the key of a notice. */
  of: { eventId: string } | { notice: string };
  card: Card;
  /** Whom the message called when it was posted: it goes on naming them, and an edit calls nobody. */
  called?: readonly string[];
  /** The episodes that the card lists. */
  reports: readonly string[];
}

/** What a message is about, as its rows are told apart: the index deliveries_once. */
export function subjectSql(row: string): string {
  return `coalesce(${row}.conversation_id::text, ${row}.anomaly_event_id::text, ${row}.notice)`;
}

/**
 * Owes the next state of a message; where none was owed yet, its first. An edit that nobody has begun to send gives way to it:
 * the newest state wins. A notice is not owed what it says already.
 */
export async function oweState(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, channel, of, card, called, reports }: NewState,
): Promise<void> {
  const [eventId, notice] = "eventId" in of ? [of.eventId, null] : [null, of.notice];
  await db.query(
    `\
with before as materialized (
  select d.id, d.sequence, d.state, d.lease_owner from deliveries d
  where d.tenant_id = $1 and d.workspace_id = $2 and d.channel = $3 and ${subjectSql("d")} = coalesce($4::uuid::text, $5)
    and d.kind = $6
), waiting as (
  select d.id from deliveries d
  where d.tenant_id = $1 and d.id = (select id from before order by sequence desc limit 1)
    and d.state = 'pending' and d.sequence > 0 and d.lease_owner is null
  for update
), replaced as (
  update deliveries d set card = $7, reports = $8 from waiting where d.tenant_id = $1 and d.id = waiting.id returning d.id
), said as (
  select from deliveries d
  where d.tenant_id = $1 and d.id = (select id from before order by sequence desc limit 1)
    and $6 = 'notice' and d.state <> 'refused' and d.card = $7
)
insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, notice, kind, sequence, card, reports)
select $1, $2, $3, $4::uuid, $5, $6, coalesce((select max(sequence) + 1 from before), 0), $7, $8
where not exists (select from replaced) and not exists (select from said)
on conflict do nothing`,
    [
      scope.tenantId,
      workspaceId,
      channel,
      eventId,
      notice,
      notice === null ? "alert" : "notice",
      toJsonb(withoutTransient(called === undefined ? card : { ...card, mentions: called })),
      reports,
    ],
  );
}

/** What each channel that was told of an incident was owed last, where it did not refuse all of it, and whom that called. */
export async function listStates(
  scope: TenantScope,
  db: Queryable,
  eventId: string,
): Promise<(Omit<NewState, "of" | "reports"> & { reports: string[] })[]> {
  const { rows } = await db.query<{ workspace_id: string; channel: string; card: Card; reports: string[] }>(
    `\
select distinct on (d.workspace_id, d.channel) d.workspace_id, d.channel, d.card, d.reports from deliveries d
where d.tenant_id = $1 and d.anomaly_event_id = $2 and d.kind = 'alert'
  and exists (
    select from deliveries e
    where e.tenant_id = $1 and e.anomaly_event_id = $2 and e.kind = 'alert' and e.workspace_id = d.workspace_id
      and e.channel = d.channel and ${isToldSql("e")}
  )
order by d.workspace_id, d.channel, d.sequence desc`,
    [scope.tenantId, eventId],
  );
  return rows.map(({ workspace_id, card, ...row }) => ({
    ...row,
    card: withoutMentions(card),
    ...(card.mentions !== undefined && { called: card.mentions }),
    workspaceId: workspace_id,
  }));
}

/**
 * A condition in SQL: that a channel has been told, or will be. One that takes no messages is told as soon as it does; what was
 * wrong with the message itself would be so again.
 */
function isToldSql(row: string): string {
  return `(${row}.state <> 'refused' or ${row}.refusal in ('message gone', 'not acceptable'))`;
}

/** What an episode is known by while it is open. */
export type EpisodeKey = Pick<Episode, "namespace" | "service" | "metric" | "fingerprint">;

/** Episodes that are open, and the channels that were owed a message that lists them, and have not refused it. */
export interface Told {
  episodes: readonly EpisodeKey[];
  channels: readonly { workspaceId: string; channel: string }[];
}

/**
 * Who was told of what is open. A message in hundreds of channels that lists thousands of episodes is told of once, not as each
 * episode with each channel: that took longer than the database lets a statement take.
 */
export async function listTold(scope: TenantScope): Promise<Told[]> {
  const open = await scope.query<EpisodeKey & { id: string; leader_id: string | null }>(
    `select id, leader_id, namespace, service, metric, fingerprint from anomaly_events
where tenant_id = $1 and resolved_at is null`,
    [scope.tenantId],
  );
  if (open.length === 0) return [];
  const messages = await scope.query<{
    anomaly_event_id: string;
    reports: string[];
    channels: [workspaceId: string, channel: string][];
  }>(
    // The newest state lists all that the ones before it did, and there may be hundreds of them in each channel.
    `select anomaly_event_id, reports, jsonb_agg(jsonb_build_array(workspace_id, channel)) as channels
from (
  select distinct on (d.anomaly_event_id, d.workspace_id, d.channel) d.anomaly_event_id, d.workspace_id, d.channel, d.reports
  from deliveries d
  where d.tenant_id = $1 and d.anomaly_event_id = any($2::uuid[]) and d.kind = 'alert' and ${isToldSql("d")}
  order by d.anomaly_event_id, d.workspace_id, d.channel, d.sequence desc
) newest
group by anomaly_event_id, reports`,
    [scope.tenantId, [...new Set(open.flatMap(({ id, leader_id }) => [id, leader_id ?? id]))]],
  );
  const byId = new Map(open.map(({ id, leader_id, ...key }) => [id, { key, leaderId: leader_id }]));
  return messages.flatMap(({ anomaly_event_id, reports, channels }) => {
    const episodes = reports.flatMap((id) => {
      const episode = byId.get(id);
      const isListed = id === anomaly_event_id || episode?.leaderId === anomaly_event_id;
      return episode !== undefined && isListed ? [episode.key] : [];
    });
    const those = channels.map(([workspaceId, channel]) => ({ workspaceId, channel }));
    return episodes.length === 0 ? [] : [{ episodes, channels: those }];
  });
}

/** Where a message stands in a channel, how often it was posted, and whether a state of it is still owed. */
export async function stateShown(
  scope: TenantScope,
  { workspaceId, channel, anomalyEventId, notice, kind }: OwedDelivery,
): Promise<{ messageId?: string; posts: number; isOwed: boolean }> {
  const rows = await scope.query<{ message_id: string | null; posts: number; owed: boolean | null }>(
    `\
select (array_agg(d.message_id order by d.sequence desc) filter (where d.message_id is not null))[1] as message_id,
  count(distinct d.message_id)::int as posts, bool_or(d.state = 'pending') as owed
from deliveries d
where d.tenant_id = $1 and d.workspace_id = $2 and d.channel = $3 and ${subjectSql("d")} = $4 and d.kind = $5`,
    [scope.tenantId, workspaceId, channel, anomalyEventId ?? notice, kind === "escalation" ? "alert" : kind],
  );
  const row = rows[0];
  return {
    ...(row?.message_id != null && { messageId: row.message_id }),
    posts: row?.posts ?? 0,
    isOwed: row?.owed ?? false,
  };
}
