import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { OwedDelivery } from "./deliveries.ts";

/** What was so long before what is odd is part of the question why. */
const BEFORE = "interval '30 minutes'";

/**
 * Asks for the root cause in the thread of an alert that now stands in a channel whose policy wants that, in the transaction
 * that says where it stands; once.
 * @returns the conversation's id; undefined where nobody wants that
 */
export async function askInThread(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, channel, anomalyEventId, kind, sequence }: OwedDelivery,
  messageId: string,
): Promise<string | undefined> {
  if (kind !== "alert" || sequence > 0) return undefined;
  const { rows } = await db.query<{ id: string }>(
    `\
insert into conversations (
  tenant_id, workspace_id, channel, thread_id, asked_by, once_id, service, namespace, window_start, window_end, state
)
select $1, c.workspace_id, c.external_id, $5, coalesce(c.set_by, ''), 'alert ' || e.id || ' ' || c.external_id, e.service,
  e.namespace, e.started_at - ${BEFORE}, greatest(e.detected_at, e.last_odd_at), 'queued'
from channels c join anomaly_events e on e.tenant_id = c.tenant_id
where c.tenant_id = $1 and c.workspace_id = $2 and c.external_id = $3 and c.purpose = 'alerts'
  and c.policy ->> 'thread' = 'always' and e.id = $4
on conflict do nothing
returning id`,
    [scope.tenantId, workspaceId, channel, anomalyEventId, messageId],
  );
  return rows[0]?.id;
}
