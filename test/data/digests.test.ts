import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { listChannels, setPolicy, setPurpose } from "../../src/alerting/channels.ts";
import { oweDigests, withDigest } from "../../src/alerting/digest.ts";
import { muteService } from "../../src/alerting/mutes.ts";
import type { Policy } from "../../src/alerting/policy.ts";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Monday, nine in UTC. */
const NINE = Date.parse("2026-11-23T09:00:00Z");
const LIVE = { liveSinceMs: 0, scannedUntilMs: NINE + 48 * HOUR };

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate anomaly_events, deliveries, channels, mutes cascade");
});

async function channel(id: string, policy: Policy, every: "daily" | "weekly", zone?: string): Promise<void> {
  await t.a.scope.transaction((db) => setPurpose(t.a, db, id, "alerts", "U1"));
  const asked = { every, ...(zone !== undefined && { zone }) };
  await t.a.scope.transaction((db) =>
    setPolicy(t.a, db, id, withDigest(policy, asked, NINE - 20 * 24 * HOUR)),
  );
}

async function event(service: string, severity: string, detectedMs: number, own: { shadow?: true } = {}) {
  const [row] = await t.a.scope.query<{ id: string }>(
    `insert into anomaly_events (tenant_id, service, namespace, started_at, detected_at, last_odd_at, resolved_at, severity,
       metric, baseline_value, observed_value, deviation_factor, is_shadow)
     values ($1, $2, '', to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0),
       to_timestamp($3 / 1000.0), $4, 'error_rate', 1, 9, 9, $5) returning id`,
    [t.a.scope.tenantId, service, detectedMs, severity, own.shadow ?? false],
  );
  return row?.id as string;
}

async function owed(): Promise<{ channel: string; notice: string; text: string }[]> {
  const { rows } = await t.admin.query<{ channel: string; notice: string; card: Card }>(
    "select channel, notice, card from deliveries where notice is not null order by notice, channel",
  );
  return rows.map(({ card, ...row }) => ({ ...row, text: plainText(card) }));
}
const notices = async () => (await owed()).map((one) => `${one.channel} ${one.notice}`);

test("a digest is owed once, however many ask at once and however often, and the next on the next day", async () => {
  await channel("C1", {}, "daily");
  await oweDigests(t.a.scope, LIVE, NINE - MINUTE);
  expect(await notices()).toEqual(["C1 digest daily 2026-11-22"]);
  await Promise.all(Array.from({ length: 6 }, () => oweDigests(t.a.scope, LIVE, NINE)));
  for (let minute = 0; minute < 24 * 60; minute += 97)
    await oweDigests(t.a.scope, LIVE, NINE + minute * MINUTE);
  expect(await notices()).toEqual(["C1 digest daily 2026-11-22", "C1 digest daily 2026-11-23"]);
  await oweDigests(t.a.scope, LIVE, NINE + 24 * HOUR);
  expect(await notices()).toHaveLength(3);
});

test("each channel has its own, by its own clock, and none where none was asked for", async () => {
  await channel("C1", {}, "daily", "Asia/Tokyo");
  await channel("C2", {}, "weekly");
  await t.a.scope.transaction((db) => setPurpose(t.a, db, "C3", "alerts", "U1"));
  await oweDigests(t.a.scope, LIVE, NINE);
  expect(await notices()).toEqual(["C1 digest daily 2026-11-23", "C2 digest weekly 2026-11-23"]);
  // Midnight in UTC is nine in Tokyo.
  await oweDigests(t.a.scope, LIVE, NINE + 15 * HOUR);
  expect(await notices()).toContain("C1 digest daily 2026-11-24");
});

test("a clock that is changed between two digests posts none a second time", async () => {
  await channel("C1", {}, "daily", "Europe/Berlin");
  await oweDigests(t.a.scope, LIVE, NINE);
  const [{ policy } = { policy: {} }] = await listChannels(t.a.scope, "alerts");
  await t.a.scope.transaction((db) =>
    setPolicy(t.a, db, "C1", withDigest(policy, { every: "daily", zone: "America/New_York" }, NINE)),
  );
  for (let hour = 0; hour < 23; hour++) await oweDigests(t.a.scope, LIVE, NINE + hour * HOUR);
  expect((await notices()).filter((notice) => notice.endsWith("-23"))).toHaveLength(1);
});

