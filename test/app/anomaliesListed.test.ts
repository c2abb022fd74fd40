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
