import { toJsonb } from "../database.ts";
import { withoutNumbers } from "../logs/markNumbers.ts";
import type { ErrorLevel, TimeRange } from "../logs/source.ts";
import { BEFORE, forLookingBack, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { type Cluster, worseLevel } from "./cluster.ts";
import { keptName } from "./keptName.ts";
import { type KnownClusterRow, knownCluster } from "./knownCluster.ts";
import { relateNew } from "./relatedStore.ts";

/** A cluster as it is kept: what was seen of it over all the windows that were read. */
export interface KnownCluster {
  id: string;
  service: string;
  namespace: string;
  fingerprint: string;
  firstSeenMs: number;
  lastSeenMs: number;
}

/**
 * Keeps what a window showed: count and sample are the window's; the worst level, first and last seen are
 * of all time. Of clusters that are new it keeps which known ones they resemble.
 * @returns the rows in no order, one a cluster; their service and namespace as they could be kept.
 */
export async function upsertClusters(
  scope: TenantScope,
  db: Queryable,
  clusters: readonly Cluster[],
  window: TimeRange,
): Promise<KnownCluster[]> {
  const { rows } = await db.query<KnownClusterRow & { new_template: string | null }>(
    `\
insert into error_clusters (
  tenant_id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count,
  window_start, window_end, template, sample_message
)
select $1, c.service, c.namespace, c.fingerprint, c.level, to_timestamp(c.first_ms / 1000), to_timestamp(c.last_ms / 1000),
  c.count, to_timestamp($2 / 1000.0), to_timestamp($3 / 1000.0), c.template, c.sample
from jsonb_to_recordset($4) as c(
  service text, namespace text, fingerprint text, level text, first_ms double precision, last_ms double precision,
  count bigint, template text, sample text
)
on conflict (tenant_id, namespace, service, fingerprint) do update set
  level = (array['FATAL', 'CRITICAL', 'ERROR', 'WARN'])[least(
    array_position(array['FATAL', 'CRITICAL', 'ERROR', 'WARN'], error_clusters.level),
    array_position(array['FATAL', 'CRITICAL', 'ERROR', 'WARN'], excluded.level)
  )],
  first_seen_at = least(error_clusters.first_seen_at, excluded.first_seen_at),
  last_seen_at = greatest(error_clusters.last_seen_at, excluded.last_seen_at),
  count = excluded.count,
  window_start = excluded.window_start,
  window_end = excluded.window_end,
  template = excluded.template,
  sample_message = excluded.sample_message
returning id, service, namespace, fingerprint, first_seen_at, last_seen_at,
  case when created_at = now() then template end as new_template -- now() is when this transaction began.`,
    [
      scope.tenantId,
      window.fromMs,
      window.toMs,
      toJsonb(
        // One order in every transaction, so that two analyses of the same service cannot deadlock.
        mergeSame(clusters)
          .sort((a, b) => compareText(keyOf(a), keyOf(b)))
          .map((cluster) => ({
            service: cluster.service,
            namespace: cluster.namespace,
            fingerprint: cluster.fingerprint,
            level: cluster.level,
            first_ms: Math.min(cluster.firstMs ?? Number.POSITIVE_INFINITY, extent(cluster.timesMs)[0]),
            last_ms: extent(cluster.timesMs)[1],
            count: cluster.count,
            template: withoutNumbers(cluster.template),
            // Beside those of another analysis its numbers would say what is not so.
            sample: withoutNumbers(cluster.sample),
          })),
      ),
    ],
  );
  await relateNew(
    scope,
    db,
    rows.flatMap((row) =>
      row.new_template === null ? [] : [{ ...knownCluster(row), template: row.new_template }],
    ),
  );
  return rows.map(knownCluster);
}

/** The kinds of errors of all services that were seen after a time, those seen last first. */
export async function listKinds(
  scope: TenantScope,
  sinceMs: number,
  limit: number,
): Promise<Omit<KnownCluster, "id" | "firstSeenMs">[]> {
  const rows = await scope.query<Omit<KnownClusterRow, "id" | "first_seen_at">>(
    `\
select service, namespace, fingerprint, last_seen_at from error_clusters
where tenant_id = $1 and last_seen_at > to_timestamp($2 / 1000.0)
order by last_seen_at desc limit $3`,
    [scope.tenantId, sinceMs, limit],
  );
  return rows.map(({ last_seen_at, ...kind }) => ({ ...kind, lastSeenMs: last_seen_at.getTime() }));
}

/** When these clusters were first met, ms since the epoch; those that never were are left out. */
export async function firstSeen(
  scope: TenantScope,
  clusters: readonly Cluster[],
): Promise<Map<Cluster, number>> {
  const rows = await scope.query<{ at: number; first_seen_at: Date }>(
    `\
select a.at, c.first_seen_at
from jsonb_to_recordset($2) as a(at int, namespace text, service text, fingerprint text)
join error_clusters c on c.tenant_id = $1 and c.namespace = a.namespace and c.service = a.service
  and c.fingerprint = a.fingerprint`,
    [
      scope.tenantId,
      toJsonb(
        clusters.map(({ namespace, service, fingerprint }, at) => ({
          at,
          namespace: keptName(namespace),
          service: keptName(service),
          fingerprint,
        })),
      ),
    ],
  );
  return new Map(rows.map(({ at, first_seen_at }) => [clusters[at] as Cluster, first_seen_at.getTime()]));
}

export interface StoredCluster extends KnownCluster {
  level: ErrorLevel;
  /** The one that was read last. */
  window: TimeRange;
}

export async function findCluster(scope: TenantScope, id: string): Promise<StoredCluster | undefined> {
  const rows = await scope.query<StoredClusterRow>(
    `\
select id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, window_start, window_end
from error_clusters where tenant_id = $1 and id = $2`,
    [scope.tenantId, id],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const window = { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() };
  return { ...knownCluster(row), level: row.level, window };
}

/**
 * Kinds of lines that were neither logged nor read for long, and that no analysis is about; which ones they resemble goes with
 * them. One that is logged again is new.
 */
export const PAST_CLUSTERS: Perishable = {
  table: "error_clusters",
  by: "last_seen_at",
  // Lines of old files were logged long ago, and may have been read just now.
  when: `\
r.updated_at < ${BEFORE}
and not exists (select from analysis_results a where a.tenant_id = $1 and a.cluster_id = r.id offset 0)`,
  keptMs: forLookingBack,
};

interface StoredClusterRow extends KnownClusterRow {
  level: ErrorLevel;
  window_start: Date;
  window_end: Date;
}

/** Names as they can be kept, and those that became one put together: one statement cannot touch a row twice. */
function mergeSame(clusters: readonly Cluster[]): Cluster[] {
  const merged = new Map<string, Cluster>();
  for (const given of clusters) {
    const cluster = {
      ...given,
      service: keptName(given.service),
      namespace: keptName(given.namespace),
    };
    const key = keyOf(cluster);
    const same = merged.get(key);
    merged.set(
      key,
      same === undefined
        ? cluster
        : {
            ...same,
            level: worseLevel(same.level, cluster.level),
            timesMs: same.timesMs.concat(cluster.timesMs),
            count: same.count + cluster.count,
          },
    );
  }
  return [...merged.values()];
}

function keyOf(cluster: Cluster): string {
  return `${cluster.namespace}\0${cluster.service}\0${cluster.fingerprint}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** First and last of a list that may be too long to spread. */
function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
