import { afterEach, expect, test } from "@jest/globals";
import pg from "pg";
import { createCountsSource, during, type Logged, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };

let nowMs = NOON + LAG;
let t: TestApp;
afterEach(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

/** Errors among as many lines as ever: their rate alone tells of them. */
const failing = (fromMs: number, minutes: number, otherwise: Logged) =>
  during(fromMs, fromMs + minutes * MINUTE, () => ({ lines: 62, errors: 40 }), otherwise);

/** In how many channels a message lists each episode, the first first. */
async function told(): Promise<number[]> {
  const db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  const { rows } = await db.query<{ told: number }>(
    `select count(distinct d.channel)::int as told
     from anomaly_events e left join deliveries d on d.kind = 'alert' and e.id = any(d.reports)
     group by e.id order by e.detected_at`,
  );
  await db.end();
  return rows.map((row) => row.told);
}

test("what recovers, fails again and recovers while nothing is scanned is told of twice", async () => {
  const checkout = failing(NOON + 10 * MINUTE, 10, failing(NOON + 40 * MINUTE, 5, usual(1)));
  t = await openTestApp({
    logs: createCountsSource({ checkout, payments: usual(5), catalogue: usual(9) }),
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 26 * HOUR },
  });
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("watch live", ADMIN);
  await scanUntil(NOON + 15 * MINUTE);
  expect(await told()).toEqual([1]);
  // As after an outage: the next scan is of all that came since.
  nowMs = NOON + 58 * MINUTE + LAG;
  await t.app.scan();
  expect(await told()).toEqual([1, 1]);
});
