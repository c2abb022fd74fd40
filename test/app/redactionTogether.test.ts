import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

let t: TestApp;
let db: pg.Client;
beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]) });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

test("what becomes of a kept text while a new pattern is taken out of it stays", async () => {
  const card = (title: string) =>
    JSON.stringify({ title, tone: "critical", body: [{ kind: "text", text: "refused for CUST-12345678" }] });
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card, next_attempt_at)
select tenant_id, id, 'general', 'n', 'notice', 0, $1, 'infinity' from workspaces`,
    [card("checkout: errors")],
  );
  await db.query("begin");
  await db.query("update deliveries set card = $1 where notice = 'n'", [card("checkout: resolved")]);
  const hidden = t.chat.type("redaction hide CUST-########", { platformAdmin: true });
  while ((await db.query("select from pg_locks where not granted")).rowCount === 0);
  await db.query("commit");
  await hidden;

  const { rows } = await db.query<{ card: { title: string } }>(
    "select card from deliveries where notice = 'n'",
  );
  expect(rows[0]?.card.title).toBe("checkout: resolved");
  expect(JSON.stringify(rows)).not.toContain("CUST-12345678");
}, 30_000);
