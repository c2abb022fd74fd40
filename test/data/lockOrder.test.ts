import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { settleDelivery } from "../../src/alerting/claims.ts";
import type { Change } from "../../src/anomalies/episode.ts";
import { holdIncidents, keepChange } from "../../src/anomalies/keepChange.ts";
import { until } from "../support/eventually.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MEMBER = "00000000-0000-4000-8000-000000000001";
const LEADER = "ffffffff-ffff-4fff-bfff-ffffffffffff";
const NOON = Date.UTC(2026, 10, 24, 12);

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

async function keep(id: string, service: string, leaderId: string | null, atMs: number): Promise<void> {
  await t.admin.query(
    `insert into anomaly_events (id, tenant_id, leader_id, service, namespace, metric, fingerprint, direction, started_at,
       detected_at, last_odd_at, severity, score, baseline_value, observed_value, deviation_factor, usual_low, usual_high,
       conditions, is_shadow)
     values ($1, $2, $3, $4, 'shop', 'error_rate', '', 'up', $5, $5, $5, 'HIGH', 3, 1, 90, 90, 0, 2, '[]', false)`,
    [id, t.a.scope.tenantId, leaderId, service, new Date(atMs)],
  );
}

async function waiting(count: number): Promise<void> {
  await until(async () => {
    // Within a transaction what was seen first stays.
    await t.admin.query("select pg_stat_clear_snapshot()");
    const { rows } = await t.admin.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length === count;
  });
}

test("who notes that a message was sent waits for a scan that keeps what it lists, holding none of it", async () => {
  const { scope, id: workspaceId } = t.a;
  await keep(LEADER, "checkout", null, NOON);
  await keep(MEMBER, "payments", LEADER, NOON + 60_000);
  // The member's row stands before its leader's, by whatever index it is looked up.
  for (const id of [MEMBER, LEADER])
    await t.admin.query("update anomaly_events set severity = 'MEDIUM' where id = $1", [id]);
  const owner = randomUUID();
  const { rows } = await t.admin.query<{ id: string }>(
    `insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, reports, lease_owner,
       lease_until)
     values ($1, $2, 'C1', $3, 'alert', 0, '{}', $4, $5, now() + interval '1 hour') returning id`,
    [scope.tenantId, workspaceId, LEADER, [MEMBER, LEADER], owner],
  );
  const episode = {
    ...{ service: "payments", namespace: "shop", metric: "error_rate" as const, fingerprint: "" },
    ...{ direction: "up" as const, startedAtMs: NOON, detectedAtMs: NOON, lastOddAtMs: NOON + 60_000 },
    ...{
      severity: "HIGH" as const,
      score: 3,
      baselineValue: 1,
      observedValue: 90,
      usualLow: 0,
      usualHigh: 2,
    },
    conditions: [],
  };
  const goesOn: Change = { kind: "goes on", episode, isWorse: false, atMs: NOON + 60_000 };

  await t.admin.query("begin");
  await t.admin.query("select from anomaly_events where id = $1 for update", [LEADER]);
  const kept = scope.transaction(async (db) => {
    await holdIncidents(scope, db);
    return keepChange(scope, db, goesOn, false);
  });
  await waiting(1);
  const settled = scope.transaction((db) =>
    settleDelivery(scope, db, rows[0]?.id as string, { owner }, { state: "sent", messageId: "m1" }),
  );
  await waiting(2);
  await t.admin.query("commit");
  expect(await Promise.allSettled([kept, settled])).toEqual([
    { status: "fulfilled", value: MEMBER },
    { status: "fulfilled", value: undefined },
  ]);
  const { rows: events } = await t.admin.query("select notified from anomaly_events");
  expect(events).toEqual([{ notified: true }, { notified: true }]);
});
