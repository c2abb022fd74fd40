import type { Card } from "../chat/card.ts";
import { withoutTransient } from "../chat/transient.ts";
import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { subjectSql } from "./alertDeliveries.ts";

/** The outbox: one message, or one edit of it, owed to one channel. Written with the state it reports, sent afterwards. */
export interface OwedDelivery {
  id: string;
  workspaceId: string;
  channel: string;
  conversationId?: string;
  /** The episode that leads the incident. */
  anomalyEventId?: string;
  notice?: string;
  kind: "answer" | "reply" | "alert" | "escalation" | "notice";
  sequence: number;
  card: Card;
  attempts: number;
  /** By the clock that leases are by. */
  claimedAtMs: number;
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
export async function oweDelivery(scope: TenantScope, db: Queryable, owed: NewDelivery): Promise<void> {
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, conversation_id, kind, sequence, card)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing`,
    [
      scope.tenantId,
      owed.workspaceId,
      owed.channel,
      owed.conversationId,
      owed.kind,
      owed.sequence,
      toJsonb(withoutTransient(owed.card)),
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
): Promise<void> {
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card)
values ($1, $2, $3, $4, 'notice', 0, $5)
on conflict do nothing`,
    [scope.tenantId, workspaceId, channel, notice, toJsonb(withoutTransient(card))],
  );
}

/** Whether a channel was owed that notice already. */
export async function isNoticeOwed(
  scope: TenantScope,
  { workspaceId, channel, notice }: { workspaceId: string; channel: string; notice: string },
): Promise<boolean> {
  const rows = await scope.query(
    `\
select from deliveries d
where d.tenant_id = $1 and d.workspace_id = $2 and d.channel = $3 and ${subjectSql("d")} = $4 and d.kind = 'notice'
  and d.sequence = 0`,
    [scope.tenantId, workspaceId, channel, notice],
  );
  return rows.length > 0;
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
