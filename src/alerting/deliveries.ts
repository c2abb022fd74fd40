import type { Card } from "../chat/card.ts";
import { withoutTransient } from "../chat/transient.ts";
import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** The outbox: one message, or one edit of it, owed to one channel. Written with the state it reports, sent afterwards. */
export interface OwedDelivery {
  id: string;
  workspaceId: string;
  channel: string;
  conversationId?: string;
  anomalyEventId?: string;
  kind: "answer" | "reply" | "alert" | "notice";
  sequence: number;
  card: Card;
  attempts: number;
}

export interface NewDelivery {
  workspaceId: string;
  channel: string;
  conversationId: string;
  kind: "answer" | "reply";
  sequence: number;
  card: Card;
}

/** Owes a message, in the transaction that makes it true. The same one twice is owed once. Transient lines are left out. */
export async function oweDelivery(
  scope: TenantScope,
  db: Queryable,
  owed: NewDelivery,
  nowMs: number,
): Promise<void> {
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, conversation_id, kind, sequence, card, next_attempt_at)
values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8 / 1000.0))
on conflict do nothing`,
    [
      scope.tenantId,
      owed.workspaceId,
      owed.channel,
      owed.conversationId,
      owed.kind,
      owed.sequence,
      toJsonb(withoutTransient(owed.card)),
      nowMs,
    ],
  );
}

/** Owes a message about no conversation and no episode, once for each channel and `notice`. */
export async function oweNotice(
  scope: TenantScope,
  db: Queryable,
  {
    workspaceId,
    channel,
    notice,
    card,
  }: { workspaceId: string; channel: string; notice: string; card: Card },
  nowMs: number,
): Promise<void> {
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card, next_attempt_at)
values ($1, $2, $3, $4, 'notice', 0, $5, to_timestamp($6 / 1000.0))
on conflict do nothing`,
    [scope.tenantId, workspaceId, channel, notice, toJsonb(withoutTransient(card)), nowMs],
  );
}

/** Whether a channel was owed that notice already. */
export async function isNoticeOwed(
  scope: TenantScope,
  { workspaceId, channel, notice }: { workspaceId: string; channel: string; notice: string },
): Promise<boolean> {
  const rows = await scope.query(
    // As in deliveries_once, so that it is used.
    `\
select from deliveries
where tenant_id = $1 and workspace_id = $2 and channel = $3
  and coalesce(conversation_id::text, anomaly_event_id::text, notice) = $4 and kind = 'notice' and sequence = 0`,
    [scope.tenantId, workspaceId, channel, notice],
  );
  return rows.length > 0;
}

export interface Lease {
  owner: string;
  nowMs: number;
  /** Longer than the hard time-out of a post, so that nobody else sends while this one may still arrive. */
  forMs: number;
}

/** Takes what is due and nobody else is sending, the longest due first. */
export async function claimDeliveries(
  scope: TenantScope,
  lease: Lease,
  limit: number,
): Promise<OwedDelivery[]> {
  const rows = await scope.query<DeliveryRow>(
    `\
with due as materialized ( -- Once: run again for each row, it would take more than the limit.
  select id from deliveries
  where tenant_id = $1 and state = 'pending' and next_attempt_at <= to_timestamp($3::float8 / 1000.0)
    and (lease_until is null or lease_until <= to_timestamp($3::float8 / 1000.0))
  order by next_attempt_at, sequence, id
  limit $5
  for update skip locked
), claimed as (
  update deliveries d
  set lease_owner = $2, lease_until = to_timestamp(($3::float8 + $4) / 1000.0), attempts = attempts + 1
  from due
  where d.tenant_id = $1 and d.id = due.id
  returning d.id, workspace_id, channel, conversation_id, anomaly_event_id, kind, card, attempts, next_attempt_at,
    sequence
)
select id, workspace_id, channel, conversation_id, anomaly_event_id, kind, sequence, card, attempts
from claimed order by next_attempt_at, sequence, id`,
    [scope.tenantId, lease.owner, lease.nowMs, lease.forMs, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    channel: row.channel,
    ...(row.conversation_id !== null && { conversationId: row.conversation_id }),
    ...(row.anomaly_event_id !== null && { anomalyEventId: row.anomaly_event_id }),
    kind: row.kind,
    sequence: row.sequence,
    card: row.card,
    attempts: row.attempts,
  }));
}

export type Settlement =
  | { state: "sent"; messageId: string }
  | { state: "refused"; why: string }
  /** Not tried: the platform was not asked, so a later failure backs off no further for it. */
  | { state: "pending"; nextAttemptMs: number; why: string; tried: boolean };

/** Ends a lease with what came of it, which is when somebody was notified of an episode; does nothing where somebody else has taken the delivery over meanwhile. */
export async function settleDelivery(
  scope: TenantScope,
  db: Queryable,
  id: string,
  owner: string,
  settled: Settlement,
): Promise<void> {
  const { rows } = await db.query<{ anomaly_event_id: string | null }>(
    `\
update deliveries set state = $4, message_id = coalesce($5, message_id), last_error = $6,
  next_attempt_at = coalesce(to_timestamp($7::float8 / 1000.0), next_attempt_at), attempts = attempts - $8::int,
  lease_owner = null, lease_until = null
where tenant_id = $1 and id = $2 and lease_owner = $3
returning anomaly_event_id`,
    [
      scope.tenantId,
      id,
      owner,
      settled.state,
      settled.state === "sent" ? settled.messageId : null,
      settled.state === "sent" ? null : settled.why,
      settled.state === "pending" ? settled.nextAttemptMs : null,
      settled.state === "pending" && !settled.tried ? 1 : 0,
    ],
  );
  const eventId = rows[0]?.anomaly_event_id;
  if (settled.state !== "sent" || eventId == null) return;
  await db.query(
    "update anomaly_events set notified = true where tenant_id = $1 and id = $2 and not notified",
    [scope.tenantId, eventId],
  );
}

/** How long the oldest unsent message has waited, and how many were refused: what `status` shows. */
export async function deliveryBacklog(
  scope: TenantScope,
): Promise<{ unsent: number; oldestMs?: number; refused: number }> {
  const rows = await scope.query<{ unsent: number; oldest: Date | null; refused: number }>(
    `\
select count(*) filter (where state = 'pending')::int as unsent,
  min(created_at) filter (where state = 'pending') as oldest,
  count(*) filter (where state = 'refused' and updated_at > now() - interval '1 day')::int as refused
from deliveries where tenant_id = $1 and state <> 'sent'`,
    [scope.tenantId],
  );
  const row = rows[0];
  return {
    unsent: row?.unsent ?? 0,
    ...(row?.oldest && { oldestMs: row.oldest.getTime() }),
    refused: row?.refused ?? 0,
  };
}

interface DeliveryRow {
  id: string;
  workspace_id: string;
  channel: string;
  conversation_id: string | null;
  anomaly_event_id: string | null;
  kind: OwedDelivery["kind"];
  sequence: number;
  card: Card;
  attempts: number;
}
