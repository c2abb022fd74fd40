import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import * as acknowledgements from "../../src/alerting/acknowledgements.ts";
import * as alertDeliveries from "../../src/alerting/alertDeliveries.ts";
import * as asking from "../../src/alerting/askInThread.ts";
import * as channels from "../../src/alerting/channels.ts";
import * as claims from "../../src/alerting/claims.ts";
import * as deadLetters from "../../src/alerting/deadLetters.ts";
import * as deliveries from "../../src/alerting/deliveries.ts";
import * as digests from "../../src/alerting/digestStore.ts";
import * as escalations from "../../src/alerting/escalations.ts";
import * as floods from "../../src/alerting/floods.ts";
import * as holds from "../../src/alerting/holds.ts";
import * as incidents from "../../src/alerting/incidents.ts";
import * as markings from "../../src/alerting/marks.ts";
import * as mutes from "../../src/alerting/mutes.ts";
import * as resolutions from "../../src/alerting/resolutions.ts";
import * as troubles from "../../src/alerting/troubles.ts";
import * as askings from "../../src/analysis/asking.ts";
import * as beginnings from "../../src/analysis/beginConversation.ts";
import * as conversations from "../../src/analysis/conversations.ts";
import * as jobs from "../../src/analysis/jobs.ts";
import * as analysisPages from "../../src/analysis/pages.ts";
import * as analyses from "../../src/analysis/store.ts";
import * as turns from "../../src/analysis/turns.ts";
import * as waiting from "../../src/analysis/waiting.ts";
import * as baselines from "../../src/anomalies/baselineStore.ts";
import type { Episode } from "../../src/anomalies/episode.ts";
import * as episodes from "../../src/anomalies/episodeStore.ts";
import * as changes from "../../src/anomalies/keepChange.ts";
import * as labels from "../../src/anomalies/labels.ts";
import * as maintenance from "../../src/anomalies/maintenance.ts";
import * as anomalyPages from "../../src/anomalies/pages.ts";
import * as watchSettings from "../../src/anomalies/settings.ts";
import * as anomalies from "../../src/anomalies/store.ts";
import * as watches from "../../src/anomalies/watchStore.ts";
import * as audit from "../../src/audit/entries.ts";
import type { Card } from "../../src/chat/card.ts";
import * as clusterPages from "../../src/clusters/pages.ts";
import * as related from "../../src/clusters/relatedStore.ts";
import * as remembered from "../../src/clusters/remembered.ts";
import * as clusters from "../../src/clusters/store.ts";
import * as consoleHistory from "../../src/console/history.ts";
import { openDatabase } from "../../src/database.ts";
import * as deploys from "../../src/deploys.ts";
import * as filters from "../../src/filters/store.ts";
import * as requests from "../../src/http/api/requests.ts";
import type { RawKey } from "../../src/keys/apiKey.ts";
import * as keysCare from "../../src/keys/careStore.ts";
import * as issue from "../../src/keys/issue.ts";
import * as keys from "../../src/keys/store.ts";
import { createLog } from "../../src/log.ts";
import { type Pattern, readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import * as calls from "../../src/models/calls.ts";
import * as choices from "../../src/models/choices.ts";
import * as redactionRules from "../../src/redactionRules/store.ts";
import * as takeOut from "../../src/redactionRules/takeOut.ts";
import { PERISHABLES } from "../../src/retention.ts";
import { createKeyring } from "../../src/secrets/keyring.ts";
import * as acts from "../../src/tenancy/acts.ts";
import * as alone from "../../src/tenancy/alone.ts";
import * as directories from "../../src/tenancy/directory.ts";
import * as installations from "../../src/tenancy/installations.ts";
import * as invitations from "../../src/tenancy/invitations.ts";
import * as members from "../../src/tenancy/members.ts";
import * as perishable from "../../src/tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../../src/tenancy/scope.ts";
import {
  dumpTenant,
  fillEveryTable,
  messageAt,
  openTestTenants,
  TENANT_TABLES,
  type TenantTable,
  type TestTenants,
} from "../support/tenants.ts";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));
const MIGRATIONS_TABLE = "schema_migrations";

let t: TestTenants;
/** The rows of each tenant: the same names, other ids. */
let rowsOfA: Record<TenantTable, string>;
let rowsOfB: Record<TenantTable, string>;

beforeAll(async () => {
  t = await openTestTenants();
  rowsOfA = await fillEveryTable(t.admin, t.a);
  rowsOfB = await fillEveryTable(t.admin, t.b);
});
afterAll(() => t.close());

async function lines(query: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await t.admin.query<{ line: string }>(query, values);
  return rows.map((row) => row.line);
}

