import fc from "fast-check";

/** A tenant table as the catalogue has it. */
export interface Table {
  name: string;
  /** Columns that the application may fill, other than the id. */
  fills: readonly string[];
}

/** What somebody knows who knows everything of the other tenant but may not see it. */
export interface Known {
  tenantId: string;
  /** By table. */
  ids: Record<string, string>;
}

/** Statements to run one after another. */
export type Script = readonly string[];

/** Random statements over the tables: reads, writes, and the ways around a table that PostgreSQL has. */
export function scripts(tables: readonly Table[], known: Known): fc.Arbitrary<Script> {
  const table = fc.constantFrom(...tables);
  const idOf = ({ name }: Table) => known.ids[name] ?? known.tenantId;
  const tenantOf = ({ name }: Table) => (name === "tenants" ? "id" : "tenant_id");

  /** Of a row that is called t. */
  const condition = table.chain((other) =>
    fc.constantFrom(
      ...["true", "t.created_at < now()", "t.ctid is not null", "t.id is not null or true"],
      `t.id = '${idOf(other)}' or t.id <> '${idOf(other)}'`,
      `t.id in (select id from ${other.name}) or true`,
      `exists (select from ${other.name} o where o.${tenantOf(other)} = '${known.tenantId}') or true`,
      `not exists (select from ${other.name} o where o.id = t.id) or true`,
      // A row that it is not to see would show in what these say or fail of.
      "pg_temp.told(t::text)",
      "1 / length(t::text) = 0",
      "case when t.created_at < '2000-01-01' then 1 / 0 = 1 else true end",
      "current_setting('app.tenant_id', true) is not null or true",
    ),
  );

  /** What stands after `from`, with a row that is called t. */
  const source: fc.Arbitrary<string> = fc.oneof(
    table.map(({ name }) => `${name} t`),
    table.map(({ name }) => `only ${name} t`),
    table.map(({ name }) => `${name} t tablesample bernoulli (100)`),
    fc.tuple(table, condition).map(([{ name }, where]) => `(select t.* from ${name} t where ${where}) t`),
    table.map(({ name }) => `(select * from ${name} union all select * from ${name}) t`),
    table.map(({ name }) => `(select * from ${name} for update) t`),
    fc.tuple(table, table).map(([{ name }, other]) => `${other.name} o full join ${name} t on true`),
    fc.tuple(table, table).map(([{ name }, o]) => `${o.name} o right join ${name} t on o.id <> t.id`),
    fc.tuple(table, table).map(([{ name }, o]) => `${o.name} o cross join lateral (select * from ${name}) t`),
  );

  const shown = fc.constantFrom(
    ...[
      "t::text",
      "to_jsonb(t)::text",
      "t.created_at::text",
      "string_agg(t::text, '')",
      "array_agg(t)::text",
    ],
    ...["json_agg(t)::text", "min(t.created_at)::text", "count(*)::text || coalesce(min(t::text), '')"],
  );

  const select = fc
    .tuple(source, condition, shown)
    .chain(([from, where, what]) =>
      fc.constantFrom(
        `select ${what} from ${from} where ${where}`,
        `with t as materialized (select t.* from ${from} where ${where}) select ${what} from t`,
        `with recursive t as (select t.* from ${from}) select ${what} from t where ${where}`,
        `select (select ${what.includes("(") ? what : `max(${what})`} from ${from} where ${where})`,
        `select t::text from ${from} where ${where} order by t.created_at limit 5`,
      ),
    );

  const write = fc.tuple(table, condition, source).chain(([to, where, from]) => {
    const { name, fills } = to;
    const columns = fills.join(", ");
    const id = idOf(to);
    return fc.constantFrom(
      `update ${name} t set created_at = '2000-01-01' where ${where} returning t::text`,
      `update ${name} t set ${tenantOf(to)} = '${known.tenantId}' where ${where} returning t::text`,
      `update ${name} t set ${tenantOf(to)} = current_tenant_id() where ${where} returning t::text`,
      `update ${name} u set updated_at = now() from ${from} where ${where} returning u::text, t::text`,
      `delete from ${name} t where ${where} returning t::text`,
      `delete from ${name} d using ${from} where ${where} returning d::text, t::text`,
      `insert into ${name} (${columns}) select ${columns} from ${name} returning ${name}::text`,
      `insert into ${name} (id, ${columns}) select '${id}', ${columns} from ${name} limit 1
         on conflict (id) do update set created_at = '2000-01-01' returning ${name}::text`,
      `insert into ${name} (id, ${columns}) select '${id}', ${columns} from ${name} limit 1
         on conflict do nothing returning ${name}::text`,
      `insert into ${name} (${columns}) select ${columns.replace("tenant_id", `'${known.tenantId}'`)} from ${name}`,
      `merge into ${name} u using (select id from ${name} union select '${id}') s on u.id = s.id
         when matched then update set updated_at = now()`,
      `merge into ${name} u using (values ('${id}'::uuid)) s (id) on u.id = s.id when matched then delete`,
      `with gone as (delete from ${name} t where ${where} returning *) select g::text from gone g`,
      `with changed as (update ${name} t set updated_at = now() where ${where} returning *)
         select t::text from ${from} where ${where}`,
      `truncate ${name} cascade`,
      `lock table ${name} in share mode`,
    );
  });

  const way: fc.Arbitrary<Script> = fc.tuple(select, table).chain(([text, { name }]) => {
    const quoted = text.replaceAll("'", "''");
    return fc.constantFrom<Script[]>(
      [`declare c scroll cursor for ${text}`, "fetch all from c", "fetch backward all from c", "close c"],
      [
        `declare c cursor for select * from ${name} for update`,
        "fetch c",
        `delete from ${name} where current of c`,
      ],
      [
        `prepare p as ${text}`,
        "set local row_security = off",
        "execute p",
        "set local row_security = on",
        "execute p",
      ],
      [`copy (${text}) to stdout`],
      [`copy ${name} to stdout`],
      [`explain (analyze, verbose, format json) ${text}`],
      [
        `do $$ declare r record; begin for r in execute '${quoted}' loop raise notice '%', r; end loop; end $$`,
      ],
      [`select query_to_xml('${quoted}', true, false, '')::text`],
      [
        `select table_to_xml('${name}', true, false, '')::text, schema_to_xml('public', true, false, '')::text`,
      ],
      [`create temp table kept as ${text}`, "select kept::text from kept"],
      [`create temp view seen as select * from ${name}`, "select seen::text from seen"],
      [
        `create function pg_temp.asked() returns setof text language sql security definer as $f$ select t::text from ${name} t $f$`,
        "select pg_temp.asked()",
      ],
      [`select most_common_vals::text, histogram_bounds::text from pg_stats where tablename = '${name}'`],
      ["select stavalues1::text from pg_statistic"],
      ["set local row_security = off", text],
      ["select set_config('row_security', 'off', true)", text],
      ["set local role none", text],
      ["reset role", text],
      ["set local role loghunter_directory", text],
      ["set session authorization default", text],
      ["set local session_replication_role = replica", text],
      ["select set_config('app.tenant_id', '', true)", text],
      ["set local app.tenant_id = ''", "reset app.tenant_id", text],
      ["set local search_path = pg_temp", text.replaceAll(/\b(from|join) (\w+) /g, "$1 public.$2 ")],
      [`alter table ${name} disable row level security`, text],
      [`alter table ${name} no force row level security`, text],
      [`drop policy tenant_isolation on ${name}`, text],
      [`create policy all_of_it on ${name} using (true)`, text],
      [`create rule leak as on update to ${name} do also select * from ${name}`, text],
      [`select currval('console_revisions')`, text],
    );
  });

  return fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: select.map((text) => [text]) },
        { weight: 3, arbitrary: write.map((text) => [text]) },
        { weight: 4, arbitrary: way },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((each) => each.flat());
}
