import type pg from "pg";
import { UserError } from "../errors.ts";
import { jobsSchemaVersion } from "../jobs/migrate.ts";
import { migrationChecksums } from "../migrations.ts";
import type { Manifest, TableCount } from "./manifest.ts";

/** Rows as text read the same whatever the session was set to before; names carry their schema. */
export const SAME_WORDS = `\
set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres';
set local extra_float_digits = 1; set local bytea_output = 'hex'; set local search_path = '';
set local row_security = off;`;

/** Every table that a dump holds. */
export const TABLES = `\
select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype = 'e'
  )
order by 1, 2`;

/** Of the rows of a table: how many, and a sum that does not ask for their order. */
export const COUNT = `\
count(*)::text as rows,
  coalesce(sum(('x' || left(md5(each_row::text), 15))::bit(60)::bigint), 0)::text as checksum`;

/** What keeps organisations apart, a line each: row-level security, policies, and rights of the two roles. */
export const WALLS = `\
with ours as (
  select c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl,
    pg_catalog.format('%I.%I', n.nspname, c.relname) as name
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'S')
), rights as (
  select name as what, g.grantee, g.privilege_type as privilege
  from ours, pg_catalog.aclexplode(relacl) g
  union all
  select name || '.' || a.attname, g.grantee, g.privilege_type
  from ours join pg_catalog.pg_attribute a on a.attrelid = ours.oid and not a.attisdropped,
    pg_catalog.aclexplode(a.attacl) g
  union all
  select 'schema ' || n.nspname, g.grantee, g.privilege_type
  from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) g where n.nspname = 'public'
)
select pg_catalog.format('%s row security %s, forced %s', name, relrowsecurity, relforcerowsecurity) as wall
from ours where relkind in ('r', 'p')
union all
select pg_catalog.format('%s policy %I for %s to %s, permissive %s', name, p.polname, p.polcmd,
  (select pg_catalog.string_agg(r::pg_catalog.regrole::text, ', ' order by r::pg_catalog.regrole::text)
    from pg_catalog.unnest(p.polroles) r), p.polpermissive)
from pg_catalog.pg_policy p join ours on ours.oid = p.polrelid
union all
select pg_catalog.format('%s %s to %s', what, privilege, r.rolname)
from rights join pg_catalog.pg_roles r on r.oid = rights.grantee
where r.rolname in ('loghunter_app', 'loghunter_directory')`;

/** Tables of organisations that lack forced row-level security or a policy for the application. */
export const UNPROTECTED = `\
select c.relname as name from pg_catalog.pg_class c
where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'r'
  and (c.relname = 'tenants' or exists (
    select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  ))
  and not (c.relrowsecurity and c.relforcerowsecurity and exists (
    select from pg_catalog.pg_policy p
    where p.polrelid = c.oid and 'loghunter_app'::pg_catalog.regrole = any (p.polroles)
  ))
order by 1`;

/** Names of the keys that sealed what workspaces gave at their installation: what stands before the first point. */
export const SEALED_WITH = `\
select distinct split_part(installation, '.', 1) as key from public.workspaces where installation is not null`;

/** What a dump of this transaction's snapshot holds, beside the rows themselves. */
export type Contents = Pick<Manifest, "tables" | "migrations" | "jobs" | "walls" | "encryptionKeys">;

/**
 * Reads the contents in the transaction that the client is in.
 * @throws UserError where the database is not LogHunter's
 */
export async function readContents(client: pg.Client): Promise<Contents> {
  await client.query(SAME_WORDS);
  const { rows: names } = await client.query<{ schema: string; name: string }>(TABLES);
  if (!names.some(({ schema, name }) => schema === "public" && name === "schema_migrations")) {
    throw new UserError(
      "The database of DATABASE_URL holds nothing of LogHunter's. Correct the address, or start LogHunter once.",
    );
  }
  const tables: TableCount[] = [];
  for (const { schema, name } of names) {
    const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const { rows } = await client.query<{ rows: string; checksum: string }>(
      `select ${COUNT} from only ${table} each_row`,
    );
    tables.push({ schema, name, rows: Number(rows[0]?.rows), checksum: rows[0]?.checksum ?? "" });
  }
  const known = await migrationChecksums();
  const ran = await client.query<{ name: string }>("select name from public.schema_migrations order by id");
  const walls = await client.query<{ wall: string }>(WALLS);
  const sealed = await client.query<{ key: string }>(SEALED_WITH);
  return {
    tables,
    migrations: Object.fromEntries(ran.rows.map(({ name }) => [name, known.get(name) ?? "unknown"])),
    jobs: await jobsSchemaVersion(client),
    walls: walls.rows.map(({ wall }) => wall).sort(),
    encryptionKeys: sealed.rows.map(({ key }) => key).sort(),
  };
}