/** A connection as one of the roles, with no tenant set. */
async function asRole<T>(role: "app" | "directory", work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await t.database[role].connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

describe("every table", () => {
  test("that a tenant owns rows of is known to these tests", async () => {
    const tables = await lines(
      `select c.relname as line from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id'`,
    );
    expect(tables.sort()).toEqual([...TENANT_TABLES].sort());
  });

  test("but tenants itself and the list of migrations belongs to a tenant", async () => {
    const without = await lines(
      `select c.relname as line from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
         select from pg_attribute a join pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
           and k.confrelid = 'tenants'::regclass and k.conkey = array[a.attnum]
         where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)`,
    );
    expect(without.sort()).toEqual([MIGRATIONS_TABLE, "tenants"]);
  });

  test("has forced row-level security and a policy for the application that names the tenant", async () => {
    const { rows } = await t.admin.query(
      `select c.relname, c.relrowsecurity, c.relforcerowsecurity, array(
         select p.qual from pg_policies p
         where p.schemaname = 'public' and p.tablename = c.relname and p.roles = array['loghunter_app']::name[] and p.cmd = 'ALL'
       ) as uses
       from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> $1`,
      [MIGRATIONS_TABLE],
    );
    expect(rows).toHaveLength(TENANT_TABLES.length + 1);
    for (const { relname, ...rest } of rows) {
      const column = relname === "tenants" ? "id" : "tenant_id";
      expect([relname, rest]).toEqual([
        relname,
        { relrowsecurity: true, relforcerowsecurity: true, uses: [`(${column} = current_tenant_id())`] },
      ]);
    }
  });

  test("has no policy for everybody, and none that lets the owner look across tenants", async () => {
    const open = await lines(
      `select tablename || ' ' || policyname as line from pg_policies where schemaname = 'public'
         and (roles <> array['loghunter_app']::name[] and roles <> array['loghunter_directory']::name[]
           or roles = array['loghunter_directory']::name[]
             and concat_ws(' ', qual, with_check) !~ '^(\\(acts_as_directory\\(\\) AND .*|acts_as_directory\\(\\)( acts_as_directory\\(\\))?)$')`,
    );
    expect(open).toEqual([]);
  });

  test("has the id, the two times and the trigger that every table has", async () => {
    const wrong = await lines(
      `select c.relname || ' ' || wanted.name as line
       from pg_class c cross join (values
         ('id', 'uuid', 'uuid_generate_v4()'),
         ('created_at', 'timestamp with time zone', 'now()'),
         ('updated_at', 'timestamp with time zone', 'now()')) wanted (name, type, fallback)
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> $1 and not exists (
         select from pg_attribute a join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         where a.attrelid = c.oid and a.attname = wanted.name and a.attnotnull
           and format_type(a.atttypid, a.atttypmod) = wanted.type and pg_get_expr(d.adbin, d.adrelid) = wanted.fallback)
       union all
       select c.relname || ' primary key' from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> $1 and not exists (
         select from pg_constraint k where k.conrelid = c.oid and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (id)')
       union all
       select c.relname || ' trigger' from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> $1 and not exists (
         select from pg_trigger g where g.tgrelid = c.oid and g.tgenabled = 'O' and pg_get_triggerdef(g.oid) like
           '%BEFORE UPDATE ON public.' || c.relname || ' FOR EACH ROW EXECUTE FUNCTION set_updated_at()')`,
      [MIGRATIONS_TABLE],
    );
    expect(wrong).toEqual([]);
  });

  test("keeps updated_at by itself", async () => {
    for (const table of TENANT_TABLES) {
      await t.admin.query(
        `update ${table} set updated_at = '2000-01-01', created_at = created_at where id = $1`,
        [rowsOfA[table]],
      );
      const { rows } = await t.admin.query(
        `select updated_at > '2001-01-01' as kept from ${table} where id = $1`,
        [rowsOfA[table]],
      );
      expect([table, rows]).toEqual([table, [{ kept: true }]]);
    }
  });

  test("has an index that leads with the columns of each foreign key", async () => {
    const slow = await lines(
      `select k.conrelid::regclass || ' ' || pg_get_constraintdef(k.oid) as line from pg_constraint k
       where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
         select from pg_index i where i.indrelid = k.conrelid and i.indpred is null and i.indisvalid
           and (select array_agg(col order by col) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) col)
             = (select array_agg(col order by col) from unnest(k.conkey) col))`,
    );
    expect(slow).toEqual([]);
  });

  test("keeps the closed sets of words with checks", async () => {
    const { rows } = await t.admin.query<{ at: string; check: string }>(
      `select conrelid::regclass || '.' || a.attname as at, pg_get_constraintdef(k.oid) as check
       from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
       where contype = 'c' and connamespace = 'public'::regnamespace and pg_get_constraintdef(k.oid) ~ 'ANY'`,
    );
    const words = Object.fromEntries(
      rows.map(({ at, check }) => [at, [...check.matchAll(/'([^']+)'/g)].map((match) => match[1])]),
    );
    expect(words).toEqual({
      "channels.purpose": ["alerts", "keys"],
      "members.role": ["viewer", "responder", "admin"],
      "error_clusters.level": ["ERROR", "WARN", "FATAL", "CRITICAL"],
      "analysis_results.provider": ["builtin", "ollama", "vllm", "openai", "anthropic"],
      "anomaly_events.severity": ["LOW", "MEDIUM", "HIGH", "CRITICAL"],
      "anomaly_events.joined_for": ["service", "kind", "deploy", "namespace", "most services"],
      "anomaly_events.metric": ["error_rate", "log_volume", "silence", "new_error", "error_ratio"],
      "anomaly_events.direction": ["up", "down", "silence"],
      "anomaly_labels.verdict": ["right", "no anomaly"],
      "watch_settings.sensitivity": ["low", "normal", "high"],
      "audit_entries.actor": ["person", "key", "operator", "loghunter"],
      "conversations.state": ["queued", "answered", "failed"],
      "conversation_messages.author": ["person", "bot"],
      "conversation_messages.state": ["said", "queued", "answered", "failed"],
      "model_choices.provider": ["builtin", "ollama", "vllm", "openai", "anthropic"],
      "model_calls.provider": ["ollama", "vllm", "openai", "anthropic"],
      "model_calls.purpose": ["root cause", "question"],
      "model_calls.state": ["asking", "answered", "failed"],
      "held_alerts.stage": ["watch", "mute", "quiet hours", "group", "deduplicate", "route", "flood"],
      "feedback.verdict": ["right", "partly", "wrong"],
      "deliveries.kind": ["answer", "reply", "alert", "escalation", "notice"],
      "deliveries.refusal": [
        "message gone",
        "channel gone",
        "channel archived",
        "not in channel",
        "not permitted",
        "not installed",
        "not acceptable",
      ],
      "deliveries.state": ["pending", "sent", "refused"],
      "channel_troubles.reason": [
        "channel gone",
        "channel archived",
        "not in channel",
        "not permitted",
        "not installed",
      ],
      "redaction_patterns.effect": ["hide", "show"],
    });
  });
});

describe("the application's role", () => {
  test("is neither the owner nor above row-level security, and cannot log in", async () => {
    const { rows } = await t.admin.query(
      `select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
         exists (select from pg_class where relowner = r.oid) as owns,
         exists (select from pg_auth_members where member = r.oid) as is_member
       from pg_roles r where rolname in ('loghunter_app', 'loghunter_directory')`,
    );
    expect(rows).toHaveLength(2);
    for (const { rolname, ...may } of rows) {
      expect([rolname, ...Object.values(may)]).toEqual([rolname, ...Object.values(may).map(() => false)]);
    }
  });

  test.each([...TENANT_TABLES, "tenants"])(
    "sees and changes nothing of %s while no tenant is set",
    async (table) => {
      await asRole("app", async (client) => {
        expect((await client.query(`select id from ${table}`)).rows).toEqual([]);
        if (table === "tenants") return;
        expect((await client.query(`update ${table} set updated_at = now()`)).rowCount).toBe(0);
        expect((await client.query(`delete from ${table}`)).rowCount).toBe(0);
        const { rows } = await t.admin.query(`select * from ${table} where tenant_id = $1`, [
          t.b.scope.tenantId,
        ]);
        // The rest the database says itself.
        const given = await lines(
          `select column_name as line from information_schema.columns join information_schema.column_privileges
             using (table_schema, table_name, column_name)
           where table_name = $1 and grantee = 'loghunter_app' and privilege_type = 'INSERT'
             and is_generated = 'NEVER' and column_name <> 'id'`,
          [table],
        );
        const row = Object.fromEntries(given.map((column) => [column, rows[0][column]]));
        const columns = Object.keys(row);
        await expect(
          client.query(
            `insert into ${table} (${columns}) values (${columns.map((_, at) => `$${at + 1}`)})`,
            Object.values(row).map((value) =>
              value !== null && typeof value === "object" && !(value instanceof Date) && !Array.isArray(value)
                ? JSON.stringify(value)
                : value,
            ),
          ),
        ).rejects.toThrow("violates row-level security policy");
      });
    },
  );

  test("cannot point its tenant at the logs of another", async () => {
    await expect(
      t.a.scope.query("update tenants set loki_org_id = 'someone else' where id = $1", [t.a.scope.tenantId]),
    ).rejects.toThrow("permission denied");
  });

  test("cannot hang a row on another tenant's", async () => {
    const keys = await lines(
      `select k.conrelid::regclass || '.' || a.attname || ' ' || k.confrelid::regclass as line
       from pg_constraint k cross join unnest(k.conkey) col
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = col
       where k.contype = 'f' and k.connamespace = 'public'::regnamespace
         and k.confrelid not in ('tenants'::regclass, 'workspaces'::regclass) and a.attname <> 'tenant_id'`,
    );
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) {
      const [table, column, parent] = key.split(/[. ]/) as [TenantTable, string, TenantTable];
      // The other reference of a delivery has to give way for this one.
      const clear = table === "deliveries" && column === "anomaly_event_id" ? ", conversation_id = null" : "";
      await expect(
        t.a.scope.query(`update ${table} set ${column} = $2 ${clear} where tenant_id = $1`, [
          t.a.scope.tenantId,
          rowsOfB[parent],
        ]),
      ).rejects.toThrow("violates foreign key constraint");
    }
  });

  test("is taken also where the address brings options of its own", async () => {
    const url = new URL(t.url);
    url.searchParams.set("options", "-c work_mem=5MB -c role=none");
    const database = openDatabase({ url: url.href, log: createLog("silent") });
    const { rows } = await database.app.query(
      "select current_user as role, current_setting('work_mem') as work_mem, current_setting('TimeZone') as zone",
    );
    await database.close();
    expect(rows).toEqual([{ role: "loghunter_app", work_mem: "5MB", zone: "UTC" }]);
  });
});

describe("the directory's role", () => {
  test("sees the columns granted to it and no others", async () => {
    const granted = await lines(
      `select table_name || '.' || column_name || ' ' || privilege_type as line from information_schema.column_privileges
       where grantee = 'loghunter_directory' and table_schema = 'public' order by 1`,
    );
    expect(granted).toEqual([
      "api_keys.deleted_at SELECT",
      "api_keys.expires_at SELECT",
      "api_keys.id SELECT",
      "api_keys.key_hash SELECT",
      "api_keys.name SELECT",
      "api_keys.per_minute SELECT",
      "api_keys.scopes SELECT",
      "api_keys.shown_at SELECT",
      "api_keys.tenant_id SELECT",
      "conversation_messages.conversation_id SELECT",
      "conversation_messages.created_at SELECT",
      "conversation_messages.id SELECT",
      "conversation_messages.state SELECT",
      "conversation_messages.tenant_id SELECT",
      "conversations.created_at SELECT",
      "conversations.id SELECT",
      "conversations.state SELECT",
      "conversations.tenant_id SELECT",
      "deliveries.created_at SELECT",
      "deliveries.id SELECT",
      "deliveries.lease_until SELECT",
      "deliveries.next_attempt_at SELECT",
      "deliveries.state SELECT",
      "deliveries.tenant_id SELECT",
      "invitations.code_hash SELECT",
      "invitations.expires_at SELECT",
      "invitations.id SELECT",
      "invitations.tenant_id SELECT",
      "invitations.used_at SELECT",
      "invitations.used_at UPDATE",
      "tenants.id SELECT",
      "tenants.loki_org_id INSERT",
      "tenants.loki_org_id SELECT",
      "tenants.name INSERT",
      "tenants.name SELECT",
      "watches.failing_since SELECT",
      "watches.id SELECT",
      "watches.last_owner SELECT",
      "watches.lease_until SELECT",
      "watches.scanned_until SELECT",
      "watches.tenant_id SELECT",
      "workspaces.connected_at INSERT",
      "workspaces.connected_at SELECT",
      "workspaces.connected_at UPDATE",
      "workspaces.external_id INSERT",
      "workspaces.external_id SELECT",
      "workspaces.id SELECT",
      "workspaces.installation INSERT",
      "workspaces.installation SELECT",
      "workspaces.installation UPDATE",
      "workspaces.name INSERT",
      "workspaces.name SELECT",
      "workspaces.name UPDATE",
      "workspaces.platform INSERT",
      "workspaces.platform SELECT",
      "workspaces.tenant_id INSERT",
      "workspaces.tenant_id SELECT",
      "workspaces.tenant_id UPDATE",
      "workspaces.told_person INSERT",
      "workspaces.told_person SELECT",
      "workspaces.told_person UPDATE",
    ]);
    await asRole("directory", async (client) => {
      const seen = await client.query("select id, tenant_id, state, created_at from conversations");
      expect(seen.rows).toHaveLength(2);
      for (const query of [
        "select service from conversations",
        "select created_by from api_keys",
        "update api_keys set deleted_at = null",
        "select id from audit_entries",
        "select id from api_requests",
        "select card from deliveries",
        "select retention_days from tenants",
        "select id from error_clusters",
        "delete from workspaces",
        "update conversations set state = 'failed'",
      ]) {
        await expect(client.query(query)).rejects.toThrow("permission denied");
      }
      // A tenant that has an organisation stays, whatever the directory wants.
      expect((await client.query("delete from tenants")).rowCount).toBe(0);
    });
  });
});

describe("an entry of the audit", () => {
  /** Entries of A that are so old, and what becomes of a statement about them that A's own application makes. */
  async function aged(days: number, statement: string): Promise<{ changed: number; left: unknown[] }> {
    const { tenantId } = t.a.scope;
    await t.admin.query(
      `insert into audit_entries (tenant_id, created_at, actor, actor_id, actor_name, action, subject)
       values ($1, now() - $2 * interval '1 day', 'operator', '', '', 'key.revoked', 'aged')`,
      [tenantId, days],
    );
    const read = () => t.admin.query("select * from audit_entries where subject = 'aged'");
    const before = (await read()).rows;
    try {
      const changed = await t.a.scope.transaction(
        async (db) => (await db.query(statement, [tenantId])).rowCount ?? 0,
      );
      const left = (await read()).rows;
      if (left.length > 0) expect(left).toEqual(before);
      return { changed, left };
    } finally {
      await t.admin.query("delete from audit_entries where subject = 'aged'");
    }
  }

  const columns = ["created_at", "actor", "actor_name", "address", "action", "about", "subject", "detail"];
  test.each([...columns, "tenant_id", "workspace_id", "id"])(
    "keeps its %s, however old it is",
    async (column) => {
      for (const days of [0, 500]) {
        const change = `update audit_entries set ${column} = default where tenant_id = $1`;
        await expect(aged(days, change)).rejects.toThrow("permission denied");
      }
    },
  );

  test("keeps the time of its last change too", async () => {
    const touch = "update audit_entries set updated_at = now() where tenant_id = $1";
    expect(await aged(0, touch)).toMatchObject({ changed: 0, left: [{}] });
    await expect(aged(500, touch)).rejects.toThrow("violates row-level security policy");
  });

  test("cannot be told as if it were of another time", async () => {
    const backdate = `\
insert into audit_entries (tenant_id, created_at, actor, actor_id, actor_name, action, subject)
values ($1, now() - interval '500 days', 'operator', '', '', 'key.revoked', 'aged')`;
    await expect(aged(0, backdate)).rejects.toThrow("permission denied");
  });

  test.each([
    [0, 0],
    [399, 0],
    [401, 1],
    [500, 1],
  ])("of %d days ago is deleted %d times by who wants all to go", async (days, gone) => {
    const one = "delete from audit_entries where tenant_id = $1 and subject = 'aged'";
    expect(await aged(days, one)).toMatchObject({ changed: gone, left: { length: 1 - gone } });
    // As retention does: what goes is locked first.
    const locked = `\
with past as (select id from audit_entries where tenant_id = $1 and subject = 'aged' for update skip locked)
delete from audit_entries r using past where r.tenant_id = $1 and r.id = past.id`;
    expect(await aged(days, locked)).toMatchObject({ changed: gone, left: { length: 1 - gone } });
  });

  test("is not taken along by a statement that empties the table, or by one that replaces what is there", async () => {
    await expect(t.a.scope.query("truncate audit_entries")).rejects.toThrow("permission denied");
    const again = `\
insert into audit_entries (tenant_id, actor, actor_id, actor_name, action, subject)
select tenant_id, actor, actor_id, actor_name, action, subject from audit_entries where tenant_id = $1
on conflict (id) do update set subject = 'another'`;
    await expect(aged(0, again)).rejects.toThrow("permission denied");
  });
});

type Attempt = () => Promise<unknown>;
const CARD: Card = { title: "checkout", tone: "good", body: [] };
const TURN = { author: "person", body: "A's", personId: "U1", onceId: "act-9" } as const;
const WINDOW = { fromMs: Date.parse("2026-01-01T11:00:00Z"), toMs: Date.parse("2026-01-01T13:00:00Z") };

/**
 * Every exported function of the stores, called as tenant A with the ids and names that are B's. An
 * answer of B's rows, or a change to them, is a hole in the wall.
 */
const ATTEMPTS: Record<string, Record<string, Attempt>> = {
  "alerting/acknowledgements.ts": {
    acknowledgeEpisode: async () => {
      const act = { eventId: rowsOfB.anomaly_events, by: "Eve of A" };
      expect(await acknowledgements.acknowledgeEpisode(t.a.scope, act, Date.now())).toBeUndefined();
    },
  },
  "alerting/marks.ts": {
    readMarks: () =>
      t.a.scope.transaction(async (db) => {
        const marks = await markings.readMarks(t.a.scope, db, rowsOfB.anomaly_events, [CHECKOUT], 0);
        // The mute of that service is A's own.
        expect(marks.map(({ kind }) => kind)).toEqual(["muted"]);
      }),
    oweMarks: () =>
      t.a.scope.transaction((db) => markings.oweMarks(t.a.scope, db, rowsOfB.anomaly_events, 0)),
  },
  "alerting/alertDeliveries.ts": {
    listStates: () =>
      t.a.scope.transaction(async (db) => {
        expect(await alertDeliveries.listStates(t.a.scope, db, rowsOfB.anomaly_events)).toEqual([]);
      }),
    oweState: () =>
      t.a.scope
        .transaction((db) =>
          alertDeliveries.oweState(t.a.scope, db, {
            workspaceId: t.a.id,
            channel: "C1",
            of: { eventId: rowsOfB.anomaly_events },
            card: CARD,
            reports: [rowsOfB.anomaly_events],
          }),
        )
        .then(() => expect("it").toBe("refused"), foreignKey),
    stateShown: async () => {
      const owed = { ...OWED, workspaceId: t.a.id, anomalyEventId: rowsOfB.anomaly_events };
      expect(await alertDeliveries.stateShown(t.a.scope, owed)).toEqual({ posts: 0, isOwed: false });
    },
    listTold: async () => {
      const eventId = rowsOfB.anomaly_events;
      const at = { workspaceId: t.b.id, channel: "B's" };
      const state = { ...at, of: { eventId }, card: CARD, reports: [eventId] };
      await t.b.scope.transaction((db) => alertDeliveries.oweState(t.b.scope, db, state));
      const channels = async (scope: TenantScope) =>
        (await alertDeliveries.listTold(scope)).flatMap(({ channels }) =>
          channels.map(({ channel }) => channel),
        );
      expect([await channels(t.a.scope), await channels(t.b.scope)]).toEqual([[], ["B's"]]);
      await t.admin.query("delete from deliveries where channel = 'B''s'");
      await t.admin.query("delete from channel_paces where channel = 'B''s'");
    },
    // Text, and asks nobody.
    subjectSql: async () => expect(alertDeliveries.subjectSql("d")).toContain("d.notice"),
  },
  "alerting/escalations.ts": {
    oweEscalation: () =>
      t.a.scope
        .transaction((db) =>
          escalations.oweEscalation(
            t.a.scope,
            db,
            { workspaceId: t.a.id, externalId: "C1" },
            { leaderId: rowsOfB.anomaly_events, severity: "HIGH", card: CARD },
          ),
        )
        .then(() => expect("it").toBe("refused"), foreignKey),
    // Pure.
    escalationOf: async () => expect(escalations.escalationOf([], new Set())).toBeUndefined(),
    escalationCard: async () => expect(escalations.escalationCard([MEMBER], "HIGH").badge).toBe("HIGH"),
  },
  "alerting/floods.ts": {
    readFlow: () =>
      t.a.scope.transaction(async (db) => {
        const { begun } = await floods.readFlow(t.a.scope, db, { ...CHANNEL, workspaceId: t.b.id });
        expect(begun).toBe(0);
      }),
    openRoom: () =>
      t.a.scope
        .transaction(async (db) => {
          const room = floods.openRoom(t.a.scope, db);
          const full = { ...CHANNEL, workspaceId: t.b.id, policy: { flood: 1 } };
          const takes = () => room.takes(full, [rowsOfB.anomaly_events], false);
          // What stands in B's channel is not counted for A.
          expect([await takes(), await takes()]).toEqual([true, false]);
          await room.close();
        })
        .then(() => expect("it").toBe("refused"), foreignKey),
    oweFloodNotice: () =>
      t.a.scope.transaction((db) =>
        floods.oweFloodNotice(
          t.a.scope,
          db,
          { ...CHANNEL, workspaceId: t.b.id },
          { since: new Date(0), begun: 9 },
        ),
      ),
    // Pure.
    whyFlooded: async () =>
      expect(floods.whyFlooded(CHANNEL, { since: new Date(0), begun: 0 }, false)).toBeUndefined(),
    floodCard: async () => expect(floods.floodCard([], 10, 0).badge).toBe("FLOOD"),
  },
  "alerting/holds.ts": {
    keepHolds: () =>
      t.a.scope
        .transaction((db) =>
          holds.keepHolds(t.a.scope, db, [{ eventId: rowsOfB.anomaly_events, stage: "mute", reason: "A's" }]),
        )
        .then(() => expect("it").toBe("refused"), foreignKey),
    listKnownHolds: async () =>
      expect(await holds.listKnownHolds(t.a.scope)).toEqual(
        new Set([holds.holdKey(rowsOfA.anomaly_events, "mute", null, null)]),
      ),
    listHolds: async () => {
      expect(await holds.listHolds(t.a.scope, [rowsOfB.anomaly_events])).toEqual([]);
    },
    countFlooded: () =>
      t.a.scope.transaction(async (db) => {
        const at = { workspaceId: t.b.id, channel: "C1" };
        expect(await holds.countFlooded(t.a.scope, db, at, new Date(0))).toEqual([]);
      }),
    // Text, and asks nobody.
    holdKey: async () => expect(holds.holdKey("1", "mute", "w", "c")).toContain("mute"),
  },
  "alerting/incidents.ts": {
    keepKinds: () =>
      t.a.scope.transaction((db) =>
        incidents.keepKinds(t.a.scope, db, [{ id: rowsOfB.anomaly_events, kinds: ["v1:a"] }]),
      ),
    findLeaders: () =>
      t.a.scope.transaction(async (db) =>
        expect([...(await incidents.findLeaders(t.a.scope, db, [rowsOfB.anomaly_events]))]).toEqual([]),
      ),
    readSurroundings: () =>
      t.a.scope.transaction(async (db) =>
        expect(await incidents.readSurroundings(t.a.scope, db, [rowsOfB.anomaly_events], [])).toEqual({
          fresh: [],
          open: [],
        }),
      ),
    joinIncidents: () =>
      t.a.scope.transaction((db) =>
        incidents.joinIncidents(t.a.scope, db, [
          { id: rowsOfB.anomaly_events, leaderId: rowsOfA.anomaly_events, cause: "kind" },
        ]),
      ),
    lockIncident: () =>
      t.a.scope.transaction(async (db) =>
        expect(await incidents.lockIncident(t.a.scope, db, rowsOfB.anomaly_events)).toEqual([]),
      ),
  },
  "alerting/resolutions.ts": {
    resolveIncident: async () => {
      const act = { eventId: rowsOfB.anomaly_events, by: "Eve of A" };
      expect(await resolutions.resolveIncident(t.a.scope, act, Date.now())).toBeUndefined();
    },
    // Pure.
    resolvedCard: async () =>
      expect(
        resolutions.resolvedCard(CARD, { by: "Ann", atMs: 1, leaderId: "e1", members: [MEMBER] }, []).badge,
      ).toBe("RESOLVED"),
  },
  "alerting/askInThread.ts": {
    askInThread: () =>
      t.a.scope.transaction(async (db) => {
        const owed = { ...OWED, workspaceId: t.a.id, anomalyEventId: rowsOfB.anomaly_events, sequence: 0 };
        await db.query(`update channels set policy = '{"thread":"always"}' where tenant_id = $1`, [
          t.a.scope.tenantId,
        ]);
        expect(await asking.askInThread(t.a.scope, db, { ...owed, kind: "alert" }, "M1")).toBeUndefined();
        await db.query("update channels set policy = '{}' where tenant_id = $1", [t.a.scope.tenantId]);
      }),
  },
  "alerting/channels.ts": {
    listChannels: async () => {
      const listed = await channels.listChannels(t.a.scope);
      expect(listed).toEqual([{ workspaceId: t.a.id, externalId: "C1", purpose: "alerts", policy: {} }]);
    },
    setPolicy: async () => {
      expect(
        await t.a.scope.transaction((db) =>
          channels.setPolicy({ ...t.a, id: t.b.id }, db, "C1", { thread: "ask" }),
        ),
      ).toBe(false);
      expect(
        await t.a.scope.transaction((db) => channels.setPolicy(t.a, db, "C1", { thread: "always" })),
      ).toBe(true);
    },
    endPurpose: async () =>
      expect(
        await t.a.scope.transaction((db) => channels.endPurpose({ ...t.a, id: t.b.id }, db, "C1", "alerts")),
      ).toBe(false),
    setPurpose: () => t.a.scope.transaction((db) => channels.setPurpose(t.a, db, "C1", "alerts", "U2")),
    whoSet: async () => {
      expect(await channels.whoSet(t.a, "C1")).toBe("U2");
      expect(await channels.whoSet({ ...t.a, id: t.b.id }, "C1")).toBeUndefined();
    },
    forgetChannels: async () => {
      await t.a.scope.transaction((db) => channels.forgetChannels({ ...t.a, id: t.b.id }, db));
      expect(await channels.listChannels(t.a.scope)).toHaveLength(1);
    },
  },
  "alerting/digestStore.ts": {
    listDigestEvents: async () => {
      const channel = { workspaceId: t.a.id, externalId: "C1", policy: {} };
      const listed = await digests.listDigestEvents(
        t.a.scope,
        channel,
        { fromMs: 0, untilMs: Date.now() },
        10,
      );
      expect(listed).toHaveLength(1);
      expect(listed[0]?.service).toBe("checkout");
    },
  },
  "alerting/deadLetters.ts": {
    listDeadLetters: async () => {
      await t.admin.query("update deliveries set state = 'refused', last_error = 'gone'");
      expect(await deadLetters.listDeadLetters(t.a.scope, 0)).toMatchObject([
        { workspaceId: t.a.id, service: "checkout", count: 1 },
      ]);
      await t.admin.query("update deliveries set state = 'pending', last_error = null");
    },
  },
  "alerting/mutes.ts": {
    listMutes: async () => expect(await mutes.listMutes(t.a.scope, Date.now())).toHaveLength(1),
    muteService: () =>
      t.a.scope.transaction((db) =>
        mutes.muteService(
          t.a.scope,
          db,
          { service: "checkout", endsAtMs: Date.now() + 60_000, mutedBy: "A's" },
          Date.now(),
        ),
      ),
    unmuteService: async () => {
      expect(
        await t.a.scope.transaction((db) => mutes.unmuteService(t.a.scope, db, "checkout", Date.now())),
      ).toBe(true);
      expect(await mutes.listMutes(t.a.scope, Date.now())).toEqual([]);
    },
  },
  "alerting/troubles.ts": {
    listFreshTroubles: async () => {
      const ofB = (await troubles.listFreshTroubles(t.a.scope)).filter(
        ({ workspaceId }) => workspaceId === t.b.id,
      );
      expect(ofB).toEqual([]);
    },
    readReach: async () => {
      const { shutOut, refused } = await troubles.readReach(t.a.scope, 0);
      expect([...shutOut, ...refused].filter((channel) => channel.startsWith(t.b.id))).toEqual([]);
    },
    listTroubles: async () =>
      expect((await troubles.listTroubles(t.a.scope, 10)).map(({ workspaceId }) => workspaceId)).toEqual([
        t.a.id,
      ]),
    noteTrouble: async () => {
      const trouble = { channel: "C1", reason: "not permitted", why: "A's" } as const;
      expect(await troubles.noteTrouble(t.a.scope, { ...trouble, workspaceId: t.a.id })).toBe(true);
      expect(await troubles.noteTrouble(t.a.scope, { ...trouble, workspaceId: t.a.id })).toBe(false);
    },
    clearTrouble: () => troubles.clearTrouble(t.a.scope, t.b.id, "C1"),
    noteReach: () =>
      troubles.noteReach({ ...t.a, id: t.b.id }, "C1", {
        outcome: "sent",
        message: { place: { platform: "web", workspace: "team-b", channel: "C1" }, id: "M1" },
      }),
    // These decide, and ask nobody.
    isPlaceTrouble: async () => expect(troubles.isPlaceTrouble("message gone")).toBe(false),
    mendingOf: async () => expect(troubles.mendingOf("not in channel")).toContain("invite"),
  },
  "alerting/claims.ts": {
    claimDeliveries: async () => {
      const lease = { ...LEASE, owner: rowsOfB.deliveries };
      const claimed = await claims.claimDeliveries(t.a.scope, lease, 100);
      expect(claimed.map((owed) => owed.id)).not.toContain(rowsOfB.deliveries);
      expect(claimed).toHaveLength(1);
    },
    settleDelivery: async () => {
      const owner = rowsOfB.workspaces;
      await claims.claimDeliveries(t.b.scope, { ...LEASE, owner }, 1);
      const before = await dumpTenant(t.admin, t.b.scope.tenantId);
      const settled = { state: "sent", messageId: "A's" } as const;
      await t.a.scope.transaction((db) =>
        claims.settleDelivery(t.a.scope, db, rowsOfB.deliveries, { owner }, settled),
      );
      expect(await dumpTenant(t.admin, t.b.scope.tenantId)).toEqual(before);
      await t.admin.query("update deliveries set lease_owner = null, lease_until = null, attempts = 0");
      await t.admin.query("update channel_paces set free_at = 'epoch'");
    },
  },
  "alerting/deliveries.ts": {
    // A has an equal delivery already, so this one may owe nothing; B's must not be taken for it.
    oweDelivery: () =>
      t.a.scope
        .transaction((db) =>
          deliveries.oweDelivery(t.a.scope, db, {
            workspaceId: t.a.id,
            channel: "C1",
            conversationId: rowsOfB.conversations,
            kind: "answer",
            sequence: 1,
            card: CARD,
          }),
        )
        .catch(foreignKey),
    oweNotice: () =>
      t.a.scope
        .transaction((db) =>
          deliveries.oweNotice(t.a.scope, db, {
            workspaceId: t.a.id,
            channel: "C1",
            notice: "A's",
            card: CARD,
          }),
        )
        .then(() => t.admin.query("delete from deliveries where notice is not null")),
    isNoticeOwed: async () => {
      const owed = { workspaceId: t.b.id, channel: "B's", notice: "B's" };
      await t.b.scope.transaction((db) => deliveries.oweNotice(t.b.scope, db, { ...owed, card: CARD }));
      expect(await deliveries.isNoticeOwed(t.b.scope, owed)).toBe(true);
      expect(await deliveries.isNoticeOwed(t.a.scope, owed)).toBe(false);
      await t.admin.query("delete from deliveries where notice is not null");
      await t.admin.query("delete from channel_paces where channel = 'B''s'");
    },
    deliveryBacklog: async () => expect((await deliveries.deliveryBacklog(t.a.scope)).unsent).toBe(1),
  },
  "analysis/asking.ts": {
    beginAsking: async () => {
      const conversation = await conversations.findConversation(t.b.scope, rowsOfB.conversations);
      const asking = { pack: { service: "A's" }, builtin: {}, model: {}, progress: {} } as never;
      await askings.beginAsking(t.a.scope, conversation as never, asking);
      expect(await conversations.findConversation(t.b.scope, rowsOfB.conversations)).not.toHaveProperty(
        "pack",
      );
    },
    keepGathered: async () => {
      await askings.keepGathered(t.a.scope, rowsOfB.conversations, { service: "A's" } as never);
      expect(await conversations.findConversation(t.b.scope, rowsOfB.conversations)).not.toHaveProperty(
        "pack",
      );
    },
  },
  "analysis/beginConversation.ts": {
    beginConversation: async () => {
      const window = { fromMs: 1, toMs: 2 };
      const place = { platform: "web", workspace: "team-a", channel: "C1" };
      const begin = { place, askedBy: "U1", onceId: "act-1", service: "s", namespace: "", window };
      expect((await beginnings.beginConversation(t.a, begin)).id).toBe(rowsOfA.conversations);
    },
  },
  "analysis/conversations.ts": {
    findConversation: async () =>
      expect(await conversations.findConversation(t.a.scope, rowsOfB.conversations)).toBeUndefined(),
    queuedConversations: async () => {
      const waiting = await conversations.queuedConversations(t.a);
      expect(waiting.map(({ id }) => id)).toEqual([rowsOfA.conversations]);
      expect(await conversations.queuedConversations({ ...t.a, id: t.b.id })).toEqual([]);
    },
    findConversationByThread: async () => {
      expect((await conversations.findConversationByThread(t.a, "C1", "M1"))?.id).toBe(rowsOfA.conversations);
      const mixed = { ...t.a, id: t.b.id };
      expect(await conversations.findConversationByThread(mixed, "C1", "M1")).toBeUndefined();
    },
    claimAnswer: async () =>
      t.a.scope.transaction(async (db) => {
        expect(await conversations.claimAnswer(t.a.scope, db, rowsOfB.conversations)).toBe(false);
      }),
    rememberMessage: () =>
      conversations.rememberMessage(t.a.scope, rowsOfB.conversations, messageAt("A's"), "M1"),
    closeConversation: () =>
      t.a.scope.transaction((db) =>
        conversations.closeConversation(t.a.scope, db, rowsOfB.conversations, { state: "failed", why: "" }),
      ),
    claimJoined: () =>
      t.a.scope.transaction(async (db) => {
        expect(await conversations.claimJoined(t.a.scope, db, rowsOfB.conversations)).toEqual([]);
      }),
  },
  "analysis/jobs.ts": {
    listJobs: async () => {
      expect(await jobs.listJobs(t.a.scope, { id: rowsOfB.conversations }, 10)).toEqual([]);
      const ofA = (await jobs.listJobs(t.a.scope, {}, 100)).map(({ id }) => id);
      expect(ofA).toContain(rowsOfA.conversations);
      expect(ofA).not.toContain(rowsOfB.conversations);
    },
  },
  "analysis/pages.ts": {
    listAnalyses: async () => {
      const { listAnalyses } = analysisPages;
      expect(await listAnalyses(t.a.scope, { id: rowsOfB.analysis_results }, 10)).toEqual([]);
      await t.admin.query("update feedback set verdict = 'wrong' where id = $1", [rowsOfB.feedback]);
      // The same service, and of the opinions only A's.
      const feedback = { right: 1, partly: 0, wrong: 0 };
      expect(await listAnalyses(t.a.scope, { service: "checkout" }, 10)).toMatchObject([
        { id: rowsOfA.analysis_results, feedback },
      ]);
      await t.admin.query("update feedback set verdict = 'right' where id = $1", [rowsOfB.feedback]);
    },
  },
  "analysis/turns.ts": {
    addTurn: () => turns.addTurn(t.a.scope, rowsOfB.conversations, TURN).catch(foreignKey),
    addTurnIn: () =>
      t.a.scope
        .transaction((db) => turns.addTurnIn(t.a.scope, db, rowsOfB.conversations, TURN))
        .catch(foreignKey),
    askTurn: () => turns.askTurn(t.a.scope, rowsOfB.conversations, TURN).catch(foreignKey),
    findTurn: async () =>
      expect(await turns.findTurn(t.a.scope, rowsOfB.conversation_messages)).toBeUndefined(),
    findTurnByNumber: async () => {
      const { number } = (await turns.findTurn(t.b.scope, rowsOfB.conversation_messages)) ?? { number: -1 };
      expect(await turns.findTurnByNumber(t.a.scope, rowsOfB.conversations, number)).toBeUndefined();
    },
    rememberTurnMessage: async () =>
      expect(
        await turns.rememberTurnMessage(t.a.scope, rowsOfB.conversation_messages, messageAt("A's")),
      ).toBe(false),
    claimTurn: () =>
      t.a.scope.transaction(async (db) => {
        const isClaimed = await turns.claimTurn(t.a.scope, db, rowsOfB.conversation_messages, "answered");
        expect(isClaimed).toBe(false);
      }),
    queuedTurns: async () => {
      const mixed = { ...t.a, id: t.b.id };
      expect(await turns.queuedTurns(mixed)).toEqual([]);
    },
    lastTurns: async () => expect(await turns.lastTurns(t.a.scope, rowsOfB.conversations, 10)).toEqual([]),
    countQuestionsBefore: async () => {
      const all = { conversationId: rowsOfB.conversations, number: 2_000_000_000 };
      expect(await turns.countQuestionsBefore(t.a.scope, all)).toBe(0);
    },
    listSpeakers: async () => expect(await turns.listSpeakers(t.a.scope, rowsOfB.conversations)).toEqual([]),
  },
  "analysis/waiting.ts": {
    askAlone: () => t.a.scope.transaction((db) => waiting.askAlone(t.a.scope, db)),
    checkRoom: async () => {
      const asked = { author: "person", personId: "busy", body: "why?", state: "queued" };
      const insert =
        "insert into conversation_messages (tenant_id, conversation_id, author, person_id, body, once_id, state) values ($1, $2, $3, $4, $5, $6, $7)";
      const of = [t.b.scope.tenantId, rowsOfB.conversations, ...Object.values(asked).slice(0, 3)];
      for (let i = 0; i < 5; i++) await t.admin.query(insert, [...of, `busy ${i}`, asked.state]);
      const room = (scope: typeof t.a.scope) =>
        scope.transaction((db) => waiting.checkRoom(scope, db, "busy"));
      await expect(room(t.b.scope)).rejects.toThrow("You have 5 questions waiting");
      await expect(room(t.a.scope)).resolves.toBeUndefined();
      await t.admin.query("delete from conversation_messages where person_id = 'busy'");
    },
    longestWaiting: async () => {
      const tasks = await waiting.longestWaiting(t.a.scope, 100);
      expect(tasks.map(({ tenantId }) => tenantId)).toEqual(tasks.map(() => t.a.scope.tenantId));
      expect(tasks.map(({ id }) => id)).not.toContain(rowsOfB.conversations);
    },
  },
  "models/choices.ts": {
    findChoice: async () => expect(await choices.findChoice(t.a.scope)).toMatchObject({ dailyTokens: 7 }),
    choose: () =>
      t.a.scope.transaction((db) => choices.choose(t.a.scope, db, { provider: "builtin" }, "A's")),
    setBudget: () =>
      t.a.scope.transaction((db) => choices.setBudget(t.a.scope, db, { dailyTokens: 7 }, "A's")),
  },
  "models/calls.ts": {
    reserveCall: async () => {
      const call = { provider: "openai", model: "m", purpose: "question" } as const;
      const reckoned = { inputTokens: 1, outputTokens: 1, costUsd: undefined };
      // B's call of 100 tokens takes nothing of A's budget, and A's own does.
      const reserved = await calls.reserveCall(t.a.scope, { ...call, ...reckoned }, { dailyTokens: 102 });
      expect(reserved).toHaveProperty("id");
    },
    settleCall: () => calls.settleCall(t.a.scope, rowsOfB.model_calls, { sent: true }),
    lastFailure: async () => {
      const failed = "update model_calls set state = $2, error = $3 where id = $1";
      await t.admin.query(failed, [rowsOfB.model_calls, "failed", "B's"]);
      expect(await calls.lastFailure(t.b.scope)).toBe("B's");
      expect(await calls.lastFailure(t.a.scope)).toBeUndefined();
      await t.admin.query(failed, [rowsOfB.model_calls, "asking", null]);
    },
    spentToday: async () => expect((await calls.spentToday(t.a.scope)).tokens).toBeLessThan(200),
  },
  "analysis/store.ts": {
    findAnalysis: async () =>
      expect(await analyses.findAnalysis(t.a.scope, rowsOfB.analysis_results)).toBeUndefined(),
    newestAnalysisIn: async () =>
      expect(
        await analyses.newestAnalysisIn(t.a.scope, { workspaceId: t.b.id, channel: "C1" }),
      ).toBeUndefined(),
    listJudged: async () => expect(await analyses.listJudged(t.a.scope)).toHaveLength(1),
    countJudgedAbstentions: async () => {
      const name = "update analysis_results set names_cause = $2 where id = $1";
      await t.admin.query(name, [rowsOfB.analysis_results, false]);
      expect(await analyses.countJudgedAbstentions(t.b.scope)).toMatchObject({ judged: 1 });
      expect(await analyses.countJudgedAbstentions(t.a.scope)).toEqual({ judged: 0, right: 0 });
      await t.admin.query(name, [rowsOfB.analysis_results, true]);
    },
    findPastAnalyses: async () =>
      expect(
        (
          await analyses.findPastAnalyses(
            t.a.scope,
            [{ service: "checkout", namespace: "shop", fingerprint: "v1:1" }],
            { fromMs: Date.now() + 60_000, toMs: Date.now() + 120_000 },
          )
        ).map(({ id }) => id),
      ).toEqual([rowsOfA.analysis_results]),
    insertAnalysis: () =>
      t.a.scope
        .transaction((db) =>
          analyses.insertAnalysis(t.a.scope, db, rowsOfB.error_clusters, ANSWER, {
            clusters: [],
            quieter: [],
            deploys: [],
          } as never),
        )
        .catch(foreignKey),
    keepFeedback: async () =>
      expect(
        await analyses.keepFeedback(t.a.scope, {
          analysisId: rowsOfB.analysis_results,
          workspaceId: t.a.id,
          personId: "U1",
          verdict: "wrong",
        }),
      ).toBe(false),
  },
  "anomalies/store.ts": {
    listOpenLeaders: async () =>
      expect(await anomalies.listOpenLeaders(t.a.scope, ["shop"])).toEqual([rowsOfA.anomaly_events]),
    listAnomalies: async () => {
      const listed = await anomalies.listAnomalies(t.a.scope, { service: "checkout", state: "open" }, 10);
      expect(listed.map((event) => event.id)).toEqual([rowsOfA.anomaly_events]);
    },
    findAnomaliesAt: async () => {
      const ref = { service: "checkout", namespace: "shop" };
      const found = await anomalies.findAnomaliesAt(t.a.scope, ref, Date.parse("2026-01-01T13:00Z"));
      expect(found.map((event) => event.id)).toEqual([rowsOfA.anomaly_events]);
    },
    servicesOfAlertAt: async () => {
      const at = { workspaceId: t.b.id, channel: "C1", messageId: "m" };
      await t.a.scope.transaction(async (db) =>
        expect(await anomalies.servicesOfAlertAt(t.a.scope, db, at)).toEqual([]),
      );
    },
    countOpenAnomalies: async () => expect(await anomalies.countOpenAnomalies(t.a.scope)).toBe(1),
    servicesOfIncident: async () =>
      expect(await anomalies.servicesOfIncident(t.a.scope, rowsOfB.anomaly_events)).toEqual([]),
  },
  "anomalies/pages.ts": {
    pageOfAnomalies: async () => {
      const { pageOfAnomalies } = anomalyPages;
      expect(await pageOfAnomalies(t.a.scope, { id: rowsOfB.anomaly_events }, 10)).toEqual([]);
      const page = await pageOfAnomalies(t.a.scope, { service: "checkout", namespace: "shop" }, 10);
      expect(page.map(({ id }) => id)).toEqual([rowsOfA.anomaly_events]);
      // From the end of B's first page on, A's rows come at most.
      const [last] = await pageOfAnomalies(t.b.scope, {}, 1);
      const after = { id: "ffffffff-ffff-ffff-ffff-ffffffffffff", atUs: last?.atUs as string };
      expect((await pageOfAnomalies(t.a.scope, { after }, 10)).map(({ id }) => id)).toEqual([
        rowsOfA.anomaly_events,
      ]);
    },
  },
  "anomalies/baselineStore.ts": {
    saveBaselines: () =>
      t.a.scope.transaction((db) =>
        baselines.saveBaselines(t.a.scope, db, [{ ...CHECKOUT, ...RATES, detectors: Buffer.from("A's") }]),
      ),
    loadBaselines: async () => expect(await baselines.loadBaselines(t.a.scope)).toHaveLength(1),
    findBaseline: async () =>
      expect((await baselines.findBaseline(t.a.scope, CHECKOUT))?.avgLogRate).toBe(RATES.avgLogRate),
    listBaselines: async () =>
      expect(await baselines.listBaselines(t.a.scope, { service: "checkout" })).toMatchObject([
        { ...CHECKOUT, avgLogRate: RATES.avgLogRate },
      ]),
    countBaselines: async () => expect(await baselines.countBaselines(t.a.scope)).toBe(1),
    forgetBaselinesOf: async () => {
      await t.a.scope.transaction((db) => baselines.forgetBaselinesOf(t.a.scope, db, ["elsewhere"]));
      expect(await baselines.countBaselines(t.a.scope)).toBe(1);
    },
    forgetBaselines: async () => {
      await t.a.scope.transaction((db) => baselines.forgetBaselines(t.a.scope, db, Date.now()));
      expect(await baselines.countBaselines(t.a.scope)).toBe(0);
      // Later tests want a row of A's in every table.
      await t.a.scope.transaction((db) =>
        baselines.saveBaselines(t.a.scope, db, [{ ...CHECKOUT, ...RATES, detectors: Buffer.from("A's") }]),
      );
      rowsOfA.anomaly_baselines = (
        await t.a.scope.query<{ id: string }>("select id from anomaly_baselines")
      )[0]?.id as string;
    },
  },
  "anomalies/episodeStore.ts": {
    // A has an open one of that name too, and B's is nobody else's business.
    recentEpisodes: async () =>
      expect((await episodes.recentEpisodes(t.a.scope, 0, 0)).map(({ id }) => id)).toEqual([
        rowsOfA.anomaly_events,
      ]),
    countNewErrors: async () => expect(await episodes.countNewErrors(t.a.scope, CHECKOUT, 0)).toBe(0),
  },
  "anomalies/keepChange.ts": {
    holdIncidents: () =>
      t.a.scope.transaction(async (db) => {
        await changes.holdIncidents(t.a.scope, db);
        const { rows } = await t.admin.query("select tenant_id from anomaly_events for update skip locked");
        expect(rows).toContainEqual({ tenant_id: t.b.scope.tenantId });
      }),
    keepChange: () =>
      t.a.scope.transaction(async (db) => {
        const atMs = Date.parse("2026-01-01T13:00:00Z");
        const opens = { kind: "opens", episode: EPISODE, atMs } as const;
        expect(await changes.keepChange(t.a.scope, db, opens, true)).toBeUndefined();
        const goesOn = { kind: "goes on", isWorse: false, episode: EPISODE, atMs } as const;
        expect(await changes.keepChange(t.a.scope, db, goesOn, true)).toBe(rowsOfA.anomaly_events);
        const ends = { kind: "ends", why: "back to normal", episode: EPISODE, atMs } as const;
        expect(await changes.keepChange(t.a.scope, db, ends, true)).toBe(rowsOfA.anomaly_events);
        expect(await changes.keepChange(t.a.scope, db, ends, true)).toBeUndefined();
      }),
  },
  "anomalies/labels.ts": {
    labelEpisode: async () => {
      const label = { verdict: "right", person: { id: "U1", name: "Ann" } } as const;
      expect(await labels.labelEpisode(t.a.scope, { ...label, eventId: rowsOfB.anomaly_events })).toEqual([]);
      expect(await labels.labelEpisode(t.a.scope, { ...label, eventId: rowsOfA.anomaly_events })).toEqual([
        CHECKOUT,
      ]);
    },
    countLabels: async () =>
      t.a.scope.transaction(async (db) =>
        expect(await labels.countLabels(t.a.scope, db, Date.now())).toEqual([
          { ...CHECKOUT, right: 1, noAnomaly: 0 },
        ]),
      ),
    clearLabels: async () => {
      expect(await labels.clearLabels(t.a.scope, rowsOfB.anomaly_events)).toEqual([]);
      expect(await labels.clearLabels(t.a.scope, rowsOfA.anomaly_events)).toEqual([CHECKOUT]);
      expect(await t.a.scope.query("select from anomaly_labels")).toEqual([]);
      const label = {
        verdict: "right",
        person: { id: "U1", name: "Ann" },
        eventId: rowsOfA.anomaly_events,
      } as const;
      await labels.labelEpisode(t.a.scope, label);
      rowsOfA.anomaly_labels = (await t.a.scope.query<{ id: string }>("select id from anomaly_labels"))[0]
        ?.id as string;
    },
    // Counts, and asks nobody.
    shiftOf: async () => expect(labels.shiftOf({ right: 0, noAnomaly: 1 })).toBeGreaterThan(0),
  },
  "anomalies/maintenance.ts": {
    listMaintenance: () =>
      t.a.scope.transaction(async (db) => {
        const now = { fromMs: Date.now(), toMs: Date.now() + 1 };
        expect(await maintenance.listMaintenance(t.a.scope, db, now)).toHaveLength(1);
      }),
    endMaintenance: async () => {
      expect(
        await t.a.scope.transaction((db) =>
          maintenance.endMaintenance(t.a.scope, db, "checkout", Date.now()),
        ),
      ).toBe(true);
      expect(
        await t.a.scope.transaction((db) =>
          maintenance.endMaintenance(t.a.scope, db, "checkout", Date.now() + 1),
        ),
      ).toBe(false);
    },
    beginMaintenance: () =>
      t.a.scope.transaction((db) =>
        maintenance.beginMaintenance(t.a.scope, db, { service: "checkout", fromMs: 1, toMs: 2, setBy: "A" }),
      ),
  },
  "anomalies/settings.ts": {
    saveSettings: () =>
      t.a.scope.transaction((db) =>
        watchSettings.saveSettings(t.a.scope, db, { ...CHECKOUT, sensitivity: "high", setBy: "A" }),
      ),
    listSettings: () =>
      t.a.scope.transaction(async (db) =>
        expect(await watchSettings.listSettings(t.a.scope, db)).toEqual([
          { ...CHECKOUT, sensitivity: "high", setBy: "A" },
        ]),
      ),
  },
  "anomalies/watchStore.ts": {
    claimWatch: async () => {
      const lease = { owner: rowsOfA.workspaces, nowMs: 0, forMs: 60_000 };
      expect(await watches.claimWatch(t.a.scope, lease, Date.now())).toBeDefined();
      expect(
        await watches.claimWatch(t.a.scope, { ...lease, owner: rowsOfB.workspaces }, Date.now()),
      ).toBeUndefined();
    },
    renewWatch: async () => {
      const lease = { owner: rowsOfA.workspaces, nowMs: 0, forMs: 60_000 };
      await watches.renewWatch(t.a.scope, lease);
      await expect(watches.renewWatch(t.a.scope, { ...lease, owner: rowsOfB.workspaces })).rejects.toThrow(
        watches.LostWatch,
      );
    },
    noteFailure: () => watches.noteFailure(t.a.scope, rowsOfA.workspaces, "A's", 0),
    finishScan: () =>
      t.a.scope.transaction((db) =>
        watches.finishScan(t.a.scope, db, {
          owner: rowsOfA.workspaces,
          fromMs: Date.parse("2026-01-01T12:00:00Z"),
          untilMs: Date.parse("2026-01-01T12:01:00Z"),
          learnedFromMs: undefined,
          kindsFromMs: undefined,
          silentSinceMs: undefined,
        }),
      ),
    releaseWatch: () => watches.releaseWatch(t.a.scope, rowsOfA.workspaces),
    findWatch: async () =>
      expect((await watches.findWatch(t.a.scope))?.scannedUntilMs).toBe(Date.parse("2026-01-01T12:01:00Z")),
    setLive: async () => {
      expect(
        await t.a.scope.transaction((db) =>
          watches.setLive(t.a.scope, db, { isLive: true, setBy: "A", nowMs: 0 }),
        ),
      ).toBe(true);
      expect(
        await t.a.scope.transaction((db) =>
          watches.setLive(t.a.scope, db, { isLive: true, setBy: "A", nowMs: 1 }),
        ),
      ).toBe(false);
    },
    markSummarised: () =>
      t.a.scope.transaction(async (db) => {
        expect(await watches.markSummarised(t.a.scope, db, "2026-01-01")).toBe(false);
        expect(await watches.markSummarised(t.a.scope, db, "2026-01-02")).toBe(true);
      }),
    forgetWatched: async () => {
      await t.a.scope.transaction((db) => watches.forgetWatched(t.a.scope, db));
      expect((await watches.findWatch(t.a.scope))?.scannedUntilMs).toBeUndefined();
    },
    LostWatch: async () => expect(new watches.LostWatch("")).toBeInstanceOf(Error),
  },
  "audit/entries.ts": {
    listEntries: async () => {
      const listed = await audit.listEntries(t.a.scope, { about: "key" }, 100);
      expect(listed.map(({ id }) => id)).toEqual([rowsOfA.audit_entries]);
    },
    addEntry: async () => {
      const entry = { actor: { kind: "operator" }, action: "role.changed", subject: "A's" } as const;
      await t.a.scope.transaction((db) => audit.addEntry(t.a.scope, db, entry));
      const mixed = t.a.scope.transaction((db) => audit.addEntry(t.b.scope, db, entry));
      await expect(mixed).rejects.toThrow("violates row-level security policy");
    },
  },
  "http/api/requests.ts": {
    // A key of A has a request of that name too; B's is neither found nor taken up.
    beginRequest: async () => {
      const { beginRequest } = requests;
      const held = { key: keyOf(rowsOfA), onceKey: "act-1", atMs: Date.now() };
      expect(await beginRequest(held, "A's")).toEqual({ is: "another" });
      await t.admin.query("update api_requests set status = 200, answer = 'B''s' where id = $1", [
        rowsOfB.api_requests,
      ]);
      // As A, with the id of B's key: nothing can hang on it.
      const mixed = { ...keyOf(rowsOfA), id: rowsOfB.api_keys };
      await beginRequest({ ...held, key: mixed }, "of another request").then(
        () => expect("it").toBe("refused"),
        foreignKey,
      );
      await t.admin.query("update api_requests set status = null, answer = null where id = $1", [
        rowsOfB.api_requests,
      ]);
    },
    endRequest: () => requests.endRequest(heldOfB(), 200, "A's"),
    leaveRequest: () => requests.leaveRequest(heldOfB()),
  },
  "keys/careStore.ts": {
    listEnding: async () => {
      const ends = "update api_keys set expires_at = $1";
      await t.admin.query(ends, ["2026-02-01T00:00:00Z"]);
      const range = { fromMs: Date.parse("2026-01-01"), toMs: Date.parse("2026-03-01") };
      expect((await keysCare.listEnding(t.a.scope, range)).map(({ id }) => id)).toEqual([rowsOfA.api_keys]);
      await t.admin.query(ends, [null]);
    },
    listUnused: async () => {
      const later = Date.now() + 60_000;
      await t.admin.query("update api_keys set name = 'b''s' where id = $1", [rowsOfB.api_keys]);
      expect(await keysCare.listUnused(t.a.scope, later, later)).toEqual(["ci"]);
      await t.admin.query("update api_keys set name = 'ci' where id = $1", [rowsOfB.api_keys]);
    },
    listNeverShown: async () => {
      const show = "update api_keys set shown_at = $2 where id = $1";
      await t.admin.query(show, [rowsOfB.api_keys, null]);
      expect(await keysCare.listNeverShown(t.a.scope, Date.now() + 60_000)).toEqual([]);
      expect(await keysCare.listNeverShown(t.b.scope, Date.now() + 60_000)).toHaveLength(1);
      await t.admin.query(show, [rowsOfB.api_keys, "2026-01-01T12:00:00Z"]);
    },
  },
  "keys/store.ts": {
    listKeys: async () =>
      expect((await keys.listKeys(t.a.scope, 0)).map(({ id }) => id)).toEqual([rowsOfA.api_keys]),
    countKeys: async () => expect(await keys.countKeys(t.a.scope)).toBe(1),
    findKey: async () => expect((await keys.findKey(t.a.scope, "CI"))?.id).toBe(rowsOfA.api_keys),
    lockKey: () =>
      t.a.scope.transaction(async (db) => {
        expect((await keys.lockKey(t.a.scope, db, "CI"))?.id).toBe(rowsOfA.api_keys);
      }),
    replaceKey: () =>
      t.a.scope.transaction((db) =>
        keys.replaceKey(t.a.scope, db, rowsOfB.api_keys, { nowMs: 1, untilMs: 2 }),
      ),
    insertKey: async () => {
      // The id of B's is taken, whoever's it is; the row stays B's.
      const key = {
        id: rowsOfB.api_keys,
        name: "A's",
        keyHash: "A's",
        scopes: [],
        lastFour: "",
        createdBy: "",
      };
      const inserting = t.a.scope.transaction((db) => keys.insertKey(t.a.scope, db, key));
      await expect(inserting).rejects.toThrow("duplicate key");
    },
    takeName: async () => {
      await t.admin.query("update api_keys set shown_at = null where id = $1", [rowsOfB.api_keys]);
      await t.a.scope.transaction(async (db) => {
        expect(await keys.takeName(t.a.scope, db, rowsOfB.api_keys, Date.now())).toBeUndefined();
      });
      const { rows } = await t.admin.query("select shown_at from api_keys where id = $1", [rowsOfB.api_keys]);
      expect(rows).toEqual([{ shown_at: null }]);
      await t.admin.query("update api_keys set shown_at = '2026-01-01T12:00:00Z' where id = $1", [
        rowsOfB.api_keys,
      ]);
    },
    revokeKey: () =>
      t.a.scope.transaction(async (db) => {
        expect(await keys.revokeKey(t.a.scope, db, rowsOfB.api_keys, Date.now())).toBeUndefined();
      }),
    // Both have one of that name. Later tests want a row of A's in every table: it stays, revoked.
    revokeKeys: () =>
      t.a.scope.transaction(async (db) => {
        const revoked = await keys.revokeKeys(t.a.scope, db, "CI", Date.now());
        expect(revoked.map(({ id }) => id)).toEqual([rowsOfA.api_keys]);
      }),
    noteUse: () => keys.noteUse(t.a.scope, rowsOfB.api_keys, Date.now()),
    // Decides, and asks nobody.
    isNameTaken: async () => expect(keys.isNameTaken(new Error("no"))).toBe(false),
  },
  "keys/issue.ts": {
    actingOutside: async () => {
      const purpose = "update channels set purpose = $1";
      await t.admin.query(purpose, ["keys"]);
      const { tell } = await issue.actingOutside(t.a.scope, { kind: "operator" });
      expect(tell).toEqual([{ workspaceId: t.a.id, channel: "C1" }]);
      await t.admin.query(purpose, ["alerts"]);
    },
    // B has a key of that name, which stands in nobody else's way, and which no rotation of A's replaces.
    issueKey: async () => {
      const first = await issue.issueKey(ACTING(), KEY, HASHING);
      expect(await issue.keyWasShown(ACTING(), first, Date.now())).toMatchObject({ outcome: "works" });
      const issued = await issue.issueKey(ACTING(), KEY, HASHING, 60_000);
      expect(await issue.keyWasShown(ACTING(), issued, Date.now())).toMatchObject({
        outcome: "works",
        replaced: { id: first.raw.id },
      });
    },
    keyWasShown: async () => {
      const shown = { raw: { id: rowsOfB.api_keys, raw: "" } as RawKey, request: KEY };
      await t.admin.query("update api_keys set shown_at = null where id = $1", [rowsOfB.api_keys]);
      const end = await issue.keyWasShown(ACTING(), shown, Date.now());
      expect(end).toEqual({ outcome: "revoked", why: "not shown" });
      const { rows } = await t.admin.query("select shown_at from api_keys where id = $1", [rowsOfB.api_keys]);
      expect(rows).toEqual([{ shown_at: null }]);
      await t.admin.query("update api_keys set shown_at = '2026-01-01T12:00:00Z' where id = $1", [
        rowsOfB.api_keys,
      ]);
    },
    keyWasNotShown: () =>
      issue.keyWasNotShown(ACTING(), { id: rowsOfB.api_keys, name: "ci" }, Date.now(), "not shown"),
    endKeys: async () => {
      const ended = await issue.endKeys(ACTING(), "ci", Date.now());
      expect(ended).toHaveLength(2);
      expect(ended.map(({ id }) => id)).not.toContain(rowsOfB.api_keys);
    },
  },
  "clusters/pages.ts": {
    listClusters: async () => {
      const { listClusters } = clusterPages;
      expect(await listClusters(t.a.scope, { id: rowsOfB.error_clusters }, 10)).toEqual([]);
      const ofB = (await listClusters(t.b.scope, {}, 10)).map(({ id }) => id);
      const ofA = (await listClusters(t.a.scope, { service: "checkout", namespace: "shop" }, 10)).map(
        ({ id }) => id,
      );
      expect(ofA).toContain(rowsOfA.error_clusters);
      expect(ofA.filter((id) => ofB.includes(id))).toEqual([]);
    },
  },
  "clusters/relatedStore.ts": {
    // The second would be kept as like the first, which is B's.
    relateNew: () =>
      t.a.scope
        .transaction((db) =>
          related.relateNew(
            t.a.scope,
            db,
            [rowsOfB, rowsOfA].map(({ error_clusters: id }, at) => ({
              id,
              service: "checkout",
              namespace: "elsewhere",
              template: ["no more stock of rice", "no more stock of salt"][at] as string,
              firstSeenMs: at,
            })),
          ),
        )
        .then(() => expect("it").toBe("refused"), foreignKey),
    findRelated: async () => {
      const ids = [rowsOfB.error_clusters, rowsOfA.error_clusters];
      const found = await t.a.scope.transaction((db) => related.findRelated(t.a.scope, db, ids));
      expect([...found.keys()]).toEqual([rowsOfA.error_clusters]);
    },
    findLike: async () => {
      const rename = (template: string) =>
        t.admin.query(
          "update error_clusters set template = $2 where tenant_id = $1 and fingerprint = 'v1:0'",
          [t.b.scope.tenantId, template],
        );
      await rename("B's own stock of beans");
      expect((await related.findLike(t.a.scope, ["B's own stock of rice"])).size).toBe(0);
      expect((await related.findLike(t.b.scope, ["B's own stock of rice"])).size).toBe(1);
      await rename("no more stock of beans");
    },
  },
  "clusters/remembered.ts": {
    findByFingerprints: async () =>
      expect((await remembered.findByFingerprints(t.a.scope, ["v1:1"])).map(({ id }) => id)).toEqual([
        rowsOfA.error_clusters,
      ]),
    findByBeginnings: async () => {
      const known = (id: string) => t.admin.query("select template from error_clusters where id = $1", [id]);
      const { rows } = await known(rowsOfB.error_clusters);
      const [{ template }] = rows as [{ template: string }];
      await t.admin.query("update error_clusters set template = $2 || ' at f' where id = $1", [
        rowsOfB.error_clusters,
        template,
      ]);
      expect((await remembered.findByBeginnings(t.a.scope, [template])).size).toBe(0);
      expect((await remembered.findByBeginnings(t.b.scope, [template])).size).toBe(1);
      await t.admin.query("update error_clusters set template = $2 where id = $1", [
        rowsOfB.error_clusters,
        template,
      ]);
    },
  },
  "clusters/store.ts": {
    upsertClusters: async () => {
      const cluster = {
        service: "checkout",
        namespace: "shop",
        fingerprint: "v1:1",
        template: "A's",
        level: "FATAL",
        timesMs: [1],
        sample: "A's",
      } as const;
      const kept = await t.a.scope.transaction((db) =>
        clusters.upsertClusters(t.a.scope, db, [{ ...cluster, timesMs: [1], count: 1 }], WINDOW),
      );
      expect(kept.map((row) => row.id)).toEqual([rowsOfA.error_clusters]);
    },
    listKinds: async () => expect((await clusters.listKinds(t.a.scope, 0, 10)).length).toBeLessThanOrEqual(3),
    firstSeen: async () => {
      const [ours, theirs] = ["A's", "B's"].map((template) => ({
        service: "checkout",
        namespace: "shop",
        fingerprint: template === "A's" ? "v1:1" : "v1:nobody's",
        template,
        level: "ERROR" as const,
        timesMs: [1],
        count: 1,
        sample: template,
      }));
      const seen = await clusters.firstSeen(t.b.scope, [ours, theirs] as Parameters<
        typeof clusters.firstSeen
      >[1]);
      const { rows } = await t.admin.query<{ first_seen_at: Date }>(
        "select first_seen_at from error_clusters where id = $1",
        [rowsOfB.error_clusters],
      );
      // B has a cluster of the same names as A: it is told its own time.
      expect([...seen.values()]).toEqual(rows.map((row) => row.first_seen_at.getTime()));
    },
    findCluster: async () =>
      expect(await clusters.findCluster(t.a.scope, rowsOfB.error_clusters)).toBeUndefined(),
  },
  "console/history.ts": {
    createConsoleHistory: async () => {
      const history = consoleHistory.createConsoleHistory(t.directory, "web", "team-a");
      const mine = rowsOfA.console_messages;
      expect(await history.get(rowsOfB.console_messages)).toBeUndefined();
      expect(await history.edit(rowsOfB.console_messages, CARD)).toBeUndefined();
      expect((await history.findOnce("act-1"))?.id).toBe(mine);
      const again = {
        channel: "C1",
        author: { kind: "bot" },
        body: { card: CARD },
        onceId: "act-1",
      } as const;
      expect((await history.append(again)).id).toBe(mine);
      const newest = { limit: 10, reader: "U1" };
      expect((await history.latest({ channel: "C1" }, newest)).map(({ id }) => id)).toEqual([mine]);
      expect(await history.latest({ channel: "C1", thread: rowsOfB.console_messages }, newest)).toEqual([]);
      expect(await history.threads([mine, rowsOfB.console_messages], newest)).toEqual(new Map());
      expect((await history.changedSince("C1", 0, 10)).map((message) => message.id)).toEqual([mine]);
      await expect(
        history.append({ ...again, onceId: "act-2", thread: rowsOfB.console_messages }),
      ).rejects.toThrow("foreign key");
    },
  },
  "deploys.ts": {
    forgetDeploysIn: () => t.a.scope.transaction((db) => deploys.forgetDeploysIn(t.a.scope, db, "")),
    findMark: async () => {
      await deploys.markDeploy(t.b.scope, { ...MARK, onceId: "act-of-b" });
      expect(await deploys.findMark(t.a.scope, "act-of-b")).toBeUndefined();
      await t.b.scope.transaction((db) => deploys.forgetDeploysIn(t.b.scope, db, "act-of-b"));
    },
    findDeploysIn: () =>
      t.a.scope.transaction(async (db) =>
        expect(await deploys.findDeploysIn(t.a.scope, db, { fromMs: 0, toMs: Date.now() })).toEqual([]),
      ),
    // Marks anew what was just forgotten: later tests want a row of A's in every table.
    markDeploy: () => deploys.markDeploy(t.a.scope, MARK),
    markDeployIn: () => t.a.scope.transaction((db) => deploys.markDeployIn(t.a.scope, db, MARK)),
    findDeploys: async () => expect(await deploys.findDeploys(t.a.scope, WINDOW, "shop")).toHaveLength(1),
  },
  "filters/store.ts": {
    listFilters: async () => expect(await filters.listFilters(t.a.scope, 10)).toHaveLength(1),
    findFilter: async () =>
      expect(await filters.findFilter(t.a.scope, "MINE")).toMatchObject({ name: "mine", savedBy: "U1" }),
    deleteFilter: async () => {
      expect(await t.a.scope.transaction((db) => filters.deleteFilter(t.a.scope, db, "mine"))).toBeDefined();
      expect(
        await t.a.scope.transaction((db) => filters.deleteFilter(t.a.scope, db, "mine")),
      ).toBeUndefined();
    },
    addFilter: async () => {
      const added = { name: "Mine", filter: { service: "A's" }, savedBy: "U1" };
      const add = (added: filters.NewFilter) =>
        t.a.scope.transaction((db) => filters.addFilter(t.a.scope, db, added));
      expect(await add(added)).toBe(true);
      expect(await add({ ...added, name: "mine" })).toBe(false);
      await t.a.scope.transaction((db) => filters.deleteFilter(t.a.scope, db, "mine"));
    },
    saveFilter: async () => {
      const saved = { name: "mine", filter: { service: "A's" }, savedBy: "U1" };
      expect(await t.a.scope.transaction((db) => filters.saveFilter(t.a.scope, db, saved))).toBeUndefined();
      expect(
        await t.a.scope.transaction((db) =>
          filters.saveFilter(t.a.scope, db, { ...saved, filter: { namespace: "A's" } }),
        ),
      ).toEqual(saved.filter);
    },
  },
  "redactionRules/store.ts": {
    listPatterns: async () =>
      expect((await redactionRules.listPatterns(t.a.scope)).map(({ id }) => id)).toEqual([
        rowsOfA.redaction_patterns,
      ]),
    removePattern: async () => {
      const { removePattern } = redactionRules;
      expect(
        await t.a.scope.transaction((db) => removePattern(t.a.scope, db, rowsOfB.redaction_patterns, "A")),
      ).toBeUndefined();
      expect(
        await t.a.scope.transaction((db) => removePattern(t.a.scope, db, rowsOfA.redaction_patterns, "A")),
      ).toBeDefined();
    },
    keepPattern: async () => {
      const kept = { pattern: "cust-####", effect: "show", createdBy: "A" } as const;
      expect(
        await t.a.scope.transaction((db) => redactionRules.keepPattern(t.a.scope, db, kept)),
      ).toMatchObject(kept);
    },
  },
  "redactionRules/takeOut.ts": {
    takeOutOfKept: async () => {
      const pattern = readPattern("known") as Pattern;
      const redaction = createRedaction({ extra: [pattern] });
      expect(await takeOut.takeOutOfKept(t.a.scope, "known", redaction)).toBeGreaterThan(0);
      expect(await takeOut.takeOutOfKept(t.a.scope, "known", redaction)).toBe(0);
    },
  },
  "tenancy/alone.ts": {
    // A lock by a name that holds the id: B's is another one, which A's does not wait for.
    beAlone: () =>
      t.b.scope.transaction(async (other) => {
        await alone.beAlone(other, "filters", t.b.scope.tenantId);
        await t.a.scope.transaction((db) => alone.beAlone(db, "filters", t.a.scope.tenantId));
      }),
  },
  "tenancy/acts.ts": {
    // Both have an act of that name; A's is over its time and can be taken up, B's is nobody else's business.
    beginAct: async () => {
      expect(await acts.beginAct(t.a, "act-1", Date.now())).toBe(true);
      expect(await acts.beginAct(t.a, "act-1", Date.now())).toBe(false);
      expect(await acts.beginAct({ ...t.a, id: t.b.id }, "act-1", Date.now())).toBe(true);
    },
    endAct: () => acts.endAct(t.a, "act-1", Date.now()),
    createActs: async () => {
      const at = { platform: "web", workspace: "team-a" };
      expect(await acts.createActs(t.directory, Date.now).begin(at, "act-1")).toBe(false);
    },
  },
  "tenancy/installations.ts": {
    createInstallations: async () => {
      const kept = installations.createInstallations({
        database: t.database,
        keyring: createKeyring([{ name: "1", key: Buffer.alloc(32, 1) }]),
        cache: undefined as never,
      });
      const installation = { workspaceName: "a", installedBy: "U1", secret: "xoxb-a" };
      await kept.save("web", "team-a", installation);
      expect((await kept.find("web", "team-a"))?.secret).toBe("xoxb-a");
      expect(await kept.find("web", "team-b")).toBeUndefined();
      await kept.forget("web", "team-a");
    },
    sealAnew: () =>
      installations.sealAnew(t.database, createKeyring([{ name: "2", key: Buffer.alloc(32, 2) }])),
    // Counts alone, of all together.
    inspectSealed: async () => {
      const keyring = createKeyring([{ name: "2", key: Buffer.alloc(32, 2) }]);
      expect(Object.keys(await installations.inspectSealed(t.database, keyring))).toEqual([
        "all",
        "closed",
        "old",
      ]);
    },
    // Only names.
    isUnconnected: async () => expect(installations.isUnconnected("acme")).toBe(false),
    unconnectedOrg: async () => expect(installations.unconnectedOrg("slack", "T1")).toContain("/"),
  },
  "tenancy/invitations.ts": {
    invite: async () => {
      const word = await t.a.scope.transaction((db) => invitations.invite(t.a.scope, db, "U1", Date.now()));
      const invitation = { word, nowMs: Date.now() };
      const at = { platform: "web", externalId: "invited", workspaceName: "invited" };
      const joining = (lokiOrgId: string) => t.directory.join({ ...at, lokiOrgId }, invitation);
      expect(await joining(t.b.scope.lokiOrgId)).toBeUndefined();
      expect((await joining(t.a.scope.lokiOrgId))?.scope.tenantId).toBe(t.a.scope.tenantId);
      expect(await joining(t.a.scope.lokiOrgId)).toBeUndefined();
    },
    hashOf: async () => expect(invitations.hashOf("ab-cd")).toBe(invitations.hashOf("ABCD")),
  },
  "tenancy/directory.ts": {
    createDirectory: async () => {
      const { tenantId } = t.a.scope;
      expect(await t.directory.workspaceById(tenantId, t.b.id)).toBeUndefined();
      expect((await t.directory.findWorkspace("web", "team-a"))?.scope.tenantId).toBe(tenantId);
      expect((await t.directory.scopeOf(tenantId))?.tenantId).toBe(tenantId);
      expect(await t.directory.tenantIdOf(t.a.scope.lokiOrgId)).toBe(tenantId);
      expect(await t.directory.tenantIdOf("nobody's")).toBeUndefined();
      const key = await t.directory.keyById(rowsOfB.api_keys);
      expect([key?.scope.tenantId, key?.name]).toEqual([t.b.scope.tenantId, "ci"]);
      expect(await t.directory.keyById(rowsOfB.api_requests)).toBeUndefined();
      const asked = await t.directory.unansweredConversations(Date.now() + 60_000, 10);
      for (const { scope, id } of asked) {
        expect((await conversations.findConversation(scope, id))?.id).toBe(id);
      }
      expect(asked).toHaveLength(2);
      const owing = await t.directory.tenantsWithDueDeliveries(Date.now(), 10);
      expect(new Set(owing.map((scope) => scope.tenantId)).size).toBe(owing.length);
      expect((await t.directory.countDeliveries()).pending).toBeGreaterThanOrEqual(2);
      expect((await t.directory.countWaiting()).questions).toBeGreaterThanOrEqual(2);
      const due = { dueMs: Date.now(), nowMs: Date.now(), owner: t.a.id, failing: false };
      const toScan = await t.directory.tenantsToScan(due, 10);
      expect(new Set(toScan.map((scope) => scope.tenantId)).size).toBe(toScan.length);
      const [first] = await t.directory.tenants(undefined, 1);
      const rest = await t.directory.tenants(first?.tenantId, 10);
      expect([first, ...rest].map((scope) => scope?.tenantId)).toEqual(
        [t.a, t.b].map(({ scope }) => scope.tenantId).sort(),
      );
    },
  },
  "tenancy/perishable.ts": {
    // Of a tenant that has the same names as both: later tests want a row of A's in every table.
    forgetBatch: async () => {
      const at = { platform: "web", externalId: "team-c", workspaceName: "c", lokiOrgId: "c" };
      const c = await t.directory.connect(at);
      await fillEveryTable(t.admin, c);
      await t.admin.query("update anomaly_events set resolved_at = detected_at where tenant_id = $1", [
        c.scope.tenantId,
      ]);
      // Whoever asks for it, an entry does not go before its time.
      const early = { beforeMs: Date.parse("2200-01-01T00:00Z"), limit: 10 };
      expect(await perishable.forgetBatch(c.scope, audit.PAST_ENTRIES, early)).toEqual({ count: 0 });
      await t.admin.query(
        "update audit_entries set created_at = now() - interval '401 days' where tenant_id = $1",
        [c.scope.tenantId],
      );
      const counts: Record<string, number> = {};
      for (const each of PERISHABLES) {
        const batch = { beforeMs: Date.parse("2200-01-01T00:00Z"), limit: 10 };
        counts[each.table] = (await perishable.forgetBatch(c.scope, each, batch))?.count ?? 0;
      }
      expect(counts).toMatchObject({ anomaly_events: 1, conversations: 1, error_clusters: 2, mutes: 1 });
      expect(counts).toMatchObject({ audit_entries: 1, api_requests: 1 });
      await t.admin.query("delete from tenants where id = $1", [c.scope.tenantId]);
    },
    setRetention: async () => {
      await t.a.scope.transaction((db) => perishable.setRetention(t.a.scope, db, 91));
      expect(await perishable.retentionMs(t.b.scope)).toBe(90 * 24 * 60 * 60_000);
      await t.a.scope.transaction((db) => perishable.setRetention(t.a.scope, db, 90));
    },
    retentionMs: async () => expect(await perishable.retentionMs(t.a.scope)).toBe(90 * 24 * 60 * 60_000),
    // These decide, and ask nobody.
    forRetention: async () => expect(perishable.forRetention(7)).toBe(7),
    forLookingBack: async () => expect(perishable.forLookingBack(7)).toBeGreaterThan(7),
  },
  "tenancy/members.ts": {
    roleOf: async () => {
      const person = { id: "U1", name: "", platformAdmin: false };
      expect(await members.roleOf({ ...t.a, id: t.b.id }, person)).toBe("responder");
      expect(await members.roleOf(t.a, person)).toBe("admin");
    },
    roleToChangeRoles: () =>
      t.a.scope.transaction(async (db) => {
        const person = { id: "U1", name: "", platformAdmin: false };
        expect(await members.roleToChangeRoles({ ...t.a, id: t.b.id }, db, person)).toBe("responder");
      }),
    setRole: () => t.a.scope.transaction((db) => members.setRole(t.a, db, "U1", "viewer")),
    listMembers: async () =>
      expect(await members.listMembers(t.a, 10)).toEqual([{ externalId: "U1", role: "viewer" }]),
    // Decides, and asks nobody.
    mayAct: async () => expect(members.mayAct("viewer", "admin")).toBe(false),
  },
};

const OWED = {
  id: "",
  channel: "C1",
  kind: "alert",
  sequence: 9,
  attempts: 1,
  card: { title: "", tone: "neutral", body: [] },
} as const satisfies Record<string, unknown> as never as deliveries.OwedDelivery;
const CHECKOUT = { service: "checkout", namespace: "shop" };
const AT_NOON = Date.parse("2026-01-01T12:00:00Z");
const RATES = {
  windowFromMs: AT_NOON - 3_600_000,
  windowToMs: AT_NOON,
  avgLogRate: 7,
  avgErrorRate: 1,
  p95ErrorRate: 2,
  lastSeenMs: AT_NOON,
};
const EPISODE = {
  ...CHECKOUT,
  metric: "error_rate",
  fingerprint: "",
  direction: "up",
  startedAtMs: AT_NOON,
  detectedAtMs: AT_NOON,
  lastOddAtMs: AT_NOON,
  severity: "LOW",
  score: 1,
  baselineValue: 1,
  observedValue: 9,
  usualLow: 0,
  usualHigh: 2,
  conditions: [],
} as const satisfies Record<string, unknown> as never as Episode;

const MARK = { ...CHECKOUT, version: "A's", atMs: WINDOW.fromMs, markedBy: "U1", onceId: "act-1" };
const ANSWER = {
  provider: "builtin",
  model: "builtin-1",
  rootCause: "A's",
  summary: "A's",
  confidence: 0.5,
  confidenceReasons: [],
  cites: [],
} as const satisfies Record<string, unknown> as never;

const KEY = { name: "ci", scopes: ["read:analysis"] } as const;
const HASHING = { hash: async () => "$2b$" } as never as Parameters<typeof issue.issueKey>[2];
const ACTING = (): issue.Acting => ({ scope: t.a.scope, actor: { kind: "operator" }, tell: [] });

/** A's key, whichever rows it is asked with. */
function keyOf({ api_keys: id }: Record<TenantTable, string>) {
  return { id, name: "ci", tenant: t.a.scope, scopes: new Set<never>() };
}

/** As A, all that names the request which B has in hand, but its tenant. */
function heldOfB(): requests.Held {
  const atMs = Date.UTC(2026, 0, 1, 12) - requests.IN_HAND_MS;
  return { key: { ...keyOf(rowsOfA), id: rowsOfB.api_keys }, onceKey: "act-1", atMs };
}

/** The refusal that is wanted of a write which names another tenant's row. */
function foreignKey(error: Error): void {
  expect(error.message).toMatch("violates foreign key constraint");
}

const MODULES: Record<string, object> = {
  "alerting/acknowledgements.ts": acknowledgements,
  "alerting/alertDeliveries.ts": alertDeliveries,
  "alerting/channels.ts": channels,
  "alerting/digestStore.ts": digests,
  "alerting/deadLetters.ts": deadLetters,
  "alerting/mutes.ts": mutes,
  "alerting/troubles.ts": troubles,
  "tenancy/acts.ts": acts,
  "tenancy/alone.ts": alone,
  "tenancy/installations.ts": installations,
  "tenancy/invitations.ts": invitations,
  "alerting/askInThread.ts": asking,
  "alerting/marks.ts": markings,
  "alerting/claims.ts": claims,
  "alerting/escalations.ts": escalations,
  "alerting/floods.ts": floods,
  "alerting/holds.ts": holds,
  "alerting/incidents.ts": incidents,
  "alerting/resolutions.ts": resolutions,
  "alerting/deliveries.ts": deliveries,
  "analysis/asking.ts": askings,
  "analysis/beginConversation.ts": beginnings,
  "analysis/conversations.ts": conversations,
  "analysis/jobs.ts": jobs,
  "analysis/pages.ts": analysisPages,
  "analysis/store.ts": analyses,
  "analysis/turns.ts": turns,
  "models/calls.ts": calls,
  "models/choices.ts": choices,
  "anomalies/baselineStore.ts": baselines,
  "anomalies/episodeStore.ts": episodes,
  "anomalies/keepChange.ts": changes,
  "analysis/waiting.ts": waiting,
  "anomalies/labels.ts": labels,
  "anomalies/maintenance.ts": maintenance,
  "anomalies/settings.ts": watchSettings,
  "anomalies/pages.ts": anomalyPages,
  "anomalies/store.ts": anomalies,
  "anomalies/watchStore.ts": watches,
  "audit/entries.ts": audit,
  "clusters/pages.ts": clusterPages,
  "clusters/relatedStore.ts": related,
  "clusters/remembered.ts": remembered,
  "clusters/store.ts": clusters,
  "console/history.ts": consoleHistory,
  "deploys.ts": deploys,
  "filters/store.ts": filters,
  "http/api/requests.ts": requests,
  "keys/issue.ts": issue,
  "keys/careStore.ts": keysCare,
  "keys/store.ts": keys,
  "redactionRules/store.ts": redactionRules,
  "redactionRules/takeOut.ts": takeOut,
  "tenancy/directory.ts": directories,
  "tenancy/members.ts": members,
  "tenancy/perishable.ts": perishable,
};

describe("asked with another tenant's ids and names", () => {
  const cases = Object.entries(ATTEMPTS).flatMap(([file, attempts]) =>
    Object.entries(attempts).map(([name, attempt]) => [`${name} of ${file}`, attempt] as const),
  );

  test.each(cases)("%s reads and changes nothing of it", async (_, attempt) => {
    const before = await dumpTenant(t.admin, t.b.scope.tenantId);
    await attempt();
    expect(withoutTimes(await dumpTenant(t.admin, t.b.scope.tenantId))).toEqual(withoutTimes(before));
  });

  test("every exported function that could query has such a case", () => {
    for (const [file, module] of Object.entries(MODULES)) {
      const functions = Object.entries(module).filter(([, value]) => typeof value === "function");
      expect([file, functions.map(([name]) => name).sort()]).toEqual([
        file,
        Object.keys(ATTEMPTS[file] ?? {}).sort(),
      ]);
    }
  });

  test("every file that holds a query is among them", async () => {
    const files = await sources();
    const querying = files
      .filter(({ text }) => /\.(query|transaction)[<(]/.test(text))
      .map(({ file }) => file)
      .filter((file) => !NOT_STORES.some((other) => file === other || file.startsWith(other)));
    expect(querying.sort()).toEqual(Object.keys(MODULES).sort());
  });
});

const CHANNEL = { workspaceId: "", externalId: "C1", purpose: "alerts", policy: {} } as const;
const MEMBER = { ...EPISODE, id: "1", severity: "HIGH" } as const;
const LEASE = { forMs: 60_000, channelApartMs: 0, editsApartMs: 0 };

/** They begin transactions for stores, lay out the schema, copy the whole database, or ask for nothing that is a tenant's. */
const NOT_STORES = [
  "analysis/discussion.ts",
  "sampleReplay.ts",
  "tenancy/scope.ts",
  "database.ts",
  "databaseAdvice.ts",
  "databaseArchive.ts",
  "databaseNotices.ts",
  "migrations.ts",
  "analysis/analyst.ts",
  "analysis/leave.ts",
  "alerting/deliver.ts",
  "alerting/digest.ts",
  "alerting/notices.ts",
  "alerting/watchSummary.ts",
  "http/api/addRoute.ts",
  "http/api/audited.ts",
  "http/api/routes/mutes.ts",
  "anomalies/circumstances.ts",
  "anomalies/evidence.ts",
  "anomalies/scanTenant.ts",
  "actions/",
  "audit/refusals.ts",
  "backup/",
  "commands/audited.ts",
  "commands/connect.ts",
  "commands/errors.ts",
  "commands/keys/keyChannel.ts",
  "commands/mute.ts",
  "commands/tenant/invite.ts",
  "commands/watch/",
  "doctor/database.ts",
  "doctor/readiness.ts",
  "http/api/door.ts",
  "jobs/",
  "keys/care.ts",
  "main/patient.ts",
  "tenancy/wall.ts",
];

function withoutTimes(dump: Record<string, unknown[]>): unknown {
  return JSON.parse(JSON.stringify(dump, (key, value) => (key === "updated_at" ? undefined : value)));
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const names = await readdir(SOURCES, { recursive: true });
  return Promise.all(
    names
      .filter((name) => name.endsWith(".ts"))
      .map(async (name) => ({
        file: name.split(path.sep).join("/"),
        text: await readFile(path.join(SOURCES, name), "utf8"),
      })),
  );
}

test("nobody but the directory makes a scope", async () => {
  const makers = (await sources())
    .filter(({ text }) => text.includes("issueScope") || text.includes("Scope.issue"))
    .map(({ file }) => file);
  expect(makers.sort()).toEqual(["tenancy/directory.ts", "tenancy/scope.ts"]);
});

test("a statement that forgets the tenant never sees or touches another's rows", async () => {
  const table = fc.constantFrom(...TENANT_TABLES);
  const condition = fc.constantFrom(
    "true",
    "tenant_id is not null",
    "created_at <= now()",
    "tenant_id <> (select id from tenants)",
    "id in (select id from workspaces) or true",
    "exists (select from workspaces w where w.tenant_id <> current_tenant_id()) or true",
  );
  const statement = fc.oneof(
    fc.record({ kind: fc.constant("select" as const), table, condition }),
    fc.record({ kind: fc.constant("join" as const), table, condition: fc.constant("true"), other: table }),
    fc.record({ kind: fc.constant("update" as const), table, condition }),
    fc.record({ kind: fc.constant("delete" as const), table, condition }),
    fc.record({ kind: fc.constant("steal" as const), table, condition }),
    fc.record({ kind: fc.constant("give" as const), table, condition }),
  );
  const { tenantId } = t.a.scope;
  const before = await dumpTenant(t.admin, t.b.scope.tenantId);
  class Undo extends Error {}
  /** What nobody may change at all is not changed either. */
  const mayBeForbidden = async (db: Queryable, text: string, values: unknown[] = []) => {
    await db.query("savepoint before_change");
    await db.query(text, values).catch((error: Error) => {
      if (!/^permission denied/.test(error.message)) throw error;
      return db.query("rollback to before_change");
    });
  };

  await fc.assert(
    fc.asyncProperty(statement, async (drawn) => {
      const { kind, table, condition } = drawn;
      const work = t.a.scope.transaction(async (db) => {
        const foreign = (rows: { tenant_id: string }[]) => rows.filter((row) => row.tenant_id !== tenantId);
        switch (kind) {
          case "select": {
            const { rows } = await db.query<{ tenant_id: string }>(
              `select * from ${table} where ${condition}`,
            );
            expect(foreign(rows)).toEqual([]);
            break;
          }
          case "join": {
            const joined = `select y.tenant_id from ${table} x full join ${drawn.other} y on true`;
            const { rows } = await db.query<{ tenant_id: string }>(joined);
            expect(foreign(rows)).toEqual([]);
            break;
          }
          case "update":
            await mayBeForbidden(db, `update ${table} set created_at = '2000-01-01' where ${condition}`);
            break;
          case "delete":
            await db.query(`delete from ${table} where ${condition}`);
            break;
          case "steal":
            await mayBeForbidden(
              db,
              `update ${table} set tenant_id = $1 where tenant_id <> $1 and ${condition}`,
              [tenantId],
            );
            break;
          case "give": {
            await db.query("savepoint before_gift");
            const given = `update ${table} set tenant_id = $1 where ${condition}`;
            const refused = await db.query(given, [t.b.scope.tenantId]).then(
              ({ rowCount }) => rowCount === 0,
              (error: Error) => /row-level security|permission denied/.test(error.message),
            );
            expect(refused).toBe(true);
            await db.query("rollback to before_gift");
            break;
          }
        }
        await db.query("set local role none"); // From here on as the superuser, in the same transaction.
        expect(await dumpTenant(db, t.b.scope.tenantId)).toEqual(before);
        throw new Undo();
      });
      await work.catch((error) => {
        if (!(error instanceof Undo)) throw error;
      });
    }),
    { numRuns: 150 },
  );
});

describe("a scope's transaction", () => {
  /** One connection, so that the next user gets the very same one. */
  async function oneConnection<T>(work: (narrow: TestTenants) => Promise<T>): Promise<T> {
    const database = openDatabase({ url: t.url, log: createLog("silent"), maxConnections: 1 });
    const directory = directories.createDirectory(database);
    const again = async (externalId: string) =>
      (await directory.findWorkspace("web", externalId)) as directories.Workspace;
    try {
      return await work({ ...t, database, directory, a: await again("team-a"), b: await again("team-b") });
    } finally {
      await database.close();
    }
  }

  const backend = "select pg_backend_pid() as pid, current_setting('app.tenant_id', true) as tenant";
  interface Backend {
    pid: number;
    tenant: string;
  }

  test("that fails is rolled back, and its connection is used again, for another tenant alone", async () => {
    await oneConnection(async ({ a, b, database }) => {
      let pid = 0;
      const failing = a.scope.transaction(async (db) => {
        pid = (await db.query<Backend>(backend)).rows[0]?.pid as number;
        await db.query("update conversations set channel = 'changed' where tenant_id = $1", [
          a.scope.tenantId,
        ]);
        throw new Error("changed its mind");
      });
      await expect(failing).rejects.toThrow("changed its mind");
      expect(await b.scope.query<Backend>(backend)).toEqual([{ pid, tenant: b.scope.tenantId }]);
      expect(await a.scope.query("select channel from conversations")).toEqual([{ channel: "C1" }]);
      expect((await database.app.query(backend)).rows).toEqual([{ pid, tenant: "" }]);
    });
  });

  test("is not taken for done when a statement in it failed and somebody caught that", async () => {
    const swallowing = t.a.scope.transaction(async (db) => {
      await db.query("update conversations set channel = 'lost' where tenant_id = $1", [t.a.scope.tenantId]);
      await db.query("select 1 / 0").catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow("rolled back");
    expect(await t.a.scope.query("select channel from conversations")).toEqual([{ channel: "C1" }]);
  });

  test("takes no statement after its end, when the connection may be another tenant's", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const ended = t.a.scope.transaction(async (db) => {
      late = () => db.query("select 1");
      await Promise.all([db.query("select 1 / 0"), db.query("select 1")]);
    });
    await expect(ended).rejects.toThrow("division by zero");
    await expect(late?.()).rejects.toThrow("the transaction is over");
  });

  test("that loses its connection fails, and the connection is not used again", async () => {
    await oneConnection(async ({ a, b }) => {
      let pid = 0;
      const losing = a.scope.transaction(async (db) => {
        pid = (await db.query<Backend>(backend)).rows[0]?.pid as number;
        await t.admin.query("select pg_terminate_backend($1)", [pid]);
        await db.query("select 1");
      });
      await expect(losing).rejects.toThrow(/does not answer/);
      const [next] = await b.scope.query<Backend>(backend);
      expect(next?.tenant).toBe(b.scope.tenantId);
      expect(next?.pid).not.toBe(pid);
    });
  });

  test("that loses its connection while it does something else fails at its end", async () => {
    await oneConnection(async ({ a }) => {
      const losing = a.scope.transaction(async (db) => {
        const { rows } = await db.query<Backend>(backend);
        await t.admin.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
        // Nothing more is asked of it; the server's farewell arrives in between.
        await t.admin.query("select pg_sleep(0.05)");
        return "done";
      });
      await expect(losing).rejects.toThrow();
      expect(await a.scope.query("select 1 as one")).toEqual([{ one: 1 }]);
    });
  });

  test("keeps what people type, NUL included, in a form that PostgreSQL can hold", async () => {
    const rows = await t.a.scope.query("select $1::text as text", ["a\0b\ud800"]);
    expect(rows).toEqual([{ text: "a\uFFFDb\uFFFD" }]);
  });
});

describe("a workspace that moves to another tenant", () => {
  test("leaves everything behind, and nothing of it stands in the way", async () => {
    const move = (lokiOrgId: string) =>
      t.directory.connect({ platform: "web", externalId: "moving", workspaceName: "m", lokiOrgId });
    const before = await move("a");
    const ids = await fillEveryTable(t.admin, before).catch((error) => error);
    // Tenant a has rows of those names already; what is particular to a workspace is added here.
    expect(ids).toBeInstanceOf(Error);
    const history = consoleHistory.createConsoleHistory(t.directory, "web", "moving");
    const said = { channel: "C1", author: { kind: "bot" }, body: { card: CARD }, onceId: "act-7" } as const;
    const first = await history.append(said);

    const after = await move("c");
    expect(after.id).toBe(before.id);
    expect(await history.latest({ channel: "C1" }, { limit: 10, reader: "U1" })).toEqual([]);
    expect(await history.revision("C1")).toBe(0);
    expect(await history.get(first.id)).toBeUndefined();
    expect((await history.append(said)).id).not.toBe(first.id);
    const person = { id: "U1", name: "", platformAdmin: false };
    expect(await members.roleOf(after, person)).toBe("responder");
    await expect(
      after.scope.query(
        "insert into members (tenant_id, workspace_id, external_id, role) values ($1, $2, 'U1', 'viewer')",
        [after.scope.tenantId, after.id],
      ),
    ).resolves.toEqual([]);
    expect(await members.roleOf(after, person)).toBe("viewer");
  });
});
