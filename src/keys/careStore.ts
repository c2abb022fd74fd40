import type { TenantScope } from "../tenancy/scope.ts";
import { type ApiKey, COLUMNS, type KeyRow, keyOf } from "./keyRow.ts";

/** The keys that are not revoked and end within a time, the first to end first. */
export async function listEnding(
  scope: TenantScope,
  range: { fromMs: number; toMs: number },
): Promise<(ApiKey & { expiresAtMs: number })[]> {
  const rows = await scope.query<KeyRow>(
    `\
select ${COLUMNS} from api_keys
where tenant_id = $1 and deleted_at is null and shown_at is not null and replaced_at is null
  and expires_at >= to_timestamp($2::float8 / 1000.0) and expires_at < to_timestamp($3::float8 / 1000.0)
order by expires_at limit 100`,
    [scope.tenantId, range.fromMs, range.toMs],
  );
  return rows.map((row) => ({ ...keyOf(row), expiresAtMs: row.expires_at?.getTime() ?? 0 }));
}

/** Names of keys that work and that nobody has used since then, or at all. */
export async function listUnused(scope: TenantScope, sinceMs: number, nowMs: number): Promise<string[]> {
  const rows = await scope.query<{ name: string }>(
    `\
select name from api_keys
where tenant_id = $1 and deleted_at is null and shown_at is not null and replaced_at is null
  and coalesce(last_used_at, created_at) < to_timestamp($2::float8 / 1000.0)
  and coalesce(expires_at, 'infinity') > to_timestamp($3::float8 / 1000.0)
order by lower(name) limit 100`,
    [scope.tenantId, sinceMs, nowMs],
  );
  return rows.map(({ name }) => name);
}

/** Keys of long ago that nobody is known to have seen: their process ended in between. */
export async function listNeverShown(scope: TenantScope, beforeMs: number): Promise<ApiKey[]> {
  const rows = await scope.query<KeyRow>(
    `\
select ${COLUMNS} from api_keys
where tenant_id = $1 and deleted_at is null and shown_at is null and created_at < to_timestamp($2::float8 / 1000.0)
order by created_at limit 100`,
    [scope.tenantId, beforeMs],
  );
  return rows.map(keyOf);
}
