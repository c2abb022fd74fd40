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

const insert = (service: string, many: number, minutesAgo: number, isOpen: boolean) =>
  db.query(
    `insert into anomaly_events (tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at, resolved_at,
       severity, metric, baseline_value, observed_value, deviation_factor)
     select id, $1, '', $1 || n, at - interval '10 minutes', at, at, case when $4 then null else now() end, 'HIGH', 'new_error', 1, 9, 9
     from tenants, generate_series(1, $2) n, lateral (select now() - $3 * interval '1 minute' as at) began`,
    [service, many, minutesAgo, isOpen],
  );
async function card(text: string) {
  const { reply } = await t.chat.type(text);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} is no card`);
  return reply.card;
}

test("what is open is listed and counted, however much came and went since", async () => {
  await insert("open-still", 1, 600, true);
  await insert("over", 25, 60, false);
  const all = await card("anomalies");
  expect(all).toMatchObject({
    title: "Anomalies: 1 open, the newest 19 resolved",
    badge: "1 OPEN",
    tone: "warning",
  });
  expect(JSON.stringify(all)).toContain("open-still");
  expect(await card("anomalies state:resolved")).toMatchObject({
    title: "Anomalies: the newest 20 resolved",
  });
  expect((await card("anomalies state:open")).title).toBe("Anomalies: 1 open");
  await insert("open-too", 25, 30, true);
  expect(await card("anomalies")).toMatchObject({ title: "Anomalies: more than 20 open" });
});

test("the home page says since when it goes on, as everything else does, and not when it was found", async () => {
  await db.query("delete from anomaly_events");
  await insert("open-still", 1, 600, true);
  const { rows } = await db.query<{ started_at: Date }>("select started_at from anomaly_events");
  const place = { platform: "recording", workspace: "T1", channel: "general" };
  const person = { id: "u1", name: "Ann", platformAdmin: true };
  const reply = await t.app.core.handle({ kind: "home", id: "home 1", place, person });
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} is no card`);
  const [, atMs] = /"since ",\{"atMs":(\d+)/.exec(JSON.stringify(reply.card)) ?? [];
  expect(Number(atMs)).toBe(rows[0]?.started_at.getTime());
});
