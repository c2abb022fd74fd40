import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };
const BEGINS = NOON + HOUR;
const names = ["checkout", "payments", "ledger", "stock"];

const counts = createCountsSource(
  Object.fromEntries(
    names.map((name, at) => [
      name,
      during(BEGINS, BEGINS + HOUR, usual(at, 60, 80 + 40 * at), usual(at + 1)),
    ]),
  ),
);
/** How long the lines of a service take, once it fails. */
let takesMs = 0;
const held: number[] = [];
const source: typeof counts = {
  ...counts,
  async *lines(org, query) {
    if (takesMs > 0 && query.services?.length === 1) {
      nowMs += takesMs;
      const { rows } = await db.query<{ until: Date | null }>("select lease_until as until from watches");
      held.push((rows[0]?.until?.getTime() ?? 0) - nowMs);
    }
    yield* counts.lines(org, query);
  },
};

let nowMs = NOON + LAG;
let t: TestApp;
let db: pg.Client;
beforeAll(async () => {
  t = await openTestApp({
    logs: source,
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 3 * 24 * HOUR },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("watch live", ADMIN);
});
afterAll(async () => {
  await db.end();
  await t.close();
});

test("the watch is kept for as long as the lines of several alerts are read, however slow the log source is", async () => {
  for (; nowMs - LAG < BEGINS; nowMs += MINUTE) await t.app.scan();
  takesMs = 40_000;
  for (let scans = 0; scans < 3 && held.length < 4; scans++) {
    nowMs += MINUTE;
    await t.app.scan();
  }
  expect(held.length).toBeGreaterThanOrEqual(4);
  expect(Math.min(...held)).toBeGreaterThan(0);
});
