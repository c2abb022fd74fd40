import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { claimDeliveries } from "../../src/alerting/claims.ts";
import { oweNotice } from "../../src/alerting/deliveries.ts";
import { metricsRoute } from "../../src/http/metrics.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import { NO_MODELS } from "../../src/models/tenantModel.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { tellStanding } from "../../src/telemetry/standing.ts";
import type { Workspace } from "../../src/tenancy/directory.ts";
import { readExposition } from "../support/promText.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const log = createLog("silent");
const TOKEN = "a token of some length";
let t: TestTenants;
let server: HttpServer;
let guarded: HttpServer;
let isDatabaseUp = true;
let hangs = false;

beforeAll(async () => {
  t = await openTestTenants();
  const metrics = createMetrics(log);
  const ifUp =
    <T>(count: () => Promise<T>) =>
    async () => {
      if (!isDatabaseUp) throw new Error("the database is away");
      if (hangs) return new Promise<never>(() => undefined);
      return count();
    };
  tellStanding(metrics, {
    backlog: {
      countDeliveries: ifUp(() => t.directory.countDeliveries()),
      countWaiting: ifUp(() => t.directory.countWaiting()),
    },
    queue: { standing: ifUp(async () => ({ waiting: 2, active: 1, delayed: 0, oldestForMs: 1_500 })) },
    database: t.database,
    notices: () => undefined,
    cache: { health: async () => ({ ok: true, summary: "", warnings: [] }) },
    models: NO_MODELS,
    platforms: [
      { name: "discord", isConnected: () => false },
      { name: "slack", isConnected: () => true },
      { name: "web", isConnected: () => undefined },
    ],
    now: Date.now,
  });
  const parts = { metrics, log };
  const at = { host: "127.0.0.1", port: 0, log };
  server = await startHttpServer(at, [metricsRoute(parts)]);
  guarded = await startHttpServer(at, [metricsRoute({ ...parts, token: TOKEN })]);
});
afterAll(async () => {
  await Promise.all([server.close(), guarded.close()]);
  await t.close();
});

