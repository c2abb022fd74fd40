import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import pg from "pg";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { fillEveryTable, openTestTenants, type TestTenants } from "../support/tenants.ts";
import { type Known, type Script, scripts, type Table } from "./randomStatements.ts";

/** When the rows of each were made, as no other row was: whatever shows of it shows one of theirs. */
const MARKS = { a: "1998-08-08 08:08:08.080808", b: "1999-09-09 09:09:09.090909" };
const OF_A = /1998-08-08.08:08:08\.080/;
const OF_B = /1999-09-09.09:09:09\.090/;
/** A login that is nothing but the application's role: what it can do is what the role can do. */
const LOGIN = `loghunter_test_rows_${process.pid}`;

let t: TestTenants;
let tables: Table[];
let known: Known;
let client: pg.Client;
/** All that came back on the connection beside rows: what was copied, noticed, and why something failed. */
let heard: string[] = [];

beforeAll(async () => {
  t = await openTestTenants();
  await migrateJobs(t.url);
  await fillEveryTable(t.admin, t.a);
  const ids = await fillEveryTable(t.admin, t.b);
  known = { tenantId: t.b.scope.tenantId, ids };
  tables = await tenantTables();
  for (const { name } of tables) {
    const column = name === "tenants" ? "id" : "tenant_id";
    for (const one of ["a", "b"] as const)
      await t.admin.query(`update ${name} set created_at = $2 where ${column} = $1`, [
        t[one].scope.tenantId,
        MARKS[one],
      ]);
  }
  await tellChanges();
  // Also what the planner knows of rows.
  await t.admin.query("analyze");
  await t.admin.query(`create role ${LOGIN} login password '${LOGIN}' in role loghunter_app`);
  const url = new URL(t.url);
  url.username = LOGIN;
  url.password = LOGIN;
  url.searchParams.set("options", "-c role=loghunter_app -c statement_timeout=10000");
  client = new pg.Client({ connectionString: url.href });
  client.on("notice", (notice) => heard.push(JSON.stringify(notice)));
  await client.connect();
  // pg itself does nothing with what is copied out.
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on("copyData", ({ chunk }: { chunk: Buffer }) => heard.push(chunk.toString("latin1")));
});
afterAll(async () => {
  await client?.end();
  await t?.admin.query(`drop role if exists ${LOGIN}`);
  await t?.close();
});

/** Every table with rows of tenants, from the catalogue: one that is new is among them. */
async function tenantTables(): Promise<Table[]> {
  const { rows } = await t.admin.query<{ name: string; fills: string[] }>(
    `select c.oid::regclass::text as name, array(
       select a.attname::text from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname <> 'id' and a.attgenerated = ''
         and has_column_privilege('loghunter_app', c.oid, a.attname, 'insert')) as fills
     from pg_class c
     where c.relkind in ('r', 'p') and (c.oid = 'tenants'::regclass or exists (
       select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))
     order by 1`,
  );
  return rows.map(({ name, fills }) => ({ name, fills: fills.length > 0 ? fills : ["name"] }));
}

/** Whatever is done to a row of b is told, also where it is taken back afterwards. */
async function tellChanges(): Promise<void> {
  await t.admin.query(`create function tell_change() returns trigger language plpgsql as $$
begin
  if to_jsonb(coalesce(old, new)) ->> tg_argv[0] = '${known.tenantId}' or to_jsonb(coalesce(new, old)) ->> tg_argv[0] = '${known.tenantId}'
  then raise notice 'changed ${MARKS.b}'; end if;
  return null;
end $$`);
  for (const { name } of tables)
    await t.admin.query(
      `create trigger zz_tell after insert or update or delete on ${name}
       for each row execute function tell_change('${name === "tenants" ? "id" : "tenant_id"}')`,
    );
}

/** All that comes back for the statements, run by the role in one transaction that is taken back. */
async function run(script: Script, tenantId: string | undefined): Promise<string> {
  heard = [];
  await client.query("deallocate all; begin");
  if (tenantId !== undefined) await client.query(`set local app.tenant_id = '${tenantId}'`);
  await client.query(
    `create function pg_temp.told(row_of text) returns boolean language plpgsql cost 0.0000001 as
     $$ begin raise notice '%', row_of; return true; end $$`,
  );
  const came: string[] = [];
  for (const text of script) {
    await client.query("savepoint s");
    try {
      const results = [await client.query(text)].flat();
      came.push(JSON.stringify(results.map(({ rows }) => rows)));
    } catch (error) {
      const { message, detail, hint, where } = error as pg.DatabaseError;
      came.push([message, detail, hint, where].join("\n"));
      await client.query("rollback to savepoint s");
    }
  }
  await client.query("rollback");
  return [...came, ...heard].join("\n");
}

