import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { listTold } from "../../src/alerting/alertDeliveries.ts";
import { createAnnouncer } from "../../src/alerting/announce.ts";
import { readAudience } from "../../src/alerting/audience.ts";
import { listMutes } from "../../src/alerting/mutes.ts";
import { readCircumstances } from "../../src/anomalies/circumstances.ts";
import type { Change, Episode } from "../../src/anomalies/episode.ts";
import { keepChange } from "../../src/anomalies/keepChange.ts";
import { createFingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { createLog } from "../../src/log.ts";
import { leastMs } from "../support/leastMs.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const CHANNELS = 200;
const log = createLog("silent");

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(() => t.admin.query("truncate anomaly_events, channels, mutes, maintenance_windows cascade"));

function opening(service: string, namespace: string, atMs: number): Change {
  const episode: Episode = {
    ...{ service, namespace, metric: "error_rate", fingerprint: "", direction: "up" },
    ...{ startedAtMs: atMs, detectedAtMs: atMs, lastOddAtMs: atMs, severity: "HIGH", score: 3 },
    ...{ baselineValue: 1, observedValue: 90, usualLow: 0, usualHigh: 2, conditions: [] },
  };
  return { kind: "opens", episode, atMs };
}

async function channels(policy: object): Promise<void> {
  await t.admin.query(
    `insert into channels (tenant_id, workspace_id, external_id, purpose, policy)
     select $1, $2, 'C' || at, 'alerts', $3 from generate_series(1, ${CHANNELS}) at`,
    [t.a.scope.tenantId, t.a.id, policy],
  );
}

/** Tells of so much that begins at once, in the transaction that keeps it. @returns statements that this took */
async function announce(changes: readonly Change[], isLive = true): Promise<number> {
  const { scope } = t.a;
  const fingerprints = createFingerprintPool({ log });
  const announcer = createAnnouncer({ logs: createLinesSource([]), fingerprints, log, now: Date.now });
  const tell = await announcer.prepare(scope, changes, {
    ...{ isLive, goOn: async () => undefined, services: 100_000, bandOf: () => undefined },
  });
  let statements = 0;
  await scope.transaction(async (db) => {
    const ids: (string | undefined)[] = [];
    for (const change of changes) ids.push(await keepChange(scope, db, change, false));
    const counting = {
      query: (...asked: Parameters<typeof db.query>) => {
        statements += 1;
        return db.query(...asked);
      },
    };
    await tell(counting as typeof db, ids, true);
  });
  await fingerprints.close();
  return statements;
}

async function count(what: string): Promise<number> {
  const { rows } = await t.admin.query<{ count: number }>(`select count(*)::int as count from ${what}`);
  return rows[0]?.count ?? 0;
}

test("where hundreds of channels want to hear of other services, as many reasons are kept as are shown", async () => {
  await channels({ services: ["another"] });
  const nowMs = Date.now();
  await announce(Array.from({ length: 20 }, (_, at) => opening(`service-${at}`, "shop", nowMs)));
  expect(await count("held_alerts where stage = 'route'")).toBe(20 * 50);
});

test("a message in hundreds of channels is told of once, with all that it lists", async () => {
  await channels({});
  const nowMs = Date.now();
  await announce(Array.from({ length: 30 }, (_, at) => opening(`service-${at}`, "shop", nowMs)));
  const told = await listTold(t.a.scope);
  expect(told.map((one) => [one.episodes.length, one.channels.length])).toEqual([[30, CHANNELS]]);
  const heard = (await readAudience(t.a.scope, nowMs)).heardOf(opening("service-7", "shop", nowMs).episode);
  expect(heard({ workspaceId: t.a.id, externalId: "C7" })).toBe(true);
  expect(heard({ workspaceId: t.b.id, externalId: "C7" })).toBe(false);
});

test("who was told of an incident is looked up by the newest state of its message, however often it was edited", async () => {
  const nowMs = Date.now();
  await channels({});
  await announce(Array.from({ length: 3 }, (_, at) => opening(`service-${at}`, "shop", nowMs)));
  // Each of a hundred states lists a thousand.
  await t.admin.query(
    `with many as materialized (select array_agg(gen_random_uuid()) as ids from generate_series(1, 1000))
     insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, reports)
     select tenant_id, workspace_id, channel, anomaly_event_id, kind, at, card, reports || many.ids
     from deliveries, generate_series(1, 100) at, many
     where kind = 'alert' and substr(channel, 2)::int <= 100`,
  );
  let leastMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time++) {
    const fromMs = performance.now();
    const told = await listTold(t.a.scope);
    leastMs = Math.min(leastMs, performance.now() - fromMs);
    expect(told.map((one) => [one.episodes.length, one.channels.length])).toEqual([
      [3, 100],
      [3, 100],
    ]);
  }
  expect(leastMs).toBeLessThan(400);
});

