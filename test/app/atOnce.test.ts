import { afterEach, expect, test } from "@jest/globals";
import pg from "pg";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };

let nowMs = NOON + LAG;
let t: TestApp;
let db: pg.Client;
afterEach(async () => {
  await db.end();
  await t.close();
});

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

const fails = (seed: number, fromMs: number) =>
  during(fromMs, fromMs + HOUR, () => ({ lines: 150, errors: 90 }), usual(seed));

/** How many wait for a row that somebody else holds. */
async function waiting(): Promise<number> {
  // Within a transaction what was seen first stays.
  await db.query("select pg_stat_clear_snapshot()");
  const { rows } = await db.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0]?.count ?? 0;
}

test("who acknowledges an incident while a scan keeps it neither stops the scan nor is stopped by it", async () => {
  const at = NOON + 10 * MINUTE;
  t = await openTestApp({
    logs: createCountsSource({
      payments: fails(5, at + 2 * MINUTE),
      checkout: fails(1, at),
      third: usual(9),
    }),
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 26 * HOUR },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("watch live", ADMIN);
  await scanUntil(at + 6 * MINUTE);
  const { rows } = await db.query<{ id: string }>(
    "select id from anomaly_events where leader_id is null and exists (select from anomaly_events m where m.leader_id is not null)",
  );
  const subject = rows[0]?.id as string;
  const find = () => [...t.chat.cards].find(([, { title }]) => title.startsWith("2 services at once"));
  await until(() => find() !== undefined);
  // Who notes that it was sent would wait for the row too, and be counted.
  await until(
    async () => (await db.query("select from deliveries where state = 'pending'")).rowCount === 0,
    "all that is owed",
  );

  await db.query("begin");
  await db.query("select from anomaly_events where id = $1 for update", [subject]);
  const pressed = t.chat.press(find()?.[0] as string, { name: "anomaly.acknowledge", subject }, ADMIN);
  await until(async () => (await waiting()) === 1);
  const scanned = t.app.scan();
  await until(async () => (await waiting()) === 2);
  await db.query("commit");
  await Promise.all([pressed, scanned]);
  const { rows: watches } = await db.query("select failing_since, scanned_until from watches");
  expect(watches).toEqual([{ failing_since: null, scanned_until: new Date(nowMs - LAG) }]);
  const { rows: events } = await db.query("select acknowledged_by from anomaly_events");
  expect(events).toEqual([{ acknowledged_by: "Ann" }, { acknowledged_by: "Ann" }]);
});
