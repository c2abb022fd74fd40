import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, during, type Logged, usual } from "../support/countsSource.ts";
import { until as comesTrue } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };

let nowMs: number;
let t: TestApp;
let db: pg.Client;

/** A tenant that has been watched for a day and is live. */
async function open(
  services: Record<string, Logged>,
  namespaceOf?: (service: string) => string,
  liveAtMs = NOON + MINUTE,
): Promise<void> {
  nowMs = NOON + LAG;
  t = await openTestApp({
    logs: createCountsSource(services, namespaceOf),
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 26 * HOUR },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.type("channel alerts", ADMIN);
  await scanUntil(liveAtMs);
  await t.chat.type("watch live", ADMIN);
}

async function close(): Promise<void> {
  await db.end();
  await t.close();
}

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

const until = (isSo: () => boolean | Promise<boolean>) => comesTrue(isSo, () => titles().join(" | "));

/** Alerts that were posted, as they stand: what was said under them and answers to commands are not among them. */
function alerts(): [string, Card][] {
  return [...t.chat.cards].filter(
    ([id, { actions }]) =>
      t.chat.places.get(id)?.thread === undefined &&
      actions?.some(({ action }) => action.name === "anomaly.wrong"),
  );
}
const titles = () => alerts().map(([, { title }]) => title);
const text = (at: number) => plainText(alerts()[at]?.[1] as Card);
async function isAllSent(): Promise<boolean> {
  const { rows } = await db.query("select from deliveries where state = 'pending'");
  return rows.length === 0;
}

async function press(at: number, label: string): Promise<string> {
  const [id, card] = alerts()[at] as [string, Card];
  const action = card.actions?.find((button) => button.label === label)?.action;
  if (action === undefined) throw new Error(`no button ${label}`);
  const reply = await t.chat.press(id, action, ADMIN);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}

async function said(command: string): Promise<string> {
  const { reply } = await t.chat.type(command, ADMIN);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}

async function holds(service: string): Promise<string[]> {
  const { rows } = await db.query<{ said: string }>(
    `select distinct h.stage || ': ' || h.reason as said
     from held_alerts h join anomaly_events e on e.id = h.anomaly_event_id where e.service = $1 order by said`,
    [service],
  );
  return rows.map((row) => row.said);
}

const fails = (seed: number, fromMs: number, minutes: number, errors = 90) =>
  during(fromMs, fromMs + minutes * MINUTE, usual(seed, 60, errors), usual(seed));

afterEach(close);

describe("what begins within minutes and has a cause in common", () => {
  test("is one message, which lists all of it, is acknowledged as one, and turns green when all of it is over", async () => {
    const at = NOON + 10 * MINUTE;
    await open({
      checkout: fails(1, at, 12),
      payments: fails(5, at + 2 * MINUTE, 25),
      ...Object.fromEntries([20, 30, 40, 50, 60].map((seed) => [`other-${seed}`, usual(seed)])),
    });
    await scanUntil(at + 5 * MINUTE);
    await until(async () => (await isAllSent()) && /payments/.test(text(0)));
    expect(titles()).toEqual(["2 services at once: checkout, payments"]);
    expect(text(0)).toContain("In common: the namespace");
    expect(text(0)).toContain("Going on: 2 of 2");
    expect(text(0)).toContain("[1] checkout: order … failed");
    expect(await holds("payments")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^group: listed in the message of .* the namespace$/)]),
    );

    expect(await press(0, "Acknowledge")).toContain("You look into it");
    await scanUntil(at + 24 * MINUTE);
    await until(async () => (await isAllSent()) && text(0).includes("Going on: 1 of 2"));
    expect(text(0)).toContain("Acknowledged: Ann, ");
    await scanUntil(at + 50 * MINUTE);
    await until(
      async () => (await isAllSent()) && titles()[0] === "2 services are back to normal: checkout, payments",
    );
    expect(alerts()).toHaveLength(1);
    const { rows } = await db.query("select notified from anomaly_events");
    expect(rows).toEqual([{ notified: true }, { notified: true }]);
    expect(await said("explain payments 15m")).toBeDefined();
  });

  test("is muted and labelled as one", async () => {
    const at = NOON + 10 * MINUTE;
    await open({
      checkout: fails(1, at, 12),
      payments: fails(5, at, 12),
      ...Object.fromEntries([20, 30, 40, 50, 60].map((seed) => [`other-${seed}`, usual(seed)])),
    });
    await scanUntil(at + 4 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
    const muted = await press(0, "Mute 1 h");
    expect(muted).toContain("2 services: muted");
    expect(muted).toContain("Services: checkout, payments");
    expect(muted).toMatch(/Unmute ends both; one of them is ended by .?unmute checkout/);
    expect(await press(0, "Not an anomaly")).toMatch(/(checkout|payments) and 1 more: that was no anomaly/);
    const { rows } = await db.query("select from anomaly_labels");
    expect(rows).toHaveLength(2);
    // Its message says who did what and when, in each channel, and goes on saying so.
    await until(async () => (await isAllSent()) && /Not an anomaly: Ann, \d\d:/.test(text(0)));
    expect(text(0)).toMatch(/Muted: Ann, .*, until .* \(checkout, payments\)/);
    await scanUntil(at + 30 * MINUTE);
    await until(async () => (await isAllSent()) && /are back to normal/.test(titles()[0] as string));
    expect(text(0)).toMatch(/Muted: Ann.*\n.*Not an anomaly: Ann|Not an anomaly: Ann.*\n.*Muted: Ann/);
    const [id, { actions }] = alerts()[0] as [string, Card];
    const subject = actions?.[0]?.action.subject as string;
    const back = await t.chat.press(id, { name: "anomaly.unlabel", subject }, ADMIN);
    expect(back.kind === "message" && plainText(back.card)).toMatch(/and 1 more: as at first/);
    expect((await db.query("select from anomaly_labels")).rows).toEqual([]);
    const unmuted = await t.chat.press(id, { name: "anomaly.unmute", subject }, ADMIN);
    expect(unmuted.kind === "message" && plainText(unmuted.card)).toMatch(
      /2 services: not muted any more[\s\S]*ended the mutes of checkout, payments/,
    );
    expect(await said("status")).not.toContain("Muted");
    await until(async () => (await isAllSent()) && !text(0).includes("Muted:"));
  });

  test("is one message also where it was found in shadow mode, and is told when the tenant goes live", async () => {
    const at = NOON + 10 * MINUTE;
    const others = [20, 30, 40, 50, 60].map((seed) => [`other-${seed}`, usual(seed)]);
    const services = {
      checkout: fails(1, at, 30),
      payments: fails(5, at, 30),
      ...Object.fromEntries(others),
    };
    await open(services, undefined, at + 5 * MINUTE);
    expect(alerts()).toEqual([]);
    await scanUntil(at + 7 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length > 0);
    expect(titles()).toEqual([expect.stringMatching(/^2 services at once: /)]);
    expect(await holds("payments")).toContain(
      "watch: shadow mode: nothing is posted until somebody goes live",
    );
  });

  test("is told by the next scan where its channel took no messages, and is reached again", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 30), other: usual(20) });
    t.chat.refusePosts({ outcome: "refused", reason: "not installed", why: "token_revoked" });
    await scanUntil(at + 4 * MINUTE);
    await until(isAllSent);
    t.chat.refusePosts(undefined);
    await scanUntil(at + 6 * MINUTE);
    await until(isAllSent);
    expect(await holds("checkout")).toContain("route: the channel takes no messages: not installed");
    expect(alerts()).toEqual([]);
    await t.app.core.reachAgain({ platform: "recording", workspace: "T1" });
    await scanUntil(at + 7 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length > 0);
    expect(titles()).toEqual([expect.stringContaining("checkout")]);
  });

  test("is most of what is watched, where nothing else is shared", async () => {
    const at = NOON + 10 * MINUTE;
    const names = ["a", "b", "c", "d", "e"];
    await open(
      Object.fromEntries(names.map((name, n) => [name, n < 3 ? fails(10 * n, at, 12) : usual(10 * n)])),
      (service) => `of-${service}`,
    );
    await scanUntil(at + 4 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length > 0);
    expect(titles()).toEqual([expect.stringMatching(/^3 services at once: [abc], [abc], [abc]$/)]);
    expect(text(0)).toContain("In common: most services are off at once");
  });

  test("is one of each system where two go wrong at a time, and one of all where hardly a service is left", async () => {
    const at = NOON + 10 * MINUTE;
    const systemOf = (name: string) => name.split("-")[0] as string;
    const watched = ["shop-a", "shop-b", "shop-c", "reports-a", "reports-b", "reports-c"];
    const openWith = (odd: readonly string[]) =>
      open(
        Object.fromEntries(
          watched.map((name, n) => [name, odd.includes(name) ? fails(10 * n, at, 12) : usual(10 * n)]),
        ),
        systemOf,
      );
    await openWith(["shop-a", "shop-b", "reports-a", "reports-b"]);
    await scanUntil(at + 4 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length > 1);
    const both = [
      expect.stringMatching(/^2 services at once: reports-[ab], reports-[ab]$/),
      expect.stringMatching(/^2 services at once: shop-[ab], shop-[ab]$/),
    ];
    expect(titles().toSorted()).toEqual(both);
    await close();

    await openWith(watched);
    await scanUntil(at + 4 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length > 0);
    expect(titles()).toEqual([expect.stringMatching(/^6 services at once: /)]);
  });
});

