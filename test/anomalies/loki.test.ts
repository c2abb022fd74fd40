import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openLoki } from "../../adapters/loki/index.ts";
import { createScanner } from "../../src/anomalies/scan.ts";
import { createFingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { createLog } from "../../src/log.ts";
import { type StandInLine, type StandInLoki, startStandInLoki } from "../support/loki/standIn.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const SERVICES = 50;
/** service-7 fails from ten past twelve on. */
const BEGIN = NOON + 10 * MINUTE;

let t: TestTenants;
let server: StandInLoki;
let nowMs = NOON + MINUTE;

function* lines(): Generator<StandInLine> {
  for (let minuteMs = NOON - 24 * HOUR; minuteMs < NOON + 20 * MINUTE; minuteMs += MINUTE) {
    for (let at = 0; at < SERVICES; at++) {
      const isFailing = at === 7 && minuteMs >= BEGIN;
      for (let i = 0; i < (isFailing ? 60 : 1); i++) {
        yield {
          atNs: BigInt(minuteMs + ((at * 997 + i * 911) % MINUTE)) * 1_000_000n,
          text: isFailing ? `no route to orders-db for order ${i}` : `order ${i} placed`,
          labels: { service_name: `service-${at}`, namespace: "prod", level: isFailing ? "error" : "info" },
        };
      }
    }
  }
}

beforeAll(async () => {
  t = await openTestTenants();
  await t.admin.query("update workspaces set connected_at = null where tenant_id = $1", [t.b.scope.tenantId]);
  server = await startStandInLoki({ tenants: { a: [...lines()] }, now: () => nowMs });
});
afterAll(async () => {
  await server.close();
  await t.close();
});

test("fifty services of a Loki are learnt in a query an hour, and watched by one a minute", async () => {
  const logs = await openLoki({
    connection: { url: server.url },
    cacheOf: async () => undefined,
    log: createLog("silent"),
    now: () => nowMs,
  });
  const scanner = createScanner({
    directory: t.directory,
    logs,
    fingerprints: createFingerprintPool({ threads: 0 }),
    announcer: {
      prepare: async () => async () => undefined,
      notify: async () => undefined,
      reach: async () => ({ atMs: 0, shutOut: [], refused: [] }),
    },
    log: createLog("silent"),
    now: () => nowMs,
    owner: randomUUID(),
    lagMs: MINUTE,
    learnMs: 24 * HOUR,
  });
  const counted = () =>
    server.requests.splice(0).filter(({ params }) => params.get("query")?.includes("count_over_time"));

  await scanner.tick();
  expect(counted()).toHaveLength(24);
  const { rows } = await t.admin.query("select count(*)::int as count from anomaly_baselines");
  expect(rows).toEqual([{ count: SERVICES }]);

  for (let tick = 0; tick < 14; tick++) {
    nowMs += MINUTE;
    await scanner.tick();
    expect(counted()).toHaveLength(1);
  }
  const { rows: events } = await t.admin.query(
    "select service, namespace, metric, started_at, detected_at from anomaly_events",
  );
  expect(events).toEqual([
    {
      service: "service-7",
      namespace: "prod",
      metric: "error_rate",
      started_at: new Date(BEGIN),
      detected_at: new Date(BEGIN + MINUTE),
    },
  ]);
  await logs.close();
});
