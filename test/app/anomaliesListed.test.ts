import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 60 * 60_000;

let t: TestApp;
let db: pg.Client;

beforeAll(async () => {
  t = await openTestApp({
    logs: createLinesSource([lineAt(NOW_MS - 1_000, "failed")]),
    now: () => NOW_MS,
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

/** @param agoMs when it was found; it was over a minute later unless it is open */
async function found(service: string, agoMs: number, isOpen = false): Promise<void> {
  const atMs = NOW_MS - agoMs;
  await db.query(
    `\
insert into anomaly_events (tenant_id, service, namespace, metric, severity, started_at, detected_at, last_odd_at, resolved_at,
  baseline_value, observed_value, deviation_factor)
select id, $1, '', 'error_rate', 'HIGH', to_timestamp($2), to_timestamp($2), to_timestamp($2), to_timestamp($3), 1, 50, 50
from tenants where loki_org_id = 'acme'`,
    [service, atMs / 1_000, isOpen ? null : (atMs + 60_000) / 1_000],
  );
}

async function said(text: string): Promise<{ text: string; badge: string | undefined }> {
  const { reply } = await t.chat.type(text);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return { text: plainText(reply.card), badge: reply.card.badge };
}

test("what is open is listed first, however much was found and was over since", async () => {
  await found("ledger", 30 * HOUR_MS, true);
  for (let nth = 1; nth <= 25; nth++) await found("checkout", nth * 60_000);

  const all = await said("anomalies");
  expect(all.badge).toBe("1 OPEN");
  expect(all.text).toMatch(/^\[1 OPEN\] Anomalies: 1 open, the newest 19 resolved\n\n- HIGH {2}ledger/);
  expect((await said("anomalies checkout")).badge).toBe("NONE OPEN");
});

test("a service is found in whatever case it is typed, and a name that nobody knows is said to be one", async () => {
  await found("checkout", HOUR_MS);
  expect((await said("anomalies CheckOut")).text).toContain("Anomalies of checkout: ");
  const { text } = await said("anomalies chekout");
  expect(text).toContain("No anomalies of chekout");
  expect(text).toContain("Did you mean checkout?");
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
  await db.query("delete from anomaly_events");
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