test("a flood in hundreds of channels takes a few statements for each of them, however many incidents there are", async () => {
  await channels({ flood: 1 });
  const nowMs = Date.now();
  const incidents = Array.from({ length: 15 }, (_, at) => opening("gateway", `space-${at}`, nowMs));
  expect(await announce(incidents)).toBeLessThan(6 * CHANNELS);
  expect(await count("deliveries where kind = 'alert'")).toBe(CHANNELS);
  expect(await count("held_alerts where stage = 'flood'")).toBe(14 * CHANNELS);
  expect(await count("deliveries where notice like 'flood%'")).toBe(CHANNELS);
});

test("others get their turn while hundreds of channels are told of thousands of changes", async () => {
  await channels({ services: ["another-*", "service-*"] });
  const nowMs = Date.now();
  const changes = Array.from({ length: 100 }, (_, at) => opening(`service-${at}`, "shop", nowMs)).flatMap(
    (opens): Change[] => [opens, ...Array(39).fill({ ...opens, kind: "goes on", isWorse: false })],
  );
  const longest = monitorEventLoopDelay({ resolution: 5 });
  let leastMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 2; run++) {
    await t.admin.query("truncate anomaly_events cascade");
    longest.enable();
    longest.reset();
    // Who goes live while a scan keeps what it has found: no lines are read for that.
    await announce(changes, false);
    longest.disable();
    leastMs = Math.min(leastMs, longest.max / 1e6);
  }
  expect(leastMs).toBeLessThan(250);
});

test("whether it is quiet in a channel is looked up once, whatever is asked about it", async () => {
  await channels({ quiet: { fromMinute: 0, toMinute: 1_439, zone: "Europe/Berlin" } });
  const nowMs = Date.UTC(2026, 10, 24, 12);
  const audience = await readAudience(t.a.scope, nowMs);
  const changes = Array.from({ length: 200 }, (_, at) => opening(`service-${at}`, "shop", nowMs));
  expect(leastMs(() => changes.map((change) => audience.offerOf(change, true)), 2)).toBeLessThan(400);
});

test("all that is muted or worked on is left alone, however many services it is", async () => {
  const { scope } = t.a;
  const nowMs = Date.now();
  await t.admin.query(
    `insert into mutes (tenant_id, service, ends_at, muted_by)
     select $1, 'service-' || at, now() + at * interval '1 minute', 'Ann' from generate_series(1, 1000) at`,
    [scope.tenantId],
  );
  await t.admin.query(
    `insert into maintenance_windows (tenant_id, service, starts_at, ends_at, set_by)
     select $1, 'service-' || at, now() - interval '1 hour', now() + at * interval '1 minute', 'Ann'
     from generate_series(1, 1000) at`,
    [scope.tenantId],
  );
  expect(await listMutes(scope, nowMs)).toHaveLength(1_000);
  const audience = await readAudience(scope, nowMs);
  expect(audience.offerOf(opening("service-1000", "", nowMs), true).isStopped).toBe(true);
  const about = await readCircumstances(scope, { fromMs: nowMs - MINUTE, toMs: nowMs });
  const isMaintained = (service: string) => about.isMaintained({ service, namespace: "" }, nowMs - MINUTE);
  expect(["service-1", "service-1000", "service-1001"].map(isMaintained)).toEqual([true, true, false]);
});