function ask(path = "/metrics", of = server, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${of.port}${path}`, init);
}

async function told() {
  return readExposition(await (await ask()).text());
}

function owe({ id, scope }: Workspace, notice: string): Promise<void> {
  const card = { title: "secret words", tone: "neutral", body: [] } as const;
  const owed = { workspaceId: id, channel: "C-private", notice, card: { ...card, body: [] } };
  return scope.transaction((db) => oweNotice(scope, db, owed));
}

test("what is owed to all tenants is counted, and the age of the oldest is told", async () => {
  const before = await told();
  expect(before.value("loghunter_database_up")).toBe(1);
  expect(before.value("loghunter_deliveries_pending")).toBe(0);
  expect(before.value("loghunter_deliveries_refused")).toBe(0);
  expect(before.value("loghunter_oldest_unsent_seconds")).toBe(0);
  for (const [of, notice] of [
    [t.a, "1"],
    [t.a, "2"],
    [t.a, "refused"],
    [t.b, "oldest"],
    [t.b, "sent"],
  ] as const)
    await owe(of, notice);
  await t.admin.query("update deliveries set state = notice where notice in ('refused', 'sent')");
  await t.admin.query(
    "update deliveries set created_at = now() - interval '2 minutes' where notice = 'oldest'",
  );
  await claimDeliveries(
    t.a.scope,
    { owner: randomUUID(), forMs: 60_000, channelApartMs: 0, editsApartMs: 0 },
    1,
  );
  const found = await told();
  expect(found.value("loghunter_deliveries_pending")).toBe(3);
  expect(found.value("loghunter_deliveries_refused")).toBe(1);
  expect(found.value("loghunter_deliveries_in_hand")).toBe(1);
  expect(found.value("loghunter_oldest_unsent_seconds")).toBeGreaterThan(115);
  expect(found.value("loghunter_oldest_unsent_seconds")).toBeLessThan(180);
});

test("what waits for an answer is counted, and who lags with scans, of those that are watched", async () => {
  expect((await told()).value("loghunter_questions_waiting")).toBe(0);
  expect((await told()).value("loghunter_scan_age_seconds")).toBeUndefined();
  await t.admin.query(
    `insert into conversations (tenant_id, asked_by, once_id, service, namespace, window_start, window_end, state, created_at)
     select id, 'u', 'once', 'checkout', '', now() - interval '1 hour', now(), 'queued', now() - interval '3 minutes' from tenants`,
  );
  await t.admin.query(
    "insert into watches (tenant_id, scanned_until) select id, now() - interval '1 hour' * (row_number() over (order by id)) from tenants",
  );
  const found = await told();
  expect(found.value("loghunter_questions_waiting")).toBe(2);
  expect(Math.round((found.value("loghunter_oldest_question_seconds") ?? 0) / 60)).toBe(3);
  expect(Math.round((found.value("loghunter_scan_age_seconds", { of: "newest" }) ?? 0) / 60)).toBe(60);
  expect(Math.round((found.value("loghunter_scan_age_seconds", { of: "oldest" }) ?? 0) / 60)).toBe(120);
  expect(found.value("loghunter_jobs", { state: "waiting" })).toBe(2);
  expect(found.value("loghunter_oldest_job_seconds")).toBe(1.5);
  // Nobody is there who would miss the scans of the other.
  await t.admin.query("update workspaces set connected_at = null where id = $1", [t.b.id]);
  const { samples } = await told();
  const ages = samples.filter(({ name }) => name === "loghunter_scan_age_seconds").map(({ value }) => value);
  expect(ages).toHaveLength(2);
  expect(ages[0]).toBe(ages[1]);
});

test("platforms say whether their connection stands, where they need one", async () => {
  const { samples } = await told();
  const chats = samples.filter(({ name }) => name === "loghunter_chat_up");
  expect(chats.map(({ labels, value }) => [labels.platform, value])).toEqual([
    ["discord", 0],
    ["slack", 1],
  ]);
});

test("it is text that Prometheus reads, and names nobody's organisation, workspace or channel", async () => {
  const response = await ask();
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(readExposition(text).samples.length).toBeGreaterThan(50);
  for (const line of text.split("\n").filter((one) => one.startsWith("#")))
    expect(line).toMatch(/^# (HELP|TYPE) [a-z_\d]+ .+$/i);
  const { rows } = await t.admin.query<{ id: string }>(
    "select id from tenants union all select tenant_id from deliveries union all select workspace_id from deliveries",
  );
  for (const secret of [...rows.map(({ id }) => id), "team-a", "team-b", "C-private", "secret words"])
    expect(text).not.toContain(secret);
  expect(text).toContain("process_resident_memory_bytes");
});

test("a database that is away is told, and no old number", async () => {
  isDatabaseUp = false;
  const response = await ask();
  isDatabaseUp = true;
  expect(response.status).toBe(200);
  const { samples, value } = readExposition(await response.text());
  expect(value("loghunter_database_up")).toBe(0);
  const owed = samples.filter(({ name }) =>
    /^loghunter_(deliveries|oldest|questions|jobs$|scan_age)/.test(name),
  );
  expect(owed).toEqual([]);
  expect((await told()).value("loghunter_deliveries_pending")).toBe(3);
});

test("who has no token learns nothing where one is asked for", async () => {
  const asked = async (authorization?: string) => {
    const response = await ask(
      "/metrics",
      guarded,
      authorization === undefined ? {} : { headers: { authorization } },
    );
    return [response.status, (await response.text()).includes("loghunter_")];
  };
  expect(await asked()).toEqual([401, false]);
  for (const wrong of ["Bearer", "Bearer another token", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])
    expect([wrong, await asked(wrong)]).toEqual([wrong, [401, false]]);
  expect(await asked(`Bearer ${TOKEN}`)).toEqual([200, true]);
});

test("only the metrics are there, and they are only read", async () => {
  expect((await ask("/metrics?x=1")).status).toBe(200);
  expect((await ask("/metrics", server, { method: "HEAD" })).status).toBe(200);
  expect((await ask("/metrics", server, { method: "POST" })).status).toBe(405);
  for (const path of ["/metrics/", "/metricsandmore"])
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
});

test("a database that hangs is told as one that is away, before Prometheus gives up", async () => {
  hangs = true;
  const fromMs = performance.now();
  const { value } = await told();
  hangs = false;
  // Prometheus waits for 10 s unless it is told otherwise.
  expect(performance.now() - fromMs).toBeLessThan(10_000);
  expect(value("loghunter_database_up")).toBe(0);
});
