import { toJsonb } from "../database.ts";
import { beAlone } from "../tenancy/alone.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Filter } from "./filter.ts";

export interface SavedFilter {
  /** As it was written when it was saved; found in any case. */
  name: string;
  filter: Filter;
  /** Who saved it last, by name. */
  savedBy: string;
  savedAtMs: number;
}

export interface NewFilter {
  name: string;
  filter: Filter;
  savedBy: string;
}

/** Saves a filter under a name that no live one has. @returns false where one has it. */
export async function addFilter(scope: TenantScope, db: Queryable, added: NewFilter): Promise<boolean> {
  const { rowCount } = await db.query(
    `\
insert into saved_filters (tenant_id, name, filter_json, created_by) values ($1, $2, $3, $4)
on conflict (tenant_id, lower(name collate "C")) where deleted_at is null do nothing`,
    [scope.tenantId, added.name, toJsonb(added.filter), added.savedBy],
  );
  return rowCount === 1;
}

/** Saves a filter under a name. @returns what was live under that name until now, where it was another one. */
export async function saveFilter(
  scope: TenantScope,
  db: Queryable,
  saved: NewFilter,
): Promise<Filter | undefined> {
  // Whoever saves under a name that somebody is just saving under waits, and hears what that was.
  await beAlone(db, "filters", scope.tenantId);
  const { rows } = await db.query<{ replaced: Filter | null }>(
    `\
with before as (
  select filter_json from saved_filters
  where tenant_id = $1 and lower(name collate "C") = lower($2 collate "C") and deleted_at is null and filter_json <> $3
)
insert into saved_filters (tenant_id, name, filter_json, created_by) values ($1, $2, $3, $4)
on conflict (tenant_id, lower(name collate "C")) where deleted_at is null do update set
  name = excluded.name,
  filter_json = excluded.filter_json,
  created_by = excluded.created_by
returning (select filter_json from before) as replaced`,
    [scope.tenantId, saved.name, toJsonb(saved.filter), saved.savedBy],
  );
  return rows[0]?.replaced ?? undefined;
}

/** The live ones by name, at most so many. */
export async function listFilters(scope: TenantScope, limit: number): Promise<SavedFilter[]> {
  const rows = await scope.query<FilterRow>(
    `\
select name, filter_json, created_by, updated_at from saved_filters
where tenant_id = $1 and deleted_at is null
order by lower(name collate "C") limit $2`,
    [scope.tenantId, limit],
  );
  return rows.map(savedFilter);
}

/** The live one of that name, in any case. */
export async function findFilter(scope: TenantScope, name: string): Promise<SavedFilter | undefined> {
  const rows = await scope.query<FilterRow>(
    `\
select name, filter_json, created_by, updated_at from saved_filters
where tenant_id = $1 and lower(name collate "C") = lower($2 collate "C") and deleted_at is null`,
    [scope.tenantId, name],
  );
  return rows[0] && savedFilter(rows[0]);
}

/** Deletes the live one of that name softly: its row stays, its name is free. @returns what it was. */
export async function deleteFilter(
  scope: TenantScope,
  db: Queryable,
  name: string,
): Promise<SavedFilter | undefined> {
  const { rows } = await db.query<FilterRow>(
    `\
update saved_filters set deleted_at = now()
where tenant_id = $1 and lower(name collate "C") = lower($2 collate "C") and deleted_at is null
returning name, filter_json, created_by, updated_at`,
    [scope.tenantId, name],
  );
  return rows[0] && savedFilter(rows[0]);
}

interface FilterRow {
  name: string;
  filter_json: Filter;
  created_by: string;
  updated_at: Date;
}

function savedFilter(row: FilterRow): SavedFilter {
  return {
    name: row.name,
    filter: row.filter_json,
    savedBy: row.created_by,
    savedAtMs: row.updated_at.getTime(),
  };
}
