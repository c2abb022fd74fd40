import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openFiles } from "../../adapters/files/index.ts";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startApp } from "../../src/app.ts";
import type { App } from "../../src/appParts.ts";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { beginReplay } from "../../src/sampleReplay.ts";
import { readSamples, runsForMs } from "../../src/samples.ts";
import { until } from "../support/eventually.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";

const MINUTE = 60_000;
const LAG = 5_000;
const FIRST = Date.UTC(2026, 10, 24, 12, 0, 20);
const ADMIN = { platformAdmin: true };
const PLACE = { platform: "recording", workspace: "T1", channel: "general" };
const log = createLog("silent");
const samples = await readSamples();
const ENDS = FIRST + runsForMs(samples);
/** The second showing begins when the first one's lines would still be within an hour. */
const SECOND = FIRST + 20 * MINUTE;

let nowMs = FIRST;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let chat: RecordingPlatform;
let app: App;
let stop: () => Promise<void>;

/** LogHunter as main starts it on the recordings. */
async function start(asMs: number): Promise<void> {
  const logs = await openFiles({
    paths: samples.map(({ directory, namespace, recordedNowMs, recordedToMs }) => ({
      pattern: `${directory}/*.log.gz`,
      namespace,
      replay: { recordedNowMs, asMs, recordedToMs },
    })),
    org: "local",
    now: () => nowMs,
    log,
  });
  chat = createRecordingPlatform("T1");
  app = await startApp({
    databaseUrl: database.url,
    cache: createMemoryCache({ now: () => nowMs }),
    logs,
    platforms: () => [chat],
    allowedOrgs: ["local"],
    log,
    now: () => nowMs,
    editsApartMs: 0,
    channelApartMs: 0,
    watching: { lagMs: LAG, learnMs: 24 * 60 * MINUTE },
  });
  stop = async () => {
    await app.stop();
    await logs.close();
  };
  await chat.type("connect local", { platformAdmin: true, operator: true });
  await beginReplay(await app.directory.tenantOf("local"), samples, asMs);
  await app.scan();
}

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateJobs(database.url);
  await start(FIRST);
});
afterAll(async () => {
  await stop();
  await database.drop();
});

async function say(text: string): Promise<{ card: Card; text: string }> {
  const { reply } = await chat.type(text, ADMIN);
  if (reply.kind !== "message") throw new Error(`${text} was answered with ${reply.kind}`);
  return { card: reply.card, text: plainText(reply.card) };
}

async function analyze(service: string): Promise<Card> {
  const { messageId } = await chat.type(`analyze ${service}`, ADMIN);
  return chat.until(messageId, ({ badge }) => badge !== "WORKING");
}

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs < untilMs; nowMs += MINUTE) await app.scan();
}

/** The alerts as they stand, once there are some. */
async function alerts(isSo: (alerts: Card[]) => boolean): Promise<Card[]> {
  const standing = () => [...chat.cards].filter(([id]) => chat.places.has(id)).map(([, card]) => card);
  await until(() => isSo(standing()));
  return standing();
}

const open = async () => (await say("anomalies state:open")).card;

test("while the recordings go on, status says until when", async () => {
  expect((await say("status")).text).toMatch(/Recording: replayed as if now, until .*12:02/);
  expect((await say("watch status")).text).toMatch(/Recording: replayed as if now, until .*12:02/);
  const card = await analyze("checkout");
  expect(card.badge).toBe("LIKELY CAUSE");
  expect(plainText(card)).not.toContain("The recording ended");
});

test("Show lines begins just before what is to blame began, in the service that is to blame", async () => {
  const { messageId } = await chat.type("analyze checkout since:30m", ADMIN);
  const card = await chat.until(messageId, ({ badge }) => badge !== "WORKING");
  expect(plainText(card)).toContain("orders-db: the database refuses connections");
  const action = card.actions?.find(({ label }) => label === "Show lines")?.action;
  const reply = action && (await chat.press(messageId, action));
  if (reply?.kind !== "message") throw new Error("no lines");
  expect(reply.card.title).toBe("orders-db: warnings and errors");
  const [log] = reply.card.body;
  if (log?.kind !== "log") throw new Error("no lines");
  expect(log.lines).toEqual([...log.lines].sort());
  expect(log.lines.length).toBeGreaterThan(90);
  // It began five minutes before the present, and went on until then.
  for (const line of log.lines) expect(line).toMatch(/^1[12]:5\d:.* orders-db {2}/);
  expect(log.lines.findIndex((line) => line.includes("remaining connection slots"))).toBeLessThan(12);
});

