import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const BEGUN_MS = Date.now();
const logs = createLinesSource(
  Array.from({ length: 120 }, (_, n) => lineAt(BEGUN_MS - n * 1_000, "connection refused to orders-db")),
);
let t: TestApp;
let db: pg.Client;

beforeAll(async () => {
  t = await openTestApp({ logs });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

test("what is kept and cannot be queued is not said to be undone, and is answered once, as soon as it can be queued", async () => {
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

  const answer = await t.chat.until(messageId, ({ tone }) => tone !== "working");
  expect(answer.title).toMatch(/^checkout: .*cause/);
  expect([...t.chat.cards.values()].filter(({ title }) => title.startsWith("checkout:"))).toHaveLength(1);
});
