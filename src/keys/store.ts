import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { type ApiKey, COLUMNS, type KeyRow, keyOf } from "./keyRow.ts";
import type { KeyScope } from "./scopes.ts";

export interface NewApiKey {
  id: string;
  name: string;
  keyHash: string;
  scopes: readonly KeyScope[];
  lastFour: string;
  createdBy: string;
  expiresAtMs?: number;
  perMinute?: number;
}

/** Adds a key that opens nothing yet: `takeName` makes it the one of its name, once somebody has seen it. */
export async function insertKey(scope: TenantScope, db: Queryable, key: NewApiKey): Promise<void> {
  await db.query(
    `\
insert into api_keys (id, tenant_id, name, key_hash, scopes, last_four, created_by, expires_at, per_minute)
values ($2, $1, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000.0), $9)`,
    [
      scope.tenantId,
      key.id,
      key.name,
      key.keyHash,
      [...key.scopes],
      key.lastFour,
      key.createdBy,
      key.expiresAtMs ?? null,
      key.perMinute ?? null,
    ],
  );
}

/**
 * The keys that are not revoked: those of today by name, each before the ones it took the place of, which are listed for as long as
 * they work. One that has a name is listed also after its end: it can be rotated.
 */
export async function listKeys(scope: TenantScope, nowMs: number): Promise<ApiKey[]> {
  const rows = await scope.query<KeyRow>(
    `\
select ${COLUMNS} from api_keys where tenant_id = $1 and deleted_at is null and shown_at is not null
  and (replaced_at is null or expires_at > to_timestamp($2::float8 / 1000.0))
order by lower(name), replaced_at desc nulls first, id limit 500`,
    [scope.tenantId, nowMs],
  );
  return rows.map(keyOf);
}

const CURRENT = "tenant_id = $1 and deleted_at is null and replaced_at is null and shown_at is not null";

/** How many names are taken. */
export async function countKeys(scope: TenantScope): Promise<number> {
  const [row] = await scope.query<{ keys: number }>(
    `select count(*)::int as keys from api_keys where ${CURRENT}`,
    [scope.tenantId],
  );
  return row?.keys ?? 0;
}

/** The key of a name, in any case, that no other has taken the place of. */
export async function findKey(scope: TenantScope, name: string): Promise<ApiKey | undefined> {
  const rows = await scope.query<KeyRow>(
    `select ${COLUMNS} from api_keys where ${CURRENT} and lower(name) = lower($2)`,
    [scope.tenantId, name],
  );
  return rows[0] && keyOf(rows[0]);
}

/** The key of a name, locked until the transaction ends. */
export async function lockKey(scope: TenantScope, db: Queryable, name: string): Promise<ApiKey | undefined> {
  const { rows } = await db.query<KeyRow>(
    `\
select ${COLUMNS} from api_keys where ${CURRENT} and lower(name) = lower($2)
for update`,
    [scope.tenantId, name],
  );
  return rows[0] && keyOf(rows[0]);
}

/** Its name is free from here on; it works until then at the latest. @returns when it ends: it may have had less time left */
export async function replaceKey(
  scope: TenantScope,
  db: Queryable,
  id: string,
  { nowMs, untilMs }: { nowMs: number; untilMs: number },
): Promise<number> {
  const { rows } = await db.query<{ expires_at: Date }>(
    `\
update api_keys set replaced_at = to_timestamp($3::float8 / 1000.0),
  expires_at = least(expires_at, to_timestamp($4::float8 / 1000.0))
where tenant_id = $1 and id = $2 and deleted_at is null
returning expires_at`,
    [scope.tenantId, id, nowMs, untilMs],
  );
  await tellOfEnd(db, id);
  return rows[0]?.expires_at.getTime() ?? untilMs;
}

/**
 * A key is the one of its name from here on, and works: who asked for it has seen it.
 * @returns undefined where it was revoked meanwhile
 * @throws where the name is another's: `isNameTaken`
 */
export async function takeName(
  scope: TenantScope,
  db: Queryable,
  id: string,
  nowMs: number,
): Promise<ApiKey | undefined> {
  const { rows } = await db.query<KeyRow>(
    `\
update api_keys set shown_at = to_timestamp($3::float8 / 1000.0)
where tenant_id = $1 and id = $2 and deleted_at is null and shown_at is null returning ${COLUMNS}`,
    [scope.tenantId, id, nowMs],
  );
  return rows[0] && keyOf(rows[0]);
}

/** SQLSTATE unique_violation. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof Error && "constraint" in error && error.constraint === "api_keys_current";
}

/**
 * Revokes the key of a name and those it took the place of, which have that name too.
 * @returns what was revoked
 */
export async function revokeKeys(
  scope: TenantScope,
  db: Queryable,
  name: string,
  nowMs: number,
): Promise<ApiKey[]> {
  return revoke(db, "tenant_id = $1 and lower(name) = lower($3)", [scope.tenantId, nowMs, name]);
}

/** Revokes one key. @returns undefined where it is revoked already, or none of this tenant's */
export async function revokeKey(
  scope: TenantScope,
  db: Queryable,
  id: string,
  nowMs: number,
): Promise<ApiKey | undefined> {
  return (await revoke(db, "tenant_id = $1 and id = $3", [scope.tenantId, nowMs, id]))[0];
}

async function revoke(db: Queryable, which: string, values: readonly unknown[]): Promise<ApiKey[]> {
  const { rows } = await db.query<KeyRow>(
    `\
update api_keys set deleted_at = to_timestamp($2::float8 / 1000.0) where ${which} and deleted_at is null
returning ${COLUMNS}`,
    values,
  );
  for (const { id } of rows) await tellOfEnd(db, id);
  return rows.map(keyOf);
}

/** The channel on which processes hear that what they remember of a key holds no longer. Its id is no secret. */
export const KEY_NOTICES = "loghunter_keys";

/** Sent when the transaction is committed, to every process that listens. */
async function tellOfEnd(db: Queryable, id: string): Promise<void> {
  await db.query("select pg_notify($1, $2)", [KEY_NOTICES, id]);
}

/** When it was last used, to some minutes. */
export async function noteUse(scope: TenantScope, id: string, nowMs: number): Promise<void> {
  await scope.query(
    `\
update api_keys set last_used_at = to_timestamp($3::float8 / 1000.0)
where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at < to_timestamp($3::float8 / 1000.0))`,
    [scope.tenantId, id, nowMs],
  );
}
