import type { TenantScope } from "../tenancy/scope.ts";
import { type KnownClusterRow, knownCluster } from "./knownCluster.ts";
import type { KnownCluster } from "./store.ts";

/** A kind of line that was met before, and what was last found out about it. */
export interface Remembered extends KnownCluster {
  /** Absent where nobody asked for one, or none was found. */
  rootCause?: string;
}

/** What is known of lines with these fingerprints, whichever service wrote them; the last met first. */
export async function findByFingerprints(
  scope: TenantScope,
  fingerprints: readonly string[],
): Promise<Remembered[]> {
  const rows = await scope.query<KnownClusterRow & { root_cause: string | null }>(
    `\
select c.id, c.service, c.namespace, c.fingerprint, c.first_seen_at, c.last_seen_at, (
  select a.root_cause from analysis_results a
  where a.tenant_id = $1 and a.cluster_id = c.id and a.names_cause order by a.created_at desc limit 1
) as root_cause
from error_clusters c where c.tenant_id = $1 and c.fingerprint = any($2)
order by c.last_seen_at desc limit 100`,
    [scope.tenantId, fingerprints],
  );
  return rows.map(remembered);
}

function remembered(row: KnownClusterRow & { root_cause: string | null }): Remembered {
  return { ...knownCluster(row), ...(row.root_cause !== null && { rootCause: row.root_cause }) };
}

/**
 * What is known of lines that begin with one of these templates and go on with a stack, by that template: what is quoted of an error
 * often leaves its stack out. The last met first.
 */
export async function findByBeginnings(
  scope: TenantScope,
  templates: readonly string[],
): Promise<Map<string, Remembered>> {
  if (templates.length === 0) return new Map();
  const rows = await scope.query<KnownClusterRow & { root_cause: string | null; beginning: string }>(
    `\
select b.beginning, c.id, c.service, c.namespace, c.fingerprint, c.first_seen_at, c.last_seen_at, (
  select a.root_cause from analysis_results a
  where a.tenant_id = $1 and a.cluster_id = c.id and a.names_cause order by a.created_at desc limit 1
) as root_cause
from unnest($2::text[]) b (beginning) cross join lateral (
  select k.* from (
    -- All that begin with "… at ", by an index: the offset keeps the planner from going through all kinds by when they were met.
    select * from error_clusters
    where tenant_id = $1 and template ~>=~ (b.beginning || ' at ') and template ~<~ (b.beginning || ' at!') offset 0
  ) k
  order by k.last_seen_at desc limit 1
) c`,
    [scope.tenantId, templates],
  );
  return new Map(rows.map((row) => [row.beginning, remembered(row)]));
}
