import type { Resolution } from "../anomalies/episode.ts";
import type { Direction, Metric, Severity } from "../anomalies/metric.ts";
import { findDeploysIn } from "../deploys.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { type Cause, type Grouped, type Incident, type Joined, WITHIN_MS } from "./grouping.ts";

/** An episode as the message of its incident lists it. */
export interface Member {
  id: string;
  service: string;
  namespace: string;
  metric: Metric;
  direction: Direction;
  severity: Severity;
  startedAtMs: number;
  lastOddAtMs: number;
  baselineValue: number;
  observedValue: number;
  /** Absent while it goes on. */
  resolution?: Resolution;
  /** What it shares with the others; absent of the first. */
  cause?: Cause;
}

/** A deploy so long before what is odd may have brought it. */
const DEPLOYED_WITHIN_MS = 60 * 60_000;

/** Keeps which kinds of lines had grown most when episodes were first told of. */
export async function keepKinds(
  scope: TenantScope,
  db: Queryable,
  kinds: readonly { id: string; kinds: readonly string[] }[],
): Promise<void> {
  if (kinds.length === 0) return;
  await db.query(
    `\
update anomaly_events e set kinds = array(select jsonb_array_elements_text(given.kinds))
from unnest($2::uuid[], $3::jsonb[]) given (id, kinds)
where e.tenant_id = $1 and e.id = given.id`,
    [scope.tenantId, kinds.map(({ id }) => id), kinds.map((each) => JSON.stringify(each.kinds))],
  );
}

/** The incident that each of these episodes belongs to, by its leader; of one that no message tells of yet: undefined. */
export async function findLeaders(
  scope: TenantScope,
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, string | undefined>> {
  const { rows } = await db.query<{ id: string; leader_id: string | null; leads: boolean }>(
    `\
select e.id, e.leader_id,
  exists (select from deliveries d where d.tenant_id = $1 and d.anomaly_event_id = e.id)
    or exists (select from anomaly_events m where m.tenant_id = $1 and m.leader_id = e.id) as leads
from anomaly_events e where e.tenant_id = $1 and e.id = any($2::uuid[])`,
    [scope.tenantId, ids],
  );
  return new Map(rows.map(({ id, leader_id, leads }) => [id, leader_id ?? (leads ? id : undefined)]));
}

/**
 * The episodes that go on and began about the same time as these, with what they may have in common: these, and the incidents
 * that the others belong to.
 * @param muted services nobody is to be reminded of
 */
export async function readSurroundings(
  scope: TenantScope,
  db: Queryable,
  fresh: readonly string[],
  muted: readonly string[],
): Promise<{ fresh: Grouped[]; open: Incident[] }> {
  const { rows } = await db.query<GroupedRow>(
    `\
with fresh as (
  select min(started_at) as first, max(started_at) as last
  from anomaly_events where tenant_id = $1 and id = any($2::uuid[])
)
select e.id, e.leader_id, e.service, e.namespace, e.severity, e.started_at, e.kinds, e.fingerprint
from fresh, anomaly_events e
where e.tenant_id = $1 and e.resolved_at is null and e.service <> all($3)
  and e.started_at between fresh.first - $4 * interval '1 millisecond' and fresh.last + $4 * interval '1 millisecond'
order by e.started_at, e.id limit 5000`,
    [scope.tenantId, fresh, muted, WITHIN_MS],
  );
  if (rows.length === 0) return { fresh: [], open: [] };
  const fromMs = Math.min(...rows.map(({ started_at }) => started_at.getTime())) - DEPLOYED_WITHIN_MS;
  const toMs = Math.max(...rows.map(({ started_at }) => started_at.getTime())) + 1;
  const deploys = await findDeploysIn(scope, db, { fromMs, toMs }, "");
  const isFresh = new Set(fresh);
  const incidents = new Map<string, Incident>();
  const found: Grouped[] = [];
  for (const row of rows) {
    const startedAtMs = row.started_at.getTime();
    const episode: Grouped = {
      id: row.id,
      service: row.service,
      namespace: row.namespace,
      severity: row.severity,
      startedAtMs,
      kinds: row.fingerprint === "" ? row.kinds : [row.fingerprint, ...row.kinds],
      versions: deploys
        .filter(({ service, atMs }) => service === row.service && isJustBefore(atMs, startedAtMs))
        .map(({ version }) => version),
    };
    if (isFresh.has(row.id)) found.push(episode);
    else {
      const leaderId = row.leader_id ?? row.id;
      const incident = incidents.get(leaderId) ?? { leaderId, members: [] };
      incident.members.push(episode);
      incidents.set(leaderId, incident);
    }
  }
  return { fresh: found, open: [...incidents.values()] };
}

function isJustBefore(deployedMs: number, startedAtMs: number): boolean {
  return deployedMs <= startedAtMs && startedAtMs - deployedMs <= DEPLOYED_WITHIN_MS;
}

/** Lists episodes in the messages of others from now on. */
export async function joinIncidents(
  scope: TenantScope,
  db: Queryable,
  joined: readonly Joined[],
): Promise<void> {
  if (joined.length === 0) return;
  await db.query(
    `\
update anomaly_events e set leader_id = given.leader, joined_for = given.cause
from unnest($2::uuid[], $3::uuid[], $4::text[]) given (id, leader, cause)
where e.tenant_id = $1 and e.id = given.id`,
    [
      scope.tenantId,
      joined.map(({ id }) => id),
      joined.map(({ leaderId }) => leaderId),
      joined.map(({ cause }) => cause),
    ],
  );
}

/** The episodes of an incident, its leader first and then as they began. Whoever changes its message holds the leader's row. */
export async function lockIncident(scope: TenantScope, db: Queryable, leaderId: string): Promise<Member[]> {
  await db.query("select from anomaly_events where tenant_id = $1 and id = $2 for no key update", [
    scope.tenantId,
    leaderId,
  ]);
  const { rows } = await db.query<MemberRow>(
    `\
select id, service, namespace, metric, direction, severity, started_at, last_odd_at, baseline_value, observed_value,
  resolved_at, resolution, joined_for
from anomaly_events where tenant_id = $1 and (id = $2 or leader_id = $2)
order by id = $2 desc, started_at, id limit 2000`,
    [scope.tenantId, leaderId],
  );
  return rows.map((row) => ({
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    metric: row.metric,
    direction: row.direction,
    severity: row.severity,
    startedAtMs: row.started_at.getTime(),
    lastOddAtMs: row.last_odd_at.getTime(),
    baselineValue: row.baseline_value,
    observedValue: row.observed_value,
    ...(row.resolved_at !== null && { resolution: row.resolution ?? "back to normal" }),
    ...(row.joined_for !== null && { cause: row.joined_for }),
  }));
}

interface GroupedRow {
  id: string;
  leader_id: string | null;
  service: string;
  namespace: string;
  severity: Severity;
  started_at: Date;
  kinds: string[];
  fingerprint: string;
}

interface MemberRow {
  id: string;
  service: string;
  namespace: string;
  metric: Metric;
  direction: Direction;
  severity: Severity;
  started_at: Date;
  last_odd_at: Date;
  baseline_value: number;
  observed_value: number;
  resolved_at: Date | null;
  resolution: Resolution | null;
  joined_for: Cause | null;
}
