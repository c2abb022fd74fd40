import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { createRelatedIndex } from "./related.ts";

/** A known cluster that another resembles. */
export interface Resembled {
  service: string;
  template: string;
  /** Since when it is known. */
  sinceMs: number;
}

export interface NewCluster extends Omit<Resembled, "sinceMs"> {
  id: string;
  namespace: string;
  firstSeenMs: number;
}

/** Bounds of what one reading may cost: clusters that are compared, and known ones of all their services they are compared with. */
const MOST_NEW = 1_000;
const MOST_KNOWN = 5_000;

/** Keeps which clusters the new ones resemble, of the known ones of their service and of each other. */
export async function relateNew(
  scope: TenantScope,
  db: Queryable,
  newClusters: readonly NewCluster[],
): Promise<void> {
  if (newClusters.length === 0) return;
  const fresh = newClusters.toSorted((a, b) => a.firstSeenMs - b.firstSeenMs).slice(0, MOST_NEW);
  const indexes = new Map<string, ReturnType<typeof createRelatedIndex<Placed>>>();
  const indexOf = ({ namespace, service }: Omit<Placed, "id" | "firstSeenMs">) => {
    const key = `${namespace}\0${service}`;
    const index = indexes.get(key) ?? createRelatedIndex<Placed>();
    indexes.set(key, index);
    return index;
  };
  for (const known of await knownBeside(scope, db, fresh)) indexOf(known).add(known.template, known);
  const pairs = fresh.flatMap((cluster) => {
    const index = indexOf(cluster);
    const alike = index.find(cluster.template);
    index.add(cluster.template, cluster);
    return alike.map(({ item, similarity }) => {
      const [earlier, later] = cluster.firstSeenMs < item.firstSeenMs ? [cluster, item] : [item, cluster];
      return { cluster_id: later.id, related_id: earlier.id, similarity };
    });
  });
  await db.query(
    `\
insert into related_clusters (tenant_id, cluster_id, related_id, similarity)
select $1, p.cluster_id, p.related_id, p.similarity
from jsonb_to_recordset($2) as p(cluster_id uuid, related_id uuid, similarity real)
on conflict (tenant_id, cluster_id, related_id) do nothing`,
    [scope.tenantId, toJsonb(pairs)],
  );
}

type Placed = Pick<NewCluster, "id" | "service" | "namespace" | "firstSeenMs">;

/** The known clusters of these clusters' services, those met last; a fair part of each service's where they are many. */
async function knownBeside(
  scope: TenantScope,
  db: Queryable,
  fresh: readonly NewCluster[],
): Promise<NewCluster[]> {
  const places = new Map(
    fresh.map(({ service, namespace }) => [`${namespace}\0${service}`, { service, namespace }]),
  );
  const { rows } = await db.query<KnownRow & { id: string; namespace: string }>(
    `\
select k.id, p.service, p.namespace, k.template, k.first_seen_at
from jsonb_to_recordset($2) as p(service text, namespace text)
cross join lateral (
  select c.id, c.template, c.first_seen_at from error_clusters c
  where c.tenant_id = $1 and c.service = p.service and c.namespace = p.namespace and c.created_at <> now()
  order by c.last_seen_at desc limit $3
) k`,
    [scope.tenantId, toJsonb([...places.values()]), Math.ceil(MOST_KNOWN / places.size)],
  );
  return rows.map(({ first_seen_at, ...row }) => ({ ...row, firstSeenMs: first_seen_at.getTime() }));
}

/** By the id of a cluster, the one it resembles most of those first seen before it; of those it resembles alike the oldest. */
export async function findRelated(
  scope: TenantScope,
  db: Queryable,
  clusterIds: readonly string[],
): Promise<Map<string, Resembled>> {
  const { rows } = await db.query<KnownRow & { cluster_id: string }>(
    `\
select distinct on (r.cluster_id) r.cluster_id, k.service, k.template, k.first_seen_at
from related_clusters r
join error_clusters c on c.tenant_id = $1 and c.id = r.cluster_id
join error_clusters k on k.tenant_id = $1 and k.id = r.related_id and k.first_seen_at < c.first_seen_at
where r.tenant_id = $1 and r.cluster_id = any($2)
order by r.cluster_id, r.similarity desc, k.first_seen_at`,
    [scope.tenantId, clusterIds],
  );
  return new Map(rows.map((row) => [row.cluster_id, resembled(row)]));
}

/** The known cluster, of any service, that each of these templates of no cluster resembles most; by the template. */
export async function findLike(
  scope: TenantScope,
  templates: readonly string[],
): Promise<Map<string, Resembled>> {
  if (templates.length === 0) return new Map();
  const rows = await scope.query<KnownRow>(
    `\
select service, template, first_seen_at from error_clusters
where tenant_id = $1 order by last_seen_at desc limit $2`,
    [scope.tenantId, MOST_KNOWN],
  );
  const index = createRelatedIndex<KnownRow>();
  for (const row of rows) index.add(row.template, row);
  return new Map(
    templates.flatMap((template) => {
      const [best] = index.find(template);
      return best === undefined ? [] : [[template, resembled(best.item)] as const];
    }),
  );
}

interface KnownRow {
  service: string;
  template: string;
  first_seen_at: Date;
}

function resembled({ service, template, first_seen_at }: KnownRow): Resembled {
  return { service, template, sinceMs: first_seen_at.getTime() };
}