describe("what is held back", () => {
  test("is muted, which is said, and told when it is muted no longer", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 30), other: usual(5), third: usual(9) });
    await said("mute checkout 1h moving the database");
    await scanUntil(at + 6 * MINUTE);
    await until(isAllSent);
    expect(alerts()).toEqual([]);
    expect(await holds("checkout")).toEqual([
      expect.stringMatching(/^mute: muted by Ann until .* UTC: moving the database$/),
    ]);
    expect(await said("explain checkout 3m")).toMatch(/Held back by mute: .*: muted by Ann until/);
    await said("unmute checkout");
    await scanUntil(at + 9 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
  });

  test("is what a channel does not want, at a time or at all, and what would be said twice", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 30, 20), other: usual(5), third: usual(9) });
    await said("channel policy quiet:11:00-12:20 UTC");
    await scanUntil(at + 6 * MINUTE);
    await until(isAllSent);
    expect(alerts()).toEqual([]);
    expect(await holds("checkout")).toEqual(["quiet hours: the channel is left alone 11:00-12:20 UTC"]);
    await scanUntil(at + 15 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
    await scanUntil(at + 18 * MINUTE);
    expect(await holds("checkout")).toEqual([
      "deduplicate: its message stands there, and nothing of it is new",
      "quiet hours: the channel is left alone 11:00-12:20 UTC",
    ]);
  });

  test("is what nobody has a channel for, and it is told once there is one", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 30), other: usual(5), third: usual(9) });
    await said("channel alerts off");
    await scanUntil(at + 4 * MINUTE);
    expect(await holds("checkout")).toEqual([
      "route: no channel is for alerts yet: channel alerts makes one",
    ]);
    await said("channel alerts");
    await scanUntil(at + 6 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
  });

  test("is more than anybody reads: the channel is told how much, and hears of what still goes on later", async () => {
    const at = NOON + 10 * MINUTE;
    // Their lines differ by their names, which are no numbers.
    const names = [..."abcdefghijkl"].map((letter) => `${letter}ervice`);
    await open(
      Object.fromEntries(names.map((name, n) => [name, n < 5 ? fails(10 * n, at, 40, 20) : usual(10 * n)])),
      (service) => `of-${service}`,
    );
    await said("channel policy flood:2");
    // Whose ten minutes are the machine's, not this test's: they may not end within it.
    const left = 10 * MINUTE - (Date.now() % (10 * MINUTE));
    if (left < MINUTE) await new Promise((resolve) => setTimeout(resolve, left + 100));
    await scanUntil(at + 6 * MINUTE);
    await until(isAllSent);
    expect(alerts()).toHaveLength(2);
    const flood = () => [...t.chat.cards.values()].filter(({ badge }) => badge === "FLOOD");
    expect(flood().map(({ title }) => title)).toEqual(["3 more alerts are held back here"]);
    const owed = async () => (await db.query("select from deliveries where notice like 'flood%'")).rowCount;
    const before = await owed();
    await scanUntil(at + 8 * MINUTE);
    expect(await owed()).toBe(before);
    // Ten minutes later there is room for two more.
    await db.query("update deliveries set created_at = created_at - interval '10 minutes'");
    await scanUntil(at + 11 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 4);
  });
});