describe("the application's role, whatever it asks", () => {
  test("may touch nothing that has no forced row-level security, and every table of tenants has it", async () => {
    const { rows } = await t.admin.query<{ name: string; forced: boolean; reached: boolean }>(
      `select c.oid::regclass::text as name, c.relrowsecurity and c.relforcerowsecurity as forced,
         has_any_column_privilege('loghunter_app', c.oid, 'select, insert, update, references') or
           has_table_privilege('loghunter_app', c.oid, 'delete, truncate, trigger') as reached
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^(pg_|information_schema)'`,
    );
    const ofTenants = new Set(tables.map(({ name }) => name));
    expect(ofTenants.size).toBeGreaterThan(30);
    expect(rows.filter(({ name, forced, reached }) => !forced && (reached || ofTenants.has(name)))).toEqual(
      [],
    );
  });

  test("sees its own tenant's rows, which it would not fail to show otherwise", async () => {
    for (const { name } of tables)
      expect([name, await run([`select t::text from ${name} t`], t.a.scope.tenantId)]).toEqual([
        name,
        expect.stringMatching(OF_A),
      ]);
    // Each way brings rows to light, were there a hole.
    const b = known.tenantId;
    const table = "members";
    for (const script of [
      [`copy ${table} to stdout`],
      [`select pg_temp.told(t::text) from ${table} t`],
      [`select table_to_xml('${table}', true, false, '')::text`],
      [`declare c cursor for select * from ${table}`, "fetch all from c"],
      [`select 1 from ${table} t where (t::text)::int = 1`],
      [`update ${table} set updated_at = now()`],
    ])
      expect([script, await run(script, b)]).toEqual([script, expect.stringMatching(OF_B)]);
  });

  test("for a tenant, it reads and changes nothing of another", async () => {
    await fc.assert(
      fc.asyncProperty(scripts(tables, known), async (script) => {
        expect(await run(script, t.a.scope.tenantId)).not.toMatch(OF_B);
      }),
      { numRuns: 600 },
    );
  });

  test("for no tenant, it reads nothing at all", async () => {
    await fc.assert(
      fc.asyncProperty(scripts(tables, known), async (script) => {
        const shown = await run(script, undefined);
        expect(shown).not.toMatch(OF_A);
        expect(shown).not.toMatch(OF_B);
      }),
      { numRuns: 250 },
    );
  });

  test.each([
    "create table public.mine (id int)",
    "create schema mine",
    "create function public.mine() returns int language sql as 'select 1'",
    "create function pg_temp.mine() returns int language c as 'libc', 'getpid'",
    "create extension dblink",
    "create role mine",
    "create policy mine on members using (true)",
    "alter policy tenant_isolation on members using (true)",
    "drop policy tenant_isolation on members",
    "alter table members disable row level security",
    "alter table members no force row level security",
    "alter table members owner to current_user",
    "alter role loghunter_app bypassrls",
    "alter function current_tenant_id() owner to current_user",
    "create trigger mine before insert on members for each row execute function set_updated_at()",
    "grant loghunter_directory to loghunter_app",
    "truncate members",
    "select * from pg_authid",
    "select * from pg_shadow",
    "select * from pg_statistic",
    "select * from pg_hba_file_rules",
    "select * from schema_migrations",
    "select pg_read_file('postgresql.conf')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/hostname')",
    "copy members to '/tmp/mine'",
    "copy members from '/tmp/mine'",
    "copy (select 1) to program 'true'",
    "set session_replication_role = replica",
    "set role loghunter_directory",
    "set session authorization loghunter_directory",
    "select pg_reload_conf()",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and datname is not null limit 1",
    "update tenants set loki_org_id = 'another'",
    "insert into tenants (name, loki_org_id) values ('another', 'another')",
    "update audit_entries set subject = 'another'",
  ])("may not: %s", async (text) => {
    await client.query("begin");
    const refused = await client.query(text).then(
      () => "done",
      ({ code, message }: pg.DatabaseError) => (code === "42501" ? "refused" : message),
    );
    await client.query("rollback");
    expect(refused).toBe("refused");
  });

  test("fails where it would have row-level security switched off, and is not above it", async () => {
    await expect(client.query("set row_security = off; select * from members")).rejects.toThrow(
      "would be affected by row-level security",
    );
    await client.query("set row_security = on");
  });

  test("sees of other sessions not what they ask", async () => {
    await t.admin.query("select 'something of somebody else'");
    const seen =
      "select string_agg(query, ' ') as all from pg_stat_activity where query like '%of somebody else%'";
    const above = await t.database.app.connect();
    await above.query("begin; set local role none");
    expect(JSON.stringify((await above.query(seen)).rows)).toContain("something of somebody else");
    await above.query("rollback");
    above.release();
    for (const session of [client, t.database.app])
      expect(JSON.stringify((await session.query(seen)).rows)).not.toContain("something of somebody else");
  });
});
