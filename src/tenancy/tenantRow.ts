import type { TenantIdentity } from "./scope.ts";

/** What every question of the directory reads of a tenant. */
export interface TenantRow {
  tenant_id: string;
  name: string;
  loki_org_id: string;
}

export function tenantOf(row: TenantRow): TenantIdentity {
  return { id: row.tenant_id, name: row.name, lokiOrgId: row.loki_org_id };
}
