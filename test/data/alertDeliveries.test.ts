import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { acknowledgeEpisode } from "../../src/alerting/acknowledgements.ts";
import { oweState } from "../../src/alerting/alertDeliveries.ts";
import { oweIncident } from "../../src/alerting/alerts.ts";
import { claimDeliveries } from "../../src/alerting/claims.ts";
import { type Deliverer, startDeliverer } from "../../src/alerting/deliver.ts";
import { openRoom } from "../../src/alerting/floods.ts";
import { resolveIncident } from "../../src/alerting/resolutions.ts";
import type { Episode } from "../../src/anomalies/episode.ts";
import type { Severity } from "../../src/anomalies/metric.ts";
import type { Card } from "../../src/chat/card.ts";
import type { ChatPlatform, Delivery } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import { until } from "../support/eventually.ts";
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
let shown: Shown[];
interface Shown {
  how: "post" | "edit";
  title: string;
  mentions: readonly string[];
  atMs: number;
  /** By the database's clock; how long it is on its way from there depends on what else the machine does. */
  claimedAtUs: number;
}
/** What comes of the next posts and edits, where they do not arrive. */
let answers: Delivery[];

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate anomaly_events cascade");
  await t.admin.query("truncate channel_paces");
  eventId = await event("checkout");
  shown = [];
  answers = [];
});
afterEach(() => Promise.all(running.splice(0).map((deliverer) => deliverer.stop())));

async function event(service: string): Promise<string> {
  const [made] = await t.a.scope.query<{ id: string }>(
    `insert into anomaly_events (tenant_id, service, namespace, started_at, detected_at, last_odd_at, severity, metric,
       baseline_value, observed_value, deviation_factor)
     values ($1, $2, '', now(), now(), now(), 'HIGH', 'error_rate', 1, 9, 9) returning id`,
    [t.a.scope.tenantId, service],
  );
  return made?.id as string;
}

function owe(title: string, of = eventId, channel = "C1", own: Partial<Card> = {}): Promise<void> {
  const card: Card = { title, tone: "critical", body: [], ...own };
  const state = { workspaceId: t.a.id, channel, of: { eventId: of }, card, reports: [of] };
  return t.a.scope.transaction((db) => oweState(t.a.scope, db, state));
}

function start(editsApartMs: number, channelApartMs = 0): void {
  const show = async (
    how: "post" | "edit",
    { title, mentions = [] }: Card,
    delivered: Delivery,
  ): Promise<Delivery> => {
    const { rows } = await t.admin.query<{ us: string }>(
      "select (extract(epoch from lease_until) * 1e6)::bigint as us from deliveries where lease_owner is not null and card ->> 'title' = $1",
      [title],
    );
    shown.push({ how, title, mentions, atMs: performance.now(), claimedAtUs: Number(rows[0]?.us) });
    return answers.shift() ?? delivered;
  };
  const platform: ChatPlatform = {
    name: "web",
    limits: {} as ChatPlatform["limits"],
    start: async () => undefined,
    stop: async () => undefined,
    post: (place, card) =>
      show("post", card, { outcome: "sent", message: { place, id: `M${shown.length}` } }),
    edit: (message, card) => show("edit", card, { outcome: "sent", message }),
    tell: async () => ({ outcome: "refused", reason: "not permitted", why: "nobody is told in these tests" }),
    addressOf: async () => undefined,
    isConnected: () => undefined,
    whoIs: async () => "not told",
    health: async () => ({ ok: true, summary: "", warnings: [] }),
    reach: async () => ({ outcome: "open" }),
  };
  const parts = { directory: t.directory, platforms: [platform], log: createLog("silent") };
  running.push(startDeliverer({ ...parts, owner: randomUUID(), editsApartMs, channelApartMs }));
}

async function states(): Promise<string[]> {
  const { rows } = await t.admin.query<{ said: string }>(
    "select sequence || ' ' || state || ' ' || (card ->> 'title') as said from deliveries order by sequence",
  );
  return rows.map(({ said }) => said);
}

const titles = () => shown.map(({ how, title }) => `${how} ${title}`);
const isNoneBeingSent = async () =>
  (await t.admin.query("select from deliveries where lease_owner is not null")).rowCount === 0;
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
  const tell = async (severity: Severity) => {
    await t.admin.query("update anomaly_events set severity = $1", [severity]);
    const change = { kind: "opens", episode: { ...EPISODE, severity }, atMs: 0 } as const;
    const telling = {
      eventId,
      change,
      wanted: channels,
      callable: [],
      evidence: undefined,
      isJoining: false,
    };
    await t.a.scope.transaction((db) =>
      oweIncident(t.a.scope, db, eventId, [telling], Date.now(), openRoom(t.a.scope, db)),
    );
  };
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

