import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { listStates, oweState } from "./alertDeliveries.ts";
import { lockIncident, type Member } from "./incidents.ts";
import { type Mark, withMarks } from "./markedCard.ts";

/** What people did about an incident: who looks into it, what they said of it, and which of its services are muted. */
export async function readMarks(
  scope: TenantScope,
  db: Queryable,
  leaderId: string,
  members: readonly Pick<Member, "service">[],
  nowMs: number,
): Promise<Mark[]> {
  const services = [...new Set(members.map(({ service }) => service))];
  const { rows } = await db.query<MarkRow>(
    `\
select 'acknowledged' as kind, acknowledged_by as by, acknowledged_at as at, null::timestamptz as until,
  null::text[] as services
from anomaly_events where tenant_id = $1 and id = $2 and acknowledged_at is not null
union all
select verdict, coalesce(person_name, person_id), updated_at, null, null
from anomaly_labels where tenant_id = $1 and anomaly_event_id = $2
union all
select 'muted', muted_by, max(created_at), ends_at, array_agg(service order by service)
from mutes where tenant_id = $1 and service = any($3) and ends_at > to_timestamp($4 / 1000.0)
group by muted_by, ends_at`,
    [scope.tenantId, leaderId, services, nowMs],
  );
  return rows.map(({ kind, by, at, until, services }) => ({
    kind,
    by,
    atMs: at.getTime(),
    ...(until !== null && services !== null && { muted: { untilMs: until.getTime(), services } }),
  }));
}

/** Owes to every channel that was told of an incident what people have just done about it. */
export async function oweMarks(
  scope: TenantScope,
  db: Queryable,
  eventId: string,
  nowMs: number,
): Promise<void> {
  const members = await lockIncident(scope, db, eventId);
  const marks = await readMarks(scope, db, eventId, members, nowMs);
  for (const state of await listStates(scope, db, eventId))
    await oweState(scope, db, { ...state, of: { eventId }, card: withMarks(state.card, marks) });
}

interface MarkRow {
  kind: Mark["kind"];
  by: string;
  at: Date;
  until: Date | null;
  services: string[] | null;
}
