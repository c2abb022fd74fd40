import type { TenantScope } from "./scope.ts";
import type { TenantRow } from "./tenantRow.ts";

/** An API key as the door sees it, of whichever tenant: what somebody shows is held against it. */
export interface KeyAtDoor {
  id: string;
  name: string;
  scope: TenantScope;
  /** bcrypt of the whole key. */
  keyHash: string;
  scopes: readonly string[];
  perMinute?: number;
  expiresAtMs?: number;
  isShown: boolean;
  isRevoked: boolean;
}

export const SELECT_KEY = `\
select k.id, k.name as key_name, k.key_hash, k.scopes, k.per_minute, k.expires_at, k.shown_at, k.deleted_at,
  t.id as tenant_id, t.name, t.loki_org_id
from api_keys k join tenants t on t.id = k.tenant_id
where k.id = $1`;

export interface KeyAtDoorRow extends TenantRow {
  id: string;
  key_name: string;
  key_hash: string;
  scopes: string[];
  per_minute: number | null;
  expires_at: Date | null;
  shown_at: Date | null;
  deleted_at: Date | null;
}

export function keyAtDoor(row: KeyAtDoorRow, scope: TenantScope): KeyAtDoor {
  return {
    id: row.id,
    name: row.key_name,
    scope,
    keyHash: row.key_hash,
    scopes: row.scopes,
    ...(row.per_minute !== null && { perMinute: row.per_minute }),
    ...(row.expires_at !== null && { expiresAtMs: row.expires_at.getTime() }),
    isShown: row.shown_at !== null,
    isRevoked: row.deleted_at !== null,
  };
}
