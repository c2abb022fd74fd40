import type { Deploy } from "./evidence/pack.ts";
import type { TimeRange } from "./logs/source.ts";
import { forLookingBack, type Perishable } from "./tenancy/perishable.ts";
import type { Queryable, TenantScope } from "./tenancy/scope.ts";

export interface NewDeploy extends Deploy {
  markedBy: string;
  /** The act that marks it: the same act delivered again marks once. */
  onceId: string;
}

export async function markDeploy(scope: TenantScope, deploy: NewDeploy): Promise<void> {
  await scope.transaction((db) => markDeployIn(scope, db, deploy));
}

/** The same, as part of a transaction. */
export async function markDeployIn(scope: TenantScope, db: Queryable, deploy: NewDeploy): Promise<void> {
  await db.query(
    `\
insert into deploy_markers (tenant_id, service, namespace, version, deployed_at, marked_by, once_id)
values ($1, $2, $3, $4, to_timestamp($5 / 1000.0), $6, $7)
on conflict (tenant_id, once_id) do nothing`,
    [
      scope.tenantId,
      deploy.service,
      deploy.namespace,
      deploy.version,
      deploy.atMs,
      deploy.markedBy,
      deploy.onceId,
    ],
  );
}

/** Takes back the marks whose act begins with this: those of a recording that is replayed anew. */
export async function forgetDeploysIn(scope: TenantScope, db: Queryable, oncePrefix: string): Promise<void> {
  await db.query("delete from deploy_markers where tenant_id = $1 and starts_with(once_id, $2)", [
    scope.tenantId,
    oncePrefix,
  ]);
}

/** When the deploy was made that this act has marked, ms since the epoch. */
export async function findMark(scope: TenantScope, onceId: string): Promise<number | undefined> {
  const rows = await scope.query<{ deployed_at: Date }>(
    "select deployed_at from deploy_markers where tenant_id = $1 and once_id = $2",
    [scope.tenantId, onceId],
  );
  return rows[0]?.deployed_at.getTime();
}

export const PAST_DEPLOYS: Perishable = {
  table: "deploy_markers",
  by: "deployed_at",
  keptMs: forLookingBack,
};

/** The newest 200 deploys of a range, oldest first; of one namespace and of those marked without one, or of all with "". */
export async function findDeploys(
  scope: TenantScope,
  range: TimeRange,
  namespace: string,
): Promise<Deploy[]> {
  return scope.transaction((db) => findDeploysIn(scope, db, range, namespace));
}

/** The same, or as many as are wanted, as part of a transaction. */
export async function findDeploysIn(
  scope: TenantScope,
  db: Queryable,
  range: TimeRange,
  namespace = "",
  most = 200,
): Promise<Deploy[]> {
  const { rows } = await db.query<{
    service: string;
    namespace: string;
    version: string;
    deployed_at: Date;
  }>(
    `\
select service, namespace, version, deployed_at from deploy_markers
where tenant_id = $1 and deployed_at >= to_timestamp($2 / 1000.0) and deployed_at < to_timestamp($3 / 1000.0)
  and ($4 = '' or namespace in ($4, ''))
order by deployed_at desc, id desc
limit $5`,
    [scope.tenantId, range.fromMs, range.toMs, namespace, most],
  );
  return rows.reverse().map((row) => ({
    service: row.service,
    namespace: row.namespace,
    version: row.version,
    atMs: row.deployed_at.getTime(),
  }));
}
