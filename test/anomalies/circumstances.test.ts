import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readCircumstances } from "../../src/anomalies/circumstances.ts";
import { labelEpisode } from "../../src/anomalies/labels.ts";
import { beginMaintenance } from "../../src/anomalies/maintenance.ts";
import { createScanner } from "../../src/anomalies/scan.ts";
import type { Finding } from "../../src/anomalies/serviceWatch.ts";
import { saveSettings } from "../../src/anomalies/settings.ts";
import { createFingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { markDeploy } from "../../src/deploys.ts";
import { createLog } from "../../src/log.ts";
import { createCountsSource, during, type Logged, usual } from "../support/countsSource.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const BEGIN = NOON + 10 * MINUTE;
const END = NOON + 30 * MINUTE;
const CHECKOUT = { service: "checkout", namespace: "shop" };
/** A rise that is plain, and no catastrophe. */
const failing = during(BEGIN, END, usual(1, 60, 12), usual(1));

let t: TestTenants;

beforeAll(async () => {
  t = await openTestTenants();
  await t.admin.query("update workspaces set connected_at = null where tenant_id = $1", [t.b.scope.tenantId]);
});
afterAll(() => t.close());
beforeEach(async () => {
  for (const table of [
    "anomaly_events",
    "anomaly_baselines",
    "watches",
    "watch_settings",
    "maintenance_windows",
    "deploy_markers",
  ])
    await t.admin.query(`delete from ${table}`);
});

/** Watches checkout from noon to one, and says what was found of it. */
async function found(checkout: Logged): Promise<{ metric: string; detectedAtMs: number }[]> {
  let nowMs = NOON;
  const scanner = createScanner({
    directory: t.directory,
    logs: createCountsSource({ checkout, payments: usual(5), catalogue: usual(9) }),
    fingerprints: createFingerprintPool({ threads: 0 }),
    announcer: {
      prepare: async () => async () => undefined,
      notify: async () => undefined,
      reach: async () => ({ atMs: 0, shutOut: [], refused: [] }),
    },
    log: createLog("silent"),
    now: () => nowMs,
    owner: randomUUID(),
    lagMs: 0,
    learnMs: 3 * 24 * HOUR,
  });
  for (; nowMs <= NOON + HOUR; nowMs += MINUTE) await scanner.tick();
  const { rows } = await t.admin.query<{ metric: string; detected_at: Date }>(
    "select metric, detected_at from anomaly_events where service = 'checkout' order by detected_at, metric",
  );
  return rows.map(({ metric, detected_at }) => ({ metric, detectedAtMs: detected_at.getTime() }));
}

const metrics = async (checkout: Logged) => [...new Set((await found(checkout)).map(({ metric }) => metric))];

test("without a word from anybody it is found", async () => {
  expect(await metrics(failing)).toEqual(["error_rate"]);
});

describe("settings", () => {
  test("of the service ask for more lines than there are", async () => {
    await t.a.scope.transaction((db) =>
      saveSettings(t.a.scope, db, { ...CHECKOUT, leastLines: 10_000, setBy: "Ann" }),
    );
    expect(await metrics(failing)).toEqual([]);
  });

  test("of all services hold where nothing is said of the one", async () => {
    await t.a.scope.transaction((db) =>
      saveSettings(t.a.scope, db, { service: "", namespace: "", leastLines: 10_000, setBy: "Ann" }),
    );
    expect(await metrics(failing)).toEqual([]);
    await t.admin.query("delete from watches");
    await t.a.scope.transaction((db) =>
      saveSettings(t.a.scope, db, { ...CHECKOUT, leastLines: 5, setBy: "Ann" }),
    );
    expect(await metrics(failing)).toEqual(["error_rate"]);
  });

  test("ask for minutes in a row, and it is told so much later", async () => {
    await t.a.scope.transaction((db) =>
      saveSettings(t.a.scope, db, { ...CHECKOUT, persistenceMinutes: 5, setBy: "Ann" }),
    );
    const [first] = await found(failing);
    expect(first?.detectedAtMs).toBeGreaterThanOrEqual(BEGIN + 5 * MINUTE);
  });
});

describe("labels", () => {
  test("that say it is none, again and again, ask for what is rarer, and leave how rare it is as it is", async () => {
    const lesser = during(BEGIN, END, usual(1, 60, 5), usual(1));
    const before = [await told(lesser), await told(failing)];
    expect(before[0]).toMatchObject([{ severity: "MEDIUM" }]);
    expect(before[1]).toMatchObject([{ severity: "CRITICAL" }]);
    for (let at = 0; at < 5; at++) {
      const { rows } = await t.admin.query<{ id: string }>(
        `insert into anomaly_events (tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at, resolved_at,
           severity, metric, baseline_value, observed_value, deviation_factor)
         values ($1, 'checkout', 'shop', $2, $3, $3, $3, $3, 'LOW', 'new_error', 0, 9, 9) returning id`,
        [t.a.scope.tenantId, `v1:${at}`, new Date(NOON - 9 * HOUR)],
      );
      const label = {
        eventId: rows[0]?.id as string,
        verdict: "no anomaly",
        person: { id: "U1", name: "Ann" },
      } as const;
      await labelEpisode(t.a.scope, label);
    }
    await t.admin.query("update anomaly_labels set updated_at = $1", [new Date(NOON)]);
    expect(await told(lesser)).toEqual([]);
    expect(await told(failing)).toEqual(before[1]);
  });

  async function told(checkout: Logged): Promise<{ severity: string; score: number }[]> {
    await t.admin.query("delete from watches");
    await t.admin.query("delete from anomaly_events where metric <> 'new_error'");
    await found(checkout);
    const { rows } = await t.admin.query<{ severity: string; score: number }>(
      "select severity, score from anomaly_events where service = 'checkout' and metric = 'error_rate'",
    );
    return rows;
  }
});

describe("maintenance", () => {
  test("of the service hides it, of another one does not", async () => {
    const span = { fromMs: BEGIN - MINUTE, toMs: END + MINUTE, setBy: "Ann" };
    await t.a.scope.transaction((db) => beginMaintenance(t.a.scope, db, { ...span, service: "checkout" }));
    expect(await metrics(failing)).toEqual([]);
    for (const table of ["watches", "maintenance_windows"]) await t.admin.query(`delete from ${table}`);
    await t.a.scope.transaction((db) => beginMaintenance(t.a.scope, db, { ...span, service: "payments" }));
    expect(await metrics(failing)).toEqual(["error_rate"]);
  });
});

describe("a deploy", () => {
  const louder = during(BEGIN, NOON + 24 * HOUR, usual(1, 110, 2), usual(1));
  const deploy = { namespace: "shop", version: "v2", atMs: BEGIN - MINUTE, markedBy: "ci", onceId: "d1" };

  test("explains that a service logs more from then on, where it would be told otherwise", async () => {
    expect(await metrics(louder)).toEqual(["log_volume"]);
    for (const table of ["watches", "anomaly_events"]) await t.admin.query(`delete from ${table}`);
    await markDeploy(t.a.scope, { ...deploy, service: "checkout" });
    const after = await found(louder);
    expect(after.filter(({ detectedAtMs }) => detectedAtMs < BEGIN + 19 * MINUTE)).toEqual([]);
  });

  test("explains it however many came after it, in a day that is caught up on", async () => {
    const { scope } = t.a;
    await markDeploy(scope, { ...deploy, service: "checkout" });
    await t.admin.query(
      `insert into deploy_markers (tenant_id, service, namespace, version, deployed_at, marked_by, once_id)
       select $1, 'other', 'shop', 'v1', $2, 'ci', 'other ' || at from generate_series(1, 250) at`,
      [scope.tenantId, new Date(BEGIN + HOUR)],
    );
    const about = await readCircumstances(scope, { fromMs: NOON, toMs: NOON + 24 * HOUR });
    const finding: Finding = {
      ...{ metric: "log_volume", value: 120, lines: 60, observed: 120, expected: 60, low: 50, high: 70 },
      ...{ score: 3, severity: "HIGH", direction: "up", bucketMinutes: 1, conditions: [] },
    };
    expect(about.weighed(CHECKOUT, BEGIN, finding).score).toBe(0);
  });

  test("explains no errors", async () => {
    await markDeploy(t.a.scope, { ...deploy, service: "checkout" });
    expect(await metrics(failing)).toEqual(["error_rate"]);
  });
});
