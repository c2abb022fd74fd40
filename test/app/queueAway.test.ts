import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startApp } from "../../src/app.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createLog } from "../../src/log.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const BEGUN_MS = Date.now();
const logs = createLinesSource(
  Array.from({ length: 120 }, (_, n) => lineAt(BEGUN_MS - n * 1_000, "connection refused to orders-db")),
);
let nowMs = BEGUN_MS;
let t: TestApp;
let db: pg.Client;

beforeAll(async () => {
  t = await openTestApp({ logs, now: () => nowMs });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

test("what is kept and cannot be queued is not said to be undone, and is answered once, by whichever instance looks next", async () => {
  await db.query(`\
create function be_away() returns trigger language plpgsql as
$$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$`);
  const { rows } = await db.query<{ name: string }>(
    "select format('jobs.%I', tablename) as name from pg_tables where schemaname = 'jobs'",
  );
  for (const { name } of rows)
    await db.query(`create trigger away before insert on ${name} for each row execute function be_away()`);

  const { reply, messageId } = await t.chat.type("analyze checkout", { platformAdmin: true });
  expect(reply.kind === "message" && plainText(reply.card)).toContain("looking for the cause");
  await db.query("drop function be_away cascade");

  nowMs += 60_000;
  const another = await startApp({
    ...{ databaseUrl: t.databaseUrl, logs, platforms: () => [t.chat], allowedOrgs: ["acme"] },
    ...{ cache: createMemoryCache({ now: () => nowMs }), log: createLog("silent"), now: () => nowMs },
    editsApartMs: 0,
  });
  try {
    const answer = await t.chat.until(messageId, ({ tone }) => tone !== "working");
    expect(answer.title).toMatch(/^checkout: .*cause/);
    expect([...t.chat.cards.values()].filter(({ title }) => title.startsWith("checkout:"))).toHaveLength(1);
  } finally {
    await another.stop();
  }
});
