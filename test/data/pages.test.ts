import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { listJobs } from "../../src/analysis/jobs.ts";
import { listAnalyses } from "../../src/analysis/pages.ts";
import { pageOfAnomalies } from "../../src/anomalies/pages.ts";
import { listEntries } from "../../src/audit/entries.ts";
import { listClusters } from "../../src/clusters/pages.ts";
import type { PageEnd } from "../../src/tenancy/pages.ts";
import type { TenantScope } from "../../src/tenancy/scope.ts";
import { fillEveryTable, openTestTenants, type TenantTable, type TestTenants } from "../support/tenants.ts";

const ROWS = 60;

interface List {
  table: TenantTable;
  /** The column of the time that it is in the order of. */
  by: string;
  /** A column in which no two rows may be alike. */
  unlike: string;
  page(scope: TenantScope, from: { after?: PageEnd }, limit: number): Promise<PageEnd[]>;
}

const LISTS: List[] = [
  { table: "error_clusters", by: "last_seen_at", unlike: "fingerprint", page: listClusters },
  { table: "analysis_results", by: "created_at", unlike: "summary", page: listAnalyses },
  { table: "conversations", by: "created_at", unlike: "once_id", page: listJobs },
  { table: "audit_entries", by: "created_at", unlike: "subject", page: listEntries },
  { table: "anomaly_events", by: "detected_at", unlike: "fingerprint", page: pageOfAnomalies },
];

let t: TestTenants;
let ids: Record<TenantTable, string>;

beforeAll(async () => {
  t = await openTestTenants();
  ids = await fillEveryTable(t.admin, t.a);
  await fillEveryTable(t.admin, t.b);
});
afterAll(() => t.close());

/** Many more rows like the one that is there, by threes at the same microsecond, which is next to that of the next three. */
async function multiply({ table, by, unlike }: List): Promise<void> {
  const { rows } = await t.admin.query<{ column: string }>(
    `select column_name as column from information_schema.columns
     where table_name = $1 and column_name not in ('id', 'number') and is_generated = 'NEVER'`,
    [table],
  );
  const columns = rows.map(({ column }) => column);
  const values = columns.map((column) => {
    if (column === by) return "timestamptz '2026-01-02 12:00:00.123456Z' - n / 3 * interval '1 microsecond'";
    return column === unlike ? `${column} || ' ' || n` : column;
  });
  await t.admin.query(
    `insert into ${table} (${columns}) select ${values} from ${table} cross join generate_series(1, ${ROWS}) n where id = $1`,
    [ids[table]],
  );
}

test.each(LISTS)(
  "pages of $table hold every row once and in order, however small they are and however many rows share a time",
  async (list) => {
    await multiply(list);
    const { rows } = await t.admin.query<{ id: string }>(
      `select id from ${list.table} where tenant_id = $1 order by ${list.by} desc, id desc`,
      [t.a.scope.tenantId],
    );
    expect(rows.length).toBeGreaterThan(ROWS);
    for (const limit of [1, 7, 500]) {
      const seen: string[] = [];
      let page: PageEnd[] = [];
      do {
        const after = page.at(-1);
        page = await list.page(t.a.scope, after === undefined ? {} : { after }, limit);
        seen.push(...page.map(({ id }) => id));
      } while (page.length === limit);
      expect([limit, seen]).toEqual([limit, rows.map(({ id }) => id)]);
    }
  },
);

test.each(LISTS)(
  "a page of $table stays what it was while newer rows come in",
  async ({ table, by, page }) => {
    const first = await page(t.a.scope, {}, 10);
    const after = first.at(-1) as PageEnd;
    const before = await page(t.a.scope, { after }, 10);
    expect(before).toHaveLength(10);
    await t.admin.query(`update ${table} set ${by} = ${by} + interval '1 hour' where id = any($1)`, [
      first.slice(0, 3).map(({ id }) => id),
    ]);
    expect(await page(t.a.scope, { after }, 10)).toEqual(before);
  },
);