test("in shadow mode there is none, and on the day on which it was asked for neither", async () => {
  await channel("C1", {}, "daily");
  await oweDigests(t.a.scope, { scannedUntilMs: NINE }, NINE);
  await t.a.scope.transaction((db) =>
    setPolicy(t.a, db, "C1", withDigest({}, { every: "daily" }, NINE + HOUR)),
  );
  await oweDigests(t.a.scope, LIVE, NINE + HOUR);
  expect(await notices()).toEqual([]);
  await oweDigests(t.a.scope, LIVE, NINE + 24 * HOUR);
  expect(await notices()).toEqual(["C1 digest daily 2026-11-24"]);
});

test("it waits for a scan that is behind, but not for long", async () => {
  await channel("C1", {}, "daily");
  const behind = { ...LIVE, scannedUntilMs: NINE - MINUTE };
  await oweDigests(t.a.scope, behind, NINE + 59 * MINUTE);
  expect(await notices()).toEqual([]);
  await oweDigests(t.a.scope, behind, NINE + 60 * MINUTE);
  expect(await notices()).toEqual(["C1 digest daily 2026-11-23"]);
});

test("it counts what the channel wants to hear of in its time, and says what was not posted there", async () => {
  await channel("C1", { severity: "HIGH", services: ["pay-*", "checkout"] }, "daily");
  await event("checkout", "CRITICAL", NINE - HOUR);
  await event("checkout", "HIGH", NINE - 24 * HOUR);
  await event("checkout", "HIGH", NINE - 24 * HOUR - 1);
  await event("pay-api", "LOW", NINE - HOUR);
  await event("search", "HIGH", NINE - HOUR);
  await event("checkout", "HIGH", NINE);
  await event("pay-api", "HIGH", NINE - 2 * HOUR, { shadow: true });
  const mute = { endsAtMs: NINE + HOUR, mutedBy: "Ann", reason: "a move" };
  for (const service of ["pay-api", "search"])
    await t.a.scope.transaction((db) => muteService(t.a.scope, db, { ...mute, service }, NINE));
  await oweDigests(t.a.scope, LIVE, NINE);
  const [{ text } = { text: "" }] = await owed();
  expect(text).toContain("Daily digest: 2 anomalies");
  expect(text).toContain("Fired: 1 CRITICAL, 1 HIGH");
  expect(text).toContain("Not posted here: 2");
  expect(text).toMatch(/Muted now[\s\S]*pay-api[\s\S]*by Ann: a move/);
  expect(text).not.toContain("search");
});

test("what the message of an incident lists was posted, and what a channel refused was not", async () => {
  await channel("C1", {}, "daily");
  const leader = await event("checkout", "HIGH", NINE - HOUR);
  const members = [
    await event("payments", "HIGH", NINE - HOUR),
    await event("catalogue", "HIGH", NINE - HOUR),
  ];
  const refused = await event("search", "HIGH", NINE - 2 * HOUR);
  await t.admin.query("update anomaly_events set leader_id = $1 where id = any($2)", [leader, members]);
  const owe = (eventId: string, reports: string[], state: string) =>
    t.admin.query(
      `insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, reports, state,
         message_id, sent_at)
       values ($1, $2, 'C1', $3, 'alert', 0, '{}', $4, $5::text, 'm', case $5::text when 'sent' then now() end)`,
      [t.a.scope.tenantId, t.a.id, eventId, reports, state],
    );
  await owe(leader, [leader, ...members], "sent");
  await owe(refused, [refused], "refused");
  await oweDigests(t.a.scope, LIVE, NINE);
  const [{ text } = { text: "" }] = await owed();
  expect(text).toContain("Daily digest: 4 anomalies");
  expect(text).toContain("Not posted here: 1");
});

test("what a channel wants to hear of is counted, however much else there was since", async () => {
  await channel("C1", { severity: "HIGH", services: ["Pay_*"] }, "weekly");
  await event("pay_api", "CRITICAL", NINE - 100 * HOUR);
  await event("pay_api", "LOW", NINE - 99 * HOUR);
  await event("payday", "HIGH", NINE - 98 * HOUR);
  await t.admin.query(
    `insert into anomaly_events (tenant_id, service, namespace, started_at, detected_at, last_odd_at, resolved_at, severity,
       metric, baseline_value, observed_value, deviation_factor)
     select $1, 'other-' || n, '', at, at, at, at, 'HIGH', 'error_rate', 1, 9, 9
     from (select n, $2::timestamptz - n * interval '1 minute' as at from generate_series(1, 600) n) made`,
    [t.a.scope.tenantId, new Date(NINE)],
  );
  await oweDigests(t.a.scope, LIVE, NINE);
  const [{ text } = { text: "" }] = await owed();
  expect(text).toContain("Weekly digest: 1 anomaly");
  expect(text).toContain("Fired: 1 CRITICAL");
});