test("a message goes on naming whom it called, whatever becomes of it", async () => {
  await t.admin.query("update anomaly_events set severity = 'CRITICAL'");
  const policies = { C1: { mention: ["U1", "&S1"] }, C2: {} };
  const wanted = Object.entries(policies).map(([externalId, policy]) => {
    return { externalId, policy, workspaceId: t.a.id, purpose: "alerts" as const };
  });
  const episode = { ...EPISODE, severity: "CRITICAL" as const };
  const tell = (step: { kind: "opens" } | { kind: "goes on"; isWorse: true }) => {
    const change = { ...step, episode, atMs: 0 };
    const at = { eventId, callable: [], evidence: undefined, isJoining: false };
    return t.a.scope.transaction((db) =>
      oweIncident(t.a.scope, db, eventId, [{ ...at, change, wanted }], Date.now(), openRoom(t.a.scope, db)),
    );
  };
  const about = { eventId, by: "Ann" };
  const next: [string, () => Promise<unknown>][] = [
    ["grown", () => tell({ kind: "goes on", isWorse: true })],
    ["acknowledged", () => acknowledgeEpisode(t.a.scope, about, Date.now())],
    ["resolved", () => resolveIncident(t.a.scope, about, Date.now())],
  ];
  await tell({ kind: "opens" });
  start(0);
  await until(isAllSent);
  for (const [said, act] of next) {
    const before = shown.length;
    await act();
    await until(async () => (await isAllSent()) && shown.length === before + 2);
    const edits = shown.slice(before).map(({ how, mentions }) => [said, how, ...mentions]);
    expect(edits.sort((one, other) => other.length - one.length)).toEqual([
      [said, "edit", "U1", "&S1"],
      [said, "edit"],
    ]);
  }
});

test("a message whose first state was refused is posted later, and calls nobody", async () => {
  answers = [{ outcome: "refused", reason: "not acceptable", why: "too long" }];
  await owe("began", eventId, "C1", { mentions: ["U1"] });
  start(0);
  await until(async () => (await states()).includes("0 refused began"));
  await owe("over", eventId, "C1", { mentions: ["U1"] });
  await until(() => shown.length === 2);
  expect(shown.map(({ how, mentions }) => [how, ...mentions])).toEqual([["post", "U1"], ["post"]]);
});

test("a message that somebody deleted is posted anew, and mentions nobody a second time", async () => {
  const mentions = ["U1", "&S1"];
  await owe("began", eventId, "C1", { mentions });
  start(0);
  await until(isAllSent);
  answers = [{ outcome: "refused", reason: "message gone", why: "message_not_found" }];
  await owe("grew", eventId, "C1", { mentions });
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
  await claimDeliveries(
    t.a.scope,
    { owner: randomUUID(), forMs: 1_000, channelApartMs: 0, editsApartMs: 0 },
    1,
  );
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
  // Before it tries again, which is in two seconds.
  await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
  await until(isNoneBeingSent);
  await owe("over");
  start(0);
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit grew", "edit over"]);
  expect(await states()).toEqual(["0 sent began", "1 sent over"]);
});

test("a channel gets one message a second, from however many processes", async () => {
  for (const service of ["a", "b", "c"]) await owe(service, await event(service));
  for (let process = 0; process < 3; process++) start(0, 1_000);
  await until(isAllSent);
  const times = shown.map(({ claimedAtUs }) => claimedAtUs).sort((a, b) => a - b);
  expect(times).toHaveLength(3);
  for (const [at, time] of times.slice(1).entries())
    expect(time - (times[at] as number)).toBeGreaterThanOrEqual(1_000_000);
});

test("a platform's wait holds the whole channel, and no other", async () => {
  const other = await event("other");
  const elsewhere = await event("elsewhere");
  answers = [{ outcome: "later", afterMs: 60_000, why: "slow down" }];
  await owe("first");
  const fromMs = Date.now();
  start(0);
  await until(async () => answers.length === 0 && (await isNoneBeingSent()));
  await owe("second", other);
  await owe("elsewhere", elsewhere, "C2");
  await until(async () => (await states()).includes("0 sent elsewhere"));
  expect(titles()).toEqual(["post first", "post elsewhere"]);
  const { rows } = await t.admin.query<{ free_at: Date }>(
    "select free_at from channel_paces where channel = 'C1'",
  );
  expect(Number(rows[0]?.free_at)).toBeGreaterThanOrEqual(fromMs + 60_000);
  // A minute later.
  await t.admin.query("update channel_paces set free_at = free_at - interval '1 minute'");
  await t.admin.query("update deliveries set next_attempt_at = next_attempt_at - interval '1 minute'");
  await until(isAllSent);
  expect(titles().slice(2).sort()).toEqual(["post first", "post second"]);
});

test("a message that somebody deletes is posted anew once, and the second time left alone", async () => {
  const gone: Delivery = { outcome: "refused", reason: "message gone", why: "message_not_found" };
  await owe("began");
  start(0);
  await until(isAllSent);
  answers = [gone];
  await owe("grew");
  await until(isAllSent);
  expect(titles()).toEqual(["post began", "edit grew", "post grew"]);
  answers = [gone];
  await owe("over");
  await until(async () => (await states()).at(-1) === "2 refused over");
  expect(titles()).toEqual(["post began", "edit grew", "post grew", "edit over"]);
});

test.each([-3_600_000, 3_600_000])(
  "a clock that leaps by %i ms holds up no message and sends none twice",
  async (leapMs) => {
    // As if all times had been written before the leap.
    const leap = async (sets: string) => {
      await t.admin.query(`update deliveries set ${sets}`, [-leapMs / 1_000]);
      await t.admin.query("update channel_paces set free_at = free_at + $1 * interval '1 second'", [
        -leapMs / 1_000,
      ]);
    };
    answers = [{ outcome: "later", afterMs: 60_000, why: "slow down" }];
    await owe("began");
    start(0);
    await until(() => shown.length === 1);
    await until(
      async () =>
        (await t.admin.query("select from deliveries where attempts > 0 and lease_owner is null"))
          .rowCount === 1,
    );
    await leap("next_attempt_at = next_attempt_at + $1 * interval '1 second'");
    await until(isAllSent);
    await owe("over");
    await leap("next_attempt_at = next_attempt_at + $1 * interval '1 second'");
    await until(isAllSent);
    expect(titles()).toEqual(["post began", "post began", "edit over"]);
  },
);