describe("what somebody resolves", () => {
  test("says so, and is not told again though it goes on, not even by a process that is new", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 60, 200), other: usual(5), third: usual(9) });
    await scanUntil(at + 6 * MINUTE);
    await until(async () => (await isAllSent()) && alerts()[0]?.[1].badge === "CRITICAL");
    expect(await press(0, "Resolve")).toContain("Its message says so");
    await until(async () => (await isAllSent()) && text(0).includes("Resolved: Ann, "));
    expect(alerts()[0]?.[1]).toMatchObject({ title: "checkout: resolved", tone: "good", badge: "RESOLVED" });
    expect(alerts()[0]?.[1].actions?.map(({ label }) => label)).toEqual(["Right", "Not an anomaly"]);
    const after = /\(after (\d+ min)\)/.exec(text(0))?.[1];
    expect(await said("anomalies")).toContain(`, for ${after}; `);
    await expect(press(0, "Right")).resolves.toContain("that was right");
    await scanUntil(at + 20 * MINUTE);
    // Whoever scans it now has to read what is open.
    await db.query(
      "update watches set last_owner = $1, scanned_until = scanned_until - interval '1 minute'",
      [randomUUID()],
    );
    await scanUntil(at + 28 * MINUTE);
    await until(isAllSent);
    expect(alerts()).toHaveLength(1);
    const explained = await said("explain checkout 5m");
    expect(explained).toContain("why there was an alert");
    expect(explained).toMatch(/resolved by Ann at \d\d:\d\d/);
    await scanUntil(at + 90 * MINUTE);
    await until(isAllSent);
    expect(alerts()).toHaveLength(1);
    expect(text(0)).toContain("Resolved: Ann, ");
  });

  test("is named for a quarter of an hour after that, by who asks why there is no alert", async () => {
    const at = NOON + 10 * MINUTE;
    await open({ checkout: fails(1, at, 6, 200), other: usual(5), third: usual(9) });
    await scanUntil(at + 6 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
    await press(0, "Resolve");
    await scanUntil(at + 11 * MINUTE);
    const explained = await said("explain checkout");
    expect(explained).toContain("[RESOLVED] checkout: why there was no alert");
    expect(explained).toContain("no alert, because somebody had resolved it.");
    expect(explained).toMatch(/resolved by Ann at 12:1\d:\d\d UTC, after which/);
    await scanUntil(at + 25 * MINUTE);
    expect(await said("explain checkout")).not.toContain("Ann");
  });

  test("is all that its message lists, none of which goes on any more by what it says", async () => {
    const at = NOON + 10 * MINUTE;
    const others = [20, 30, 40, 50, 60].map((seed) => [`other-${seed}`, usual(seed)]);
    await open({ checkout: fails(1, at, 30), payments: fails(5, at, 30), ...Object.fromEntries(others) });
    await scanUntil(at + 4 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
    await press(0, "Acknowledge");
    await press(0, "Resolve");
    await until(async () => (await isAllSent()) && /^2 services resolved: /.test(titles()[0] as string));
    expect(text(0)).toContain("Going on: 0 of 2");
    expect(text(0)).not.toContain("Lasted");
    expect(text(0)).toMatch(/Began: .*Resolved: Ann, [^(]*\(after \d+ min\)/s);
    expect(text(0)).toMatch(/Acknowledged: Ann, .*\n?.*Resolved: Ann, /s);
    expect(text(0)).not.toMatch(/(HIGH|CRITICAL) since/);
    expect(text(0)).toContain("order … failed");
    const { rows } = await db.query("select from anomaly_events where resolved_by = 'Ann'");
    expect(rows).toHaveLength(2);
  });

  test("is told anew where it gets worse", async () => {
    const at = NOON + 10 * MINUTE;
    await open({
      checkout: during(at + 8 * MINUTE, at + 20 * MINUTE, usual(1, 60, 900), fails(1, at, 20, 9)),
      other: usual(5),
      third: usual(9),
    });
    await scanUntil(at + 6 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().length === 1);
    expect(alerts()[0]?.[1].badge).not.toBe("CRITICAL");
    await press(0, "Resolve");
    await scanUntil(at + 15 * MINUTE);
    await until(async () => (await isAllSent()) && alerts().at(-1)?.[1].badge === "CRITICAL");
    expect(alerts()[0]?.[1].badge).toBe("RESOLVED");
  });
});

test("what gets worse is said in the thread of its message, once for each severity, and calls those who are to be called", async () => {
  const at = NOON + 10 * MINUTE;
  const checkout = during(at + 8 * MINUTE, at + 20 * MINUTE, usual(1, 60, 900), fails(1, at, 20, 9));
  await open({ checkout, other: usual(5), third: usual(9) });
  await said("channel policy mention:u7");
  await scanUntil(at + 6 * MINUTE);
  await until(async () => (await isAllSent()) && alerts().length === 1);
  const [messageId, first] = alerts()[0] as [string, Card];
  expect(first.badge).not.toBe("CRITICAL");
  expect(first.mentions).toBeUndefined();
  await scanUntil(at + 15 * MINUTE);
  const under = () => [...t.chat.cards].filter(([id]) => t.chat.places.get(id)?.thread === messageId);
  await until(
    async () => (await isAllSent()) && under().some(([, { title }]) => title === "checkout: now CRITICAL"),
  );
  expect(
    under()
      .map(([, { title, mentions }]) => [title, mentions])
      .at(-1),
  ).toEqual(["checkout: now CRITICAL", ["u7"]]);
  expect(new Set(under().map(([, { title }]) => title)).size).toBe(under().length);
  expect(alerts()).toHaveLength(1);
  expect(alerts()[0]?.[1].mentions).toBeUndefined();
});

test("what joins a message that stands, and is worse than all it lists, is said in its thread", async () => {
  const at = NOON + 10 * MINUTE;
  await open({
    checkout: fails(1, at, 20, 25),
    payments: fails(5, at + 4 * MINUTE, 20, 900),
    third: usual(9),
  });
  await said("channel policy mention:u7");
  await scanUntil(at + 4 * MINUTE);
  await until(async () => (await isAllSent()) && alerts().length === 1);
  const [messageId, { badge }] = alerts()[0] as [string, Card];
  expect(badge).not.toBe("CRITICAL");
  await scanUntil(at + 8 * MINUTE);
  await until(async () => (await isAllSent()) && alerts()[0]?.[1].badge === "CRITICAL");
  const under = [...t.chat.cards].filter(([id]) => t.chat.places.get(id)?.thread === messageId);
  expect(under.map(([, { title, mentions }]) => [title, mentions])).toContainEqual([
    "payments: now CRITICAL",
    ["u7"],
  ]);
  expect(alerts()).toHaveLength(1);
});

test("where a channel wants it, the root cause is looked for in the thread without being asked", async () => {
  const at = NOON + 10 * MINUTE;
  await open({ checkout: fails(1, at, 20), other: usual(5), third: usual(9) });
  await said("channel policy thread:always");
  await scanUntil(at + 5 * MINUTE);
  await until(async () => (await isAllSent()) && alerts().length === 1);
  const [messageId] = alerts()[0] as [string, Card];
  // As it is ten seconds later, when nobody is expected to show its message any more.
  await db.query("update conversations set created_at = created_at - interval '10 seconds'");
  const answers = () =>
    [...t.chat.cards].filter(
      ([id]) => t.chat.places.get(id)?.thread === messageId && id.startsWith("answer:"),
    );
  await until(() => answers().length > 0);
  expect(answers().map(([, { title }]) => title)).toEqual([expect.stringMatching(/^checkout: /)]);
});
