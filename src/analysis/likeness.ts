import { findRelated } from "../clusters/relatedStore.ts";
import type { KnownCluster } from "../clusters/store.ts";
import type { Pack, RankedCluster } from "../evidence/pack.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** The pack, and of its new clusters which ones they resemble of those that were known before they rose. */
export async function withLikenesses(
  scope: TenantScope,
  db: Queryable,
  pack: Pack,
  rows: readonly KnownCluster[],
): Promise<Pack> {
  const ids = pack.clusters.map((cluster) => (cluster.isNew ? rowOf(cluster, rows)?.id : undefined));
  const related = await findRelated(
    scope,
    db,
    ids.filter((id) => id !== undefined),
  );
  const clusters = pack.clusters.map((cluster, at): RankedCluster => {
    const like = related.get(ids[at] ?? "");
    if (like === undefined || like.sinceMs >= (cluster.onsetMs ?? pack.window.fromMs)) return cluster;
    return { ...cluster, like: { template: like.template, sinceMs: like.sinceMs } };
  });
  return { ...pack, clusters };
}

/** The row that a cluster is kept in; absent where its names could not be kept as they are. */
export function rowOf(
  { fingerprint, service, namespace }: RankedCluster,
  rows: readonly KnownCluster[],
): KnownCluster | undefined {
  return rows.find(
    (row) => row.fingerprint === fingerprint && row.service === service && row.namespace === namespace,
  );
}