test("lines that are JSON are shown by what they say", async () => {
  const card = await analyze("report-api");
  expect(card.badge).toBe("LIKELY CAUSE");
  expect(plainText(card)).not.toContain("no line ties it");
  expect(plainText(card)).toContain("report-api: unhandled error");
  expect(plainText(card)).not.toContain('{"');
  const { text } = await say('search service:checkout level:ERROR "request failed"');
  expect(text).toMatch(/checkout {2}ERROR request failed: DatabaseError: remaining .* path=\//);
  expect(text).not.toContain('{"level"');
});

test("an error is known when it is pasted without its stack, as an alert quotes it", async () => {
  const said =
    "ERROR unhandled error: UpstreamError: renderer (127.0.0.1:18201) answered 500: cannot store 17-Costs.pdf";
  const asked = { kind: "explain", id: "explained", text: said, message: { place: PLACE, id: "1" } } as const;
  const reply = await app.core.handle({
    ...asked,
    place: PLACE,
    person: { id: "ann", name: "Ann", ...ADMIN },
  });
  if (reply.kind !== "message") throw new Error(`no message but ${reply.kind}`);
  expect(reply.card.badge).toBe("SEEN BEFORE");
  expect(plainText(reply.card)).toContain("met in report-api");
});

test("when they have ended, status, watch status and root causes say so, and how to see them again", async () => {
  await scanUntil(ENDS + 15 * MINUTE);
  const status = await say("status");
  expect(status.card).toMatchObject({ title: "The recording has ended", badge: "ENDED" });
  expect(status.text).toMatch(/Recording: ended at .*12:02.*: start LogHunter again to see it anew/);
  expect((await say("anomalies")).text).toMatch(
    /What is open stays so: the recording ended at .*12:02.*: start LogHunter again to see it anew\./,
  );
  const watch = await say("watch status");
  expect(watch.text).toMatch(/Recording: ended at .*12:02.*: start LogHunter again to see it anew/);
  expect(watch.text).not.toContain("No lines from any service since");
  expect(plainText(await analyze("checkout"))).toContain(
    ", to compare with. The recording ended at 12:02 UTC, and nothing was logged since: start LogHunter again to see it anew.",
  );
});

test("the bot's own page says of what is open what anomalies says, and since when", async () => {
  const person = { id: "ann", name: "Ann", ...ADMIN };
  const place = { ...PLACE, channel: "" };
  const reply = await app.core.handle({ kind: "home", id: "home", place, person });
  if (reply.kind !== "message") throw new Error(`no message but ${reply.kind}`);
  const OPEN = /((?:LOW|MEDIUM|HIGH|CRITICAL) {2}\S+ {2}.+)\n\s+(?:open )?since ([\d:. -]+)/g;
  const openIn = (text: string) => [...text.matchAll(OPEN)].map(([, what, since]) => [what, since]);
  const own = openIn(plainText(reply.card));
  expect(own).toContainEqual([
    expect.stringMatching(/CRITICAL {2}checkout {2}more errors than usual/),
    expect.anything(),
  ]);
  const asked = openIn((await say("anomalies state:open")).text);
  expect(asked.slice(0, own.length)).toEqual(own);
});

test("what is open is posted within a minute of going live, though nothing more is logged about it, and anomalies says so", async () => {
  await chat.type("channel alerts", ADMIN);
  expect((await say("anomalies")).text).toContain("in shadow mode, so nobody was told");
  await say("watch live");
  expect((await say("anomalies")).text).toContain("found in shadow mode, and not told yet");
  nowMs += MINUTE;
  await app.scan();
  const posted = await alerts((cards) => cards.some(({ badge }) => badge === "CRITICAL"));
  expect(posted.filter(({ tone }) => tone === "critical").length).toBeGreaterThan(0);
  const told = (await say("anomalies state:open")).text;
  expect(told).toContain("told #general:");
  expect(told).not.toContain("shadow mode");
});

test("the alert channel hears that the recording has ended, and not that nobody logs anything", async () => {
  const titles = (await alerts((cards) => cards.some(({ badge }) => badge === "ENDED"))).map(
    ({ title }) => title,
  );
  expect(titles).toContain("The recording has ended");
  expect(titles).not.toContain("No service has logged anything");
});

test("a start while they go on leaves everything as it was", async () => {
  const before = (await open()).badge;
  await stop();
  await start(FIRST);
  expect((await open()).badge).toBe(before);
});

test("a start after their end shows them anew: the same is found again, and what was open has ended with the recording", async () => {
  await stop();
  nowMs = SECOND;
  await start(SECOND);
  const { items } = (await open()).body.find(({ kind }) => kind === "items") as {
    items: { heading: unknown }[];
  };
  const named = JSON.stringify(items);
  for (const service of ["checkout", "gateway", "orders-db", "report-api", "profile", "auth", "web"])
    expect(named).toContain(`  ${service}"`);
  for (const each of JSON.stringify(items).matchAll(/"open since ",\{"atMs":(\d+)/g))
    expect(Number(each[1])).toBeGreaterThan(SECOND - 10 * MINUTE);
  const ended = await say("anomalies state:resolved");
  expect(ended.card.badge).toMatch(/^[1-9]\d* RESOLVED$/);

  const card = await analyze("checkout");
  expect(card.badge).toBe("LIKELY CAUSE");
  expect(plainText(card)).not.toContain("anomaly, more errors");
  expect((await say("status")).card.badge).toBe("OK");
  expect((await say("watch status")).text).toMatch(/Learnt: learning, 3\d min of 24 h/);
});

test("they are found and told to their end, as the first time", async () => {
  await scanUntil(SECOND + runsForMs(samples));
  const posted = await alerts((cards) => cards.some(({ tone }) => tone === "critical"));
  expect(posted.some(({ title }) => /\d+ services at once/.test(title))).toBe(true);
});

test("a root cause asked for under an alert of many services is about the one that is listed first, and says which of them it says nothing of", async () => {
  const [id, alert] = [...chat.cards].find(([, { title }]) => /services at once/.test(title)) as [
    string,
    Card,
  ];
  expect(plainText(alert)).toMatch(/\[1\] (checkout|gateway|web|orders-db|profile|report-api): /);
  const action = alert.actions?.find(({ label }) => label === "Root cause")?.action;
  if (action === undefined) throw new Error("no Root cause button");
  const messageId = await chat.pressInThread(id, action);
  const card = await chat.until(messageId, ({ badge }) => badge !== "WORKING");
  const [, first] = /at once: ([\w-]+)/.exec(alert.title) ?? [];
  expect(card.title).toContain(first);
  const [, others] = /The alert also names (.*): type analyze/.exec(plainText(card)) ?? [];
  for (const other of others?.split(/, | and /) ?? []) {
    expect(plainText(alert)).toContain(`\n${other}\t`);
    expect(plainText(card)).not.toMatch(new RegExp(`\\] ${other}: `));
  }
});
