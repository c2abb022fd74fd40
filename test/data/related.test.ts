import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Cluster } from "../../src/clusters/cluster.ts";
import { fingerprintOf } from "../../src/clusters/fingerprint.ts";
import { findRelated } from "../../src/clusters/relatedStore.ts";
import { upsertClusters } from "../../src/clusters/store.ts";
import type { Workspace } from "../../src/tenancy/directory.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const NOON = Date.parse("2026-01-01T12:00:00Z");
const WINDOW = { fromMs: NOON, toMs: NOON + 3_600_000 };

let t: TestTenants;

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate error_clusters cascade");
});

function cluster(template: string, atMs = NOON, more: Partial<Cluster> = {}): Cluster {
  return {
    service: "inetd",
    namespace: "",
    fingerprint: fingerprintOf(template),
    template,
    level: "ERROR",
    timesMs: [atMs],
    count: 1,
    sample: template,
    ...more,
  };
}

async function keep(clusters: readonly Cluster[], { scope }: Workspace = t.a): Promise<void> {
  await scope.transaction((db) => upsertClusters(scope, db, clusters, WINDOW));
}

async function pairs(): Promise<[later: string, earlier: string, similarity: number][]> {
  const { rows } = await t.admin.query(
    `select c.template as later, k.template as earlier, r.similarity from related_clusters r
     join error_clusters c on c.id = r.cluster_id join error_clusters k on k.id = r.related_id order by 1, 2`,
  );
  return rows.map(({ later, earlier, similarity }) => [later, earlier, similarity]);
}

test("a new cluster is kept as related to a known one, and both keep their fingerprints", async () => {
  await keep([cluster("removing chargen")]);
  expect(await pairs()).toEqual([]);
  await keep([cluster("removing daytime", NOON + 1), cluster("removing failed", NOON + 1)]);
  expect(await pairs()).toEqual([["removing daytime", "removing chargen", 0.5]]);
  const { rows } = await t.admin.query("select distinct fingerprint from error_clusters");
  expect(rows).toHaveLength(3);
});

test("so are new ones of one reading, and of two the later is said to be like the earlier", async () => {
  await keep([cluster("removing daytime", NOON + 1), cluster("removing chargen", NOON)]);
  expect(await pairs()).toEqual([["removing daytime", "removing chargen", 0.5]]);
  await keep([cluster("removing echo", NOON - 1)]);
  expect(await pairs()).toEqual([
    ["removing chargen", "removing echo", 0.5],
    ["removing daytime", "removing chargen", 0.5],
    ["removing daytime", "removing echo", 0.5],
  ]);
});

test("what is read again is related no more often than once", async () => {
  const both = [cluster("removing chargen"), cluster("removing daytime", NOON + 1)];
  for (const at of [1, 2, 3]) await keep(both.slice(0, at));
  await t.a.scope.transaction(async (db) => {
    for (const _ of [1, 2]) await upsertClusters(t.a.scope, db, [cluster("removing echo", NOON + 2)], WINDOW);
  });
  expect(await pairs()).toHaveLength(3);
});

test("clusters of another service, namespace or tenant are not related, nor are opposites", async () => {
  await keep([cluster("removing chargen"), cluster("link of eth is up")]);
  await keep([cluster("removing daytime")], t.b);
  await keep([
    cluster("removing daytime", NOON, { service: "cron" }),
    cluster("removing daytime", NOON, { namespace: "shop" }),
    cluster("link of eth is down"),
  ]);
  expect(await pairs()).toEqual([]);
});

test("a cluster that is deleted takes its likenesses along", async () => {
  await keep([cluster("removing chargen"), cluster("removing daytime", NOON + 1)]);
  await t.admin.query("delete from error_clusters where template = 'removing chargen'");
  expect(await pairs()).toEqual([]);
});

test("of several the most alike is found, of those the oldest, and never one that was seen later", async () => {
  const templates = [
    "parcels of <*> wait in this tiny queue today", // Two words apart.
    "letters of <*> wait in this small queue today",
    "orders of <*> wait in this small queue today",
    "mail of <*> wait in this small queue today",
  ] as const;
  await keep(templates.map((template, at) => cluster(template, NOON + at)));
  expect(await likeOf(templates[3])).toEqual({ service: "inetd", template: templates[1], sinceMs: NOON + 1 });

  await keep([cluster(templates[3], NOON - 1)]);
  expect(await likeOf(templates[3])).toBeUndefined();
});

async function likeOf(template: string) {
  const { rows } = await t.admin.query("select id from error_clusters where template = $1", [template]);
  const { id } = rows[0];
  return (await t.a.scope.transaction((db) => findRelated(t.a.scope, db, [id]))).get(id);
}

test("500 new ones of a service with 5,000 known ones are kept in a moment", async () => {
  const letters = (at: number) => [...String(at)].map((digit) => "bcdfghjklm"[Number(digit)]).join("");
  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) =>
      cluster(`removing ${letters(from + at)} from the queue`, NOON + at),
    );
  await keep(many(0, 5_000));
  const startedMs = performance.now();
  await keep(many(5_000, 5_500));
  // A sixth of a second on an idle machine.
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  const { rows } = await t.admin.query(
    "select count(*)::int, count(distinct cluster_id)::int as clusters from related_clusters",
  );
  expect(rows[0].clusters).toBeGreaterThanOrEqual(500);
  expect(rows[0].count).toBeLessThanOrEqual(3 * 1_500);
});
