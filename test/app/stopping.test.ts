import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { setPurpose } from "../../src/alerting/channels.ts";
import { oweNotice } from "../../src/alerting/deliveries.ts";
import type { Delivery } from "../../src/chat/platform.ts";
import type { LogSource } from "../../src/logs/source.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const source = createCountsSource({ checkout: usual(1) });
/** Nothing comes of it before it is called off, as of a log source on the other side of a cut cable. */
const hanging = async (_org: string, { signal }: { signal?: AbortSignal | undefined }) => {
  asked++;
  if (signal === undefined) throw new Error("nobody could call that off");
  await once(signal, "abort");
  throw new Error("called off");
};
const logs: LogSource = { ...source, counts: hanging };
const held: ((answer: Delivery) => void)[] = [];
const chat: RecordingPlatform = {
  ...createRecordingPlatform("T1"),
  post: () => new Promise<Delivery>((resolve) => held.push(resolve)),
};
let asked = 0;
let t: TestApp;
let db: pg.Client;

beforeAll(async () => {
  t = await openTestApp({ logs, chat, watching: { lagMs: 0, learnMs: 60 * 60_000 } });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  for (const answer of held) answer({ outcome: "unknown", why: "the test is over" });
  await db.end();
  await t.close();
});

test("a stop waits neither for logs nor for a platform that do not answer, and leaves both to the next instance", async () => {
  const workspace = await t.app.directory.findWorkspace("recording", "T1");
  if (workspace === undefined) throw new Error("not connected");
  await workspace.scope.transaction(async (each) => {
    await setPurpose(workspace, each, "C1", "alerts", "U1");
    const card = { title: "owed", tone: "neutral", body: [] } as const;
    const owed = { workspaceId: workspace.id, channel: "C1", notice: "n1", card: { ...card, body: [] } };
    await oweNotice(workspace.scope, each, owed);
  });
  const scanned = t.app.scan();
  while (asked === 0 || held.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

  const fromMs = performance.now();
  await t.app.stop();
  // It gives the logs 3.5 s and then the platform one; of themselves they have 30 and 20 s. Docker kills after 10.
  expect(performance.now() - fromMs).toBeLessThan(10_000);
  await scanned;
  const { rows: watches } = await db.query("select lease_until > now() as held, failing_since from watches");
  expect(watches).toEqual([{ held: null, failing_since: null }]);
  const { rows: owed } = await db.query("select state from deliveries");
  expect(owed).toEqual([{ state: "pending" }]);
});
