import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { oweAlert } from "../../src/alerting/alertDeliveries.ts";
import { oweAlerts } from "../../src/alerting/alerts.ts";
import { type Deliverer, startDeliverer } from "../../src/alerting/deliver.ts";
import { claimDeliveries } from "../../src/alerting/deliveries.ts";
import type { Episode } from "../../src/anomalies/episode.ts";
import type { Severity } from "../../src/anomalies/metric.ts";
import type { Card } from "../../src/chat/card.ts";
import type { ChatPlatform, Delivery } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const EPISODE: Episode = {
  ...{ service: "checkout", namespace: "", metric: "error_rate", fingerprint: "", direction: "up" },
  ...{ startedAtMs: 0, detectedAtMs: 0, lastOddAtMs: 0, severity: "HIGH", score: 3 },
  ...{ baselineValue: 1, observedValue: 90, usualLow: 0, usualHigh: 2, conditions: [] },
};

let t: TestTenants;
let eventId: string;
const running: Deliverer[] = [];
/** What was posted and edited, in this order, and when. */
let shown: { how: "post" | "edit"; title: string; mentions: readonly string[]; atMs: number }[];
/** What comes of the next posts and edits, where they do not arrive. */
let answers: Delivery[];

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate anomaly_events cascade");
  const [event] = await t.a.scope.query<{ id: string }>(
    `insert into anomaly_events (tenant_id, service, namespace, started_at, detected_at, last_odd_at, severity, metric,
       baseline_value, observed_value, deviation_factor)
     values ($1, 'checkout', '', now(), now(), now(), 'HIGH', 'error_rate', 1, 9, 9) returning id`,
    [t.a.scope.tenantId],
  );
  eventId = event?.id as string;
  shown = [];
  answers = [];
});
afterEach(() => Promise.all(running.splice(0).map((deliverer) => deliverer.stop())));

function owe(title: string, own: Partial<Card> = {}): Promise<void> {
  const card: Card = { title, tone: "critical", body: [], ...own };
  const alert = { workspaceId: t.a.id, channel: "C1", eventId, card };
  return t.a.scope.transaction((db) => oweAlert(t.a.scope, db, alert, Date.now()));
}

function start(editsApartMs: number): void {
  const show = async (
    how: "post" | "edit",
    { title, mentions = [] }: Card,
    delivered: Delivery,
  ): Promise<Delivery> => {
    shown.push({ how, title, mentions, atMs: performance.now() });
    return answers.shift() ?? delivered;
  };
  const platform: ChatPlatform = {
    name: "web",
    limits: {} as ChatPlatform["limits"],
    start: async () => undefined,
    stop: async () => undefined,
    post: (place, card) => show("post", card, { outcome: "sent", message: { place, id: "M1" } }),
    edit: (message, card) => show("edit", card, { outcome: "sent", message }),
    tell: async () => ({ outcome: "refused", reason: "not permitted", why: "nobody is told in these tests" }),
    addressOf: async () => undefined,
    whoIs: async () => "not told",
    health: async () => ({ ok: true, summary: "", warnings: [] }),
  };
  const parts = { directory: t.directory, platforms: [platform], log: createLog("silent"), now: Date.now };
  running.push(startDeliverer({ ...parts, owner: randomUUID(), editsApartMs }));
}

async function states(): Promise<string[]> {
  const { rows } = await t.admin.query<{ said: string }>(
    "select sequence || ' ' || state || ' ' || (card ->> 'title') as said from deliveries order by sequence",
  );
  return rows.map(({ said }) => said);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error("it never came true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const titles = () => shown.map(({ how, title }) => `${how} ${title}`);
const isAllSent = async () => (await states()).every((said) => said.includes(" sent "));

test("of the states that come while none can be shown only the newest is, after the first", async () => {
  for (const title of ["began", "grew", "grew more", "over"]) await owe(title);
  expect(await states()).toEqual(["0 pending began", "1 pending over"]);
  start(0);
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit over"]);
});

test("each channel is owed an alert with those whom its own policy mentions, where it is CRITICAL", async () => {
  const channels = [
    { externalId: "C1", policy: { mention: ["U1", "&S1"] } },
    { externalId: "C2", policy: {} },
  ].map((channel) => ({ ...channel, workspaceId: t.a.id, purpose: "alerts" as const }));
  const tell = (severity: Severity) =>
    t.a.scope.transaction((db) =>
      oweAlerts(
        t.a.scope,
        db,
        channels,
        { evidence: undefined, eventId, episode: { ...EPISODE, severity } },
        Date.now(),
      ),
    );
  const mentions = async () => {
    const { rows } = await t.admin.query<{ said: string }>(
      "select channel || ' ' || coalesce(card ->> 'mentions', 'nobody') as said from deliveries order by channel",
    );
    return rows.map(({ said }) => said);
  };
  await tell("HIGH");
  expect(await mentions()).toEqual(["C1 nobody", "C2 nobody"]);
  await t.admin.query("truncate deliveries cascade");
  await tell("CRITICAL");
  expect(await mentions()).toEqual(['C1 ["U1", "&S1"]', "C2 nobody"]);
});

test("a message that somebody deleted is posted anew, and mentions nobody a second time", async () => {
  const mentions = ["U1", "&S1"];
  await owe("began", { mentions });
  start(0);
  await until(isAllSent);
  answers = [{ outcome: "refused", reason: "message gone", why: "message_not_found" }];
  await owe("grew", { mentions });
  await until(isAllSent);
  expect(shown.map(({ how, title, mentions: pinged }) => [how, title, ...pinged])).toEqual([
    ["post", "began", "U1", "&S1"],
    ["edit", "grew", "U1", "&S1"],
    ["post", "grew"],
  ]);
});

test("a message stands for a while before it is edited again", async () => {
  await owe("began");
  start(1_500);
  await until(isAllSent);
  for (const title of ["grew", "over"]) await owe(title);
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit over"]);
  const [post, edit] = shown.map(({ atMs }) => atMs) as [number, number];
  // What the database wrote down of the first is a little later than when it was shown.
  expect(edit - post).toBeGreaterThanOrEqual(1_500);
});

test("what is being sent is not changed: the newer state is owed beside it", async () => {
  await owe("began");
  start(0);
  await until(isAllSent);
  await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
  await owe("grew");
  await claimDeliveries(t.a.scope, { owner: randomUUID(), nowMs: Date.now(), forMs: 1_000 }, 1);
  await owe("over");
  expect(await states()).toEqual(["0 sent began", "1 pending grew", "2 pending over"]);
  start(0);
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit grew", "edit over"]);
});

test("an edit whose outcome nobody knows gives way to the newest state as well", async () => {
  await owe("began");
  start(0);
  await until(isAllSent);
  answers = [{ outcome: "unknown", why: "the line was cut" }];
  await owe("grew");
  await until(() => answers.length === 0);
  await until(
    async () => (await t.admin.query("select from deliveries where lease_owner is not null")).rowCount === 0,
  );
  await owe("over");
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit grew", "edit over"]);
  expect(await states()).toEqual(["0 sent began", "1 sent over"]);
});
