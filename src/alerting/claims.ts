import type { Card } from "../chat/card.ts";
import type { RefusalReason } from "../chat/platform.ts";
import { hasComeSql } from "../tenancy/dueTimes.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { subjectSql } from "./alertDeliveries.ts";
import type { OwedDelivery } from "./deliveries.ts";

/** How a process takes what it sends. Times are by the database's clock, which all processes share. */
export interface Lease {
  /** A uuid of the process. */
  owner: string;
  /** Longer than the hard time-out of a post, so that nobody else sends while this one may still arrive. */
  forMs: number;
  /** From one message to the next in a channel. */
  channelApartMs: number;
  /** How long a state of an episode's message stands before the next. */
  editsApartMs: number;
  /** Another clock than the database's. */
  nowMs?: number | undefined;
}

/**
 * Takes what is due and nobody else is sending, at most one a channel: the channels first that were left alone longest, and in
 * each what somebody waits for. Of one message the older state comes first.
 */
export async function claimDeliveries(
  scope: TenantScope,
  lease: Lease,
  limit: number,
): Promise<OwedDelivery[]> {
  const rows = await scope.query<DeliveryRow>(
    `\
with clock as materialized (
  select coalesce(to_timestamp($4::float8 / 1000.0), clock_timestamp()) as at
), due as materialized ( -- Once: run again for each row, it would take more than the limit.
  select p.id as pace, next.id
  from clock, channel_paces p cross join lateral (
    select d.id from deliveries d
    where d.tenant_id = $1 and d.workspace_id = p.workspace_id and d.channel = p.channel and d.state = 'pending'
      and ${hasComeSql("d.next_attempt_at")} and (d.lease_until is null or ${hasComeSql("d.lease_until")})
      and not exists (
        select from deliveries e
        where e.tenant_id = $1 and e.workspace_id = d.workspace_id and e.channel = d.channel
          and ${subjectSql("e")} = ${subjectSql("d")}
          and e.kind = d.kind and d.kind in ('alert', 'notice') and e.sequence < d.sequence
          and (e.state = 'pending' or e.sent_at between at - $7 * interval '1 millisecond' and at)
      )
    order by d.kind in ('answer', 'reply') desc, d.next_attempt_at, d.sequence, d.id
    limit 1
  ) next
  where p.tenant_id = $1 and ${hasComeSql("p.free_at")}
  order by p.free_at
  limit $5
  for update of p skip locked
), paced as (
  update channel_paces p set free_at = at + $6 * interval '1 millisecond'
  from due, clock where p.tenant_id = $1 and p.id = due.pace
), claimed as (
  update deliveries d
  set lease_owner = $2, lease_until = at + $3 * interval '1 millisecond', attempts = attempts + 1
  from due, clock
  -- What has become of it meanwhile is looked at again.
  where d.tenant_id = $1 and d.id = due.id and d.state = 'pending'
    and (d.lease_until is null or ${hasComeSql("d.lease_until")})
  returning d.id, workspace_id, channel, conversation_id, anomaly_event_id, notice, kind, card, attempts,
    next_attempt_at, sequence, at
)
select id, workspace_id, channel, conversation_id, anomaly_event_id, notice, kind, sequence, card, attempts, at
from claimed order by next_attempt_at, sequence, id`,
    [
      scope.tenantId,
      lease.owner,
      lease.forMs,
      lease.nowMs ?? null,
      limit,
      lease.channelApartMs,
      lease.editsApartMs,
    ],
  );
  return rows.map((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    channel: row.channel,
    ...(row.conversation_id !== null && { conversationId: row.conversation_id }),
    ...(row.anomaly_event_id !== null && { anomalyEventId: row.anomaly_event_id }),
    ...(row.notice !== null && { notice: row.notice }),
    kind: row.kind,
    sequence: row.sequence,
    card: row.card,
    attempts: row.attempts,
    claimedAtMs: row.at.getTime(),
  }));
}

export type Settlement =
  | { state: "sent"; messageId: string }
  | { state: "refused"; why: string; reason?: RefusalReason }
  | {
      state: "pending";
      afterMs: number;
      why: string;
      /** Not tried: the platform was not asked, so a later failure backs off no further for it. */
      tried: boolean;
      /** For so long the platform takes nothing else in the channel either. */
      channelAfterMs?: number;
    };

