import type { TenantScope } from "../tenancy/scope.ts";

/** Messages that a channel refused for one reason: nobody got them there. */
export interface DeadLetters {
  workspaceId: string;
  channel: string;
  /** Absent where they were about no single service. */
  service?: string;
  why: string;
  count: number;
  lastAtMs: number;
}

/** Bounds what one answer reads: more channels than that are not looked at one by one. */
const MOST_GROUPS = 200;

/**
 * What was refused since a time and stands nowhere since, the latest first. Of a message that was to be edited too, its first refusal
 * counts.
 */
export async function listDeadLetters(scope: TenantScope, sinceMs: number): Promise<DeadLetters[]> {
  const rows = await scope.query<{
    workspace_id: string;
    channel: string;
    service: string | null;
    why: string;
    count: number;
    last_at: Date;
  }>(
    `\
with refused as (
  select distinct on (workspace_id, channel, conversation_id, anomaly_event_id, notice, kind)
    workspace_id, channel, conversation_id, anomaly_event_id, coalesce(last_error, '') as why, updated_at
  from deliveries d
  where tenant_id = $1 and state = 'refused' and updated_at > to_timestamp($2 / 1000.0)
    and not exists (
      select from deliveries s
      where s.tenant_id = $1 and s.workspace_id = d.workspace_id and s.channel = d.channel
        and s.anomaly_event_id = d.anomaly_event_id and s.kind = d.kind and s.sequence > d.sequence and s.state = 'sent'
    )
  order by workspace_id, channel, conversation_id, anomaly_event_id, notice, kind, sequence
)
select r.workspace_id, r.channel, coalesce(e.service, c.service) as service, r.why, count(*)::int as count,
  max(r.updated_at) as last_at
from refused r
left join anomaly_events e on e.tenant_id = $1 and e.id = r.anomaly_event_id
left join conversations c on c.tenant_id = $1 and c.id = r.conversation_id
group by r.workspace_id, r.channel, coalesce(e.service, c.service), r.why
order by last_at desc limit ${MOST_GROUPS}`,
    [scope.tenantId, sinceMs],
  );
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    channel: row.channel,
    ...(row.service !== null && { service: row.service }),
    why: row.why,
    count: row.count,
    lastAtMs: row.last_at.getTime(),
  }));
}
