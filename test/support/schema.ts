import type pg from "pg";

/** Everything a migration can make in the public schema, one sorted list a kind: equal lists are equal schemas. */
export type SchemaDescription = Record<keyof typeof QUERIES, string[]>;

/** Reads pg_catalog, so that no pg_dump is needed. What belongs to an extension is named by the extension alone. */
export async function describeSchema(client: pg.Client | pg.Pool): Promise<SchemaDescription> {
  const description: Partial<SchemaDescription> = {};
  for (const [kind, query] of Object.entries(QUERIES)) {
    const { rows } = await client.query<{ line: string }>(query);
    description[kind as keyof typeof QUERIES] = rows.map((row) => row.line).sort();
  }
  return description as SchemaDescription;
}

const OURS = "n.nspname = 'public' and c.relname <> 'schema_migrations'";
/** Owner and rights in one order: an empty list reads the same as the default one. */
const rights = (kind: string, list: string, owner: string) =>
  `(select string_agg(right_given::text, ', ' order by right_given::text)
    from unnest(coalesce(${list}, acldefault('${kind}', ${owner}))) right_given)`;

const QUERIES = {
  schema: `\
select concat_ws(' ', nspname, ${rights("n", "nspacl", "nspowner")}) as line from pg_namespace where nspname = 'public'`,
  extensions: "select extname || ' ' || extversion as line from pg_extension",
  relations: `\
select concat_ws(' ', c.relkind, c.relname, 'owner', pg_get_userbyid(c.relowner), 'rls', c.relrowsecurity,
  'forced', c.relforcerowsecurity, ${rights("r", "c.relacl", "c.relowner")}) as line
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S')
  and not (c.relkind = 'S' and c.relname like 'schema_migrations%')`,
  columns: `\
select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  case when a.attnotnull then 'not null' end, 'default ' || pg_get_expr(d.adbin, d.adrelid),
  a.attacl::text, col_description(c.oid, a.attnum)) as line
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where ${OURS} and c.relkind in ('r', 'p', 'v', 'm')`,
  constraints: `\
select concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid), case when not k.convalidated then 'not valid' end) as line
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  indexes: `\
select concat_ws(' ', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end) as line
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  policies: `\
select concat_ws(' ', tablename, policyname, permissive, cmd, roles::text, 'using', qual, 'check', with_check) as line
from pg_policies where schemaname = 'public'`,
  triggers: `\
select concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled) as line
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where ${OURS} and not t.tgisinternal`,
  functions: `\
select concat_ws(' ', pg_get_functiondef(p.oid), ${rights("f", "p.proacl", "p.proowner")}) as line
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public'
  and not exists (select from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')`,
  sequences: `\
select concat_ws(' ', sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size) as line
from pg_sequences where schemaname = 'public' and sequencename not like 'schema_migrations%'`,
  types: `\
select concat_ws(' ', t.typtype, t.typname, (select string_agg(enumlabel, ',' order by enumsortorder)
  from pg_enum where enumtypid = t.oid)) as line
from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = 'public' and t.typtype in ('e', 'd', 'r')`,
};
