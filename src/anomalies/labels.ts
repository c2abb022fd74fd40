import type { ServiceRef } from "../logs/source.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** What people say of an episode. */
export const VERDICTS = ["right", "no anomaly"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Labels older than that count no longer: services change. */
const COUNT_FOR_MS = 28 * 24 * 60 * 60_000;
/** Each one moves the score that the service's next episode needs: so many false alerts in a row double its rarity. */
const NO_ANOMALY = 0.3;
const RIGHT = -0.15;
/** However many there are: what is rarer by that much than usual is always told, and what is less rare by that never. */
const MOST = 1.5;
const LEAST = -0.3;

/** How far the labels of a service move its threshold. */
export function shiftOf({ right, noAnomaly }: LabelCount): number {
  return Math.min(MOST, Math.max(LEAST, NO_ANOMALY * noAnomaly + RIGHT * right));
}

export interface LabelCount {
  right: number;
  noAnomaly: number;
}

/**
 * Labels an episode and those that its message lists, instead of what was said of them before.
 * @returns their services, its own first; none where there is no such episode
 */
export async function labelEpisode(
  scope: TenantScope,
  { eventId, verdict, person }: { eventId: string; verdict: Verdict; person: { id: string; name: string } },
): Promise<ServiceRef[]> {
  return scope.query<ServiceRef>(
    `\
with event as (
  -- Waits for who deletes it, and then finds none.
  select id, service, namespace from anomaly_events where tenant_id = $1 and (id = $2 or leader_id = $2) for key share
),
labelled as (
  insert into anomaly_labels (tenant_id, anomaly_event_id, verdict, person_id, person_name)
  select $1, id, $3, $4, $5 from event
  on conflict (tenant_id, anomaly_event_id) do update
  set verdict = excluded.verdict, person_id = excluded.person_id, person_name = excluded.person_name
)
select service, namespace from event group by service, namespace order by bool_or(id = $2) desc, service, namespace`,
    [scope.tenantId, eventId, verdict, person.id, person.name],
  );
}

/**
 * Takes back what was said of all episodes of the services of one, and of those that its message lists.
 * @returns these services, its own first; none where there is no such episode
 */
export async function clearLabels(scope: TenantScope, eventId: string): Promise<ServiceRef[]> {
  return scope.query<ServiceRef>(
    `\
with event as (
  select id, service, namespace from anomaly_events where tenant_id = $1 and (id = $2 or leader_id = $2)
),
cleared as (
  delete from anomaly_labels l using anomaly_events e
  where l.tenant_id = $1 and e.tenant_id = $1 and e.id = l.anomaly_event_id
    and (e.service, e.namespace) in (select service, namespace from event)
)
select service, namespace from event group by service, namespace order by bool_or(id = $2) desc, service, namespace`,
    [scope.tenantId, eventId],
  );
}

/** Of each service that has any that still count. */
export async function countLabels(
  scope: TenantScope,
  db: Queryable,
  nowMs: number,
): Promise<(ServiceRef & LabelCount)[]> {
  const { rows } = await db.query<ServiceRef & { right: number; no_anomaly: number }>(
    `\
select e.service, e.namespace, count(*) filter (where l.verdict = 'right')::int as right,
  count(*) filter (where l.verdict = 'no anomaly')::int as no_anomaly
from anomaly_labels l join anomaly_events e on e.tenant_id = l.tenant_id and e.id = l.anomaly_event_id
where l.tenant_id = $1 and l.updated_at > to_timestamp($2 / 1000.0)
group by e.service, e.namespace`,
    [scope.tenantId, nowMs - COUNT_FOR_MS],
  );
  return rows.map(({ service, namespace, right, no_anomaly }) => ({
    service,
    namespace,
    right,
    noAnomaly: no_anomaly,
  }));
}