/**
 * Ends a lease with what came of it, which is when somebody was notified of the episodes that it lists; does nothing where somebody else has
 * taken the delivery over meanwhile.
 */
export async function settleDelivery(
  scope: TenantScope,
  db: Queryable,
  id: string,
  { owner, nowMs }: Pick<Lease, "owner" | "nowMs">,
  settled: Settlement,
): Promise<void> {
  const isPending = settled.state === "pending";
  const { rows } = await db.query<SettledRow>(
    `\
with clock as materialized (
  select coalesce(to_timestamp($9::float8 / 1000.0), clock_timestamp()) as at
)
update deliveries set state = $4, message_id = coalesce($5, message_id), last_error = $6, refusal = $10,
  sent_at = case when $4 = 'sent' then at end,
  next_attempt_at = coalesce(at + $7::float8 * interval '1 millisecond', next_attempt_at), attempts = attempts - $8::int,
  lease_owner = null, lease_until = null
from clock
where tenant_id = $1 and id = $2 and lease_owner = $3
returning reports, anomaly_event_id, workspace_id, channel, at`,
    [
      scope.tenantId,
      id,
      owner,
      settled.state,
      settled.state === "sent" ? settled.messageId : null,
      settled.state === "sent" ? null : settled.why,
      isPending ? settled.afterMs : null,
      isPending && !settled.tried ? 1 : 0,
      nowMs ?? null,
      (settled.state === "refused" && settled.reason) || null,
    ],
  );
  const row = rows[0];
  if (row === undefined) return;
  // Nothing was written into the channel: whatever else waits for it need not wait longer.
  if (isPending && !settled.tried) await freeChannel(scope, db, row);
  if (isPending && settled.channelAfterMs !== undefined)
    await holdChannel(scope, db, row, settled.channelAfterMs);
  if (settled.state === "sent" && row.reports.length > 0) await noteNotified(scope, db, row);
}

/** A scan that is keeping what is listed has the leader, and waits for nobody. */
async function noteNotified(
  scope: TenantScope,
  db: Queryable,
  { reports, anomaly_event_id }: SettledRow,
): Promise<void> {
  const { rows } = await db.query(
    "select from anomaly_events where tenant_id = $1 and id = any($2::uuid[]) and not notified limit 1",
    [scope.tenantId, reports],
  );
  if (rows.length === 0) return;
  await db.query("select from anomaly_events where tenant_id = $1 and id = $2 for no key update", [
    scope.tenantId,
    anomaly_event_id,
  ]);
  await db.query(
    "update anomaly_events set notified = true where tenant_id = $1 and id = any($2::uuid[]) and not notified",
    [scope.tenantId, reports],
  );
}

async function freeChannel(
  scope: TenantScope,
  db: Queryable,
  { workspace_id, channel, at }: SettledRow,
): Promise<void> {
  await db.query(
    `\
update channel_paces set free_at = least(free_at, $4::timestamptz)
where tenant_id = $1 and workspace_id = $2 and channel = $3`,
    [scope.tenantId, workspace_id, channel, at],
  );
}

async function holdChannel(
  scope: TenantScope,
  db: Queryable,
  { workspace_id, channel, at }: SettledRow,
  forMs: number,
): Promise<void> {
  await db.query(
    `\
update channel_paces set free_at = greatest(free_at, $4::timestamptz + $5 * interval '1 millisecond')
where tenant_id = $1 and workspace_id = $2 and channel = $3`,
    [scope.tenantId, workspace_id, channel, at, forMs],
  );
}

interface SettledRow {
  reports: string[];
  /** The episode that leads the incident. */
  anomaly_event_id: string | null;
  workspace_id: string;
  channel: string;
  at: Date;
}

interface DeliveryRow {
  id: string;
  workspace_id: string;
  channel: string;
  conversation_id: string | null;
  anomaly_event_id: string | null;
  notice: string | null;
  kind: OwedDelivery["kind"];
  sequence: number;
  card: Card;
  attempts: number;
  at: Date;
}
