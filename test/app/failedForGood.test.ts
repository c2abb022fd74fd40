import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const lines = createLinesSource([lineAt(Date.now() - 60_000, "connection refused to orders-db")]);
let t: TestApp;
let db: pg.Client;

beforeAll(async () => {
  t = await openTestApp({
    logs: {
      ...lines,
      async counts() {
        throw new Error("the answer of the logs was none");
      },
    },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

test("after a search that failed for good nobody goes on looking where to show how far it is", async () => {
  const { messageId } = await t.chat.type("analyze checkout", { platformAdmin: true });
  await t.chat.until(messageId, ({ badge }) => badge === "FAILED");
  await pause(1_500); // An edit comes 1.2 s after the one before it.

  // Whoever looks now waits, and can be seen.
  await db.query("begin; lock table conversations in access exclusive mode");
  await pause(1_000);
  const { rows } = await db.query(
    // Who looks every 15 s for what nobody has answered may come by just now.
    `select query from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query not like '%join tenants%'`,
  );
  await db.query("rollback");
  expect(rows).toEqual([]);
});
