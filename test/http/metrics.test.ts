import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { claimDeliveries } from "../../src/alerting/claims.ts";
import { oweNotice } from "../../src/alerting/deliveries.ts";
import { createMetrics, metricsRoute } from "../../src/http/metrics.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import type { Workspace } from "../../src/tenancy/directory.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";
import { openTestApp } from "../support/testApp.ts";

const log = createLog("silent");
const TOKEN = "a token of some length";
let t: TestTenants;
let server: HttpServer;
let guarded: HttpServer;
let isDatabaseUp = true;
let hangs = false;

beforeAll(async () => {
  t = await openTestTenants();
  const parts = {
    metrics: createMetrics(),
    owed: async () => {
      if (!isDatabaseUp) throw new Error("the database is away");
      if (hangs) return new Promise<never>(() => undefined);
      return t.directory.countDeliveries();
    },
    log,
  };
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

/** Our own samples, by name and labels. */
function ours(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.startsWith("loghunter_"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

function owe({ id, scope }: Workspace, notice: string): Promise<void> {
  const card = { title: "secret words", tone: "neutral", body: [] } as const;
  const owed = { workspaceId: id, channel: "C-private", notice, card: { ...card, body: [] } };
  return scope.transaction((db) => oweNotice(scope, db, owed));
}

test("what is owed to all tenants is counted, and the age of the oldest is told", async () => {
  expect(ours(await (await ask()).text())).toMatchObject({
    loghunter_database_up: 1,
    loghunter_deliveries_pending: 0,
    loghunter_deliveries_refused: 0,
    loghunter_oldest_unsent_seconds: 0,
  });
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
  const found = ours(await (await ask()).text());
  expect(found).toMatchObject({
    loghunter_deliveries_pending: 3,
    loghunter_deliveries_refused: 1,
    loghunter_deliveries_in_hand: 1,
  });
  expect(found.loghunter_oldest_unsent_seconds).toBeGreaterThan(115);
  expect(found.loghunter_oldest_unsent_seconds).toBeLessThan(180);
});

test("it is text that Prometheus reads, and names nobody's organisation, workspace or channel", async () => {
  const response = await ask();
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const line of text.trimEnd().split("\n").filter(Boolean))
    expect(line).toMatch(
      /^(# (HELP|TYPE) [a-z_\d]+ .+|[a-z_\d]+(\{([a-z]+="[^"]*",?)+\})? [-+.\deNaIinf]+)$/i,
    );
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
  const found = ours(await response.text());
  expect(found.loghunter_database_up).toBe(0);
  expect(Object.keys(found).filter((name) => /deliver|oldest/.test(name))).toEqual([]);
  expect(ours(await (await ask()).text())).toMatchObject({ loghunter_deliveries_pending: 3 });
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

test("what is sent and scanned is counted by what came of it", async () => {
  const metrics = createMetrics();
  let areLogsUp = true;
  const source = createCountsSource({ checkout: usual(1) });
  const logs: typeof source = {
    ...source,
    counts: (...asked) => (areLogsUp ? source.counts(...asked) : Promise.reject(new Error("away"))),
  };
  const app = await openTestApp({ logs, metrics });
  const admin = new pg.Client({ connectionString: app.databaseUrl });
  await admin.connect();
  const owed = async (notice: string) =>
    admin.query(
      `insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card)
       select tenant_id, id, 'general', $1, 'notice', 0, '{"title": "told", "tone": "neutral", "body": []}' from workspaces`,
      [notice],
    );
  const until = async (name: string) => {
    const endMs = Date.now() + 20_000;
    for (;;) {
      const found = ours(await metrics.text(undefined))[name];
      if (found === 1 || Date.now() > endMs) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    await owed("1");
    expect(await until('loghunter_sends_total{platform="recording",outcome="sent"}')).toBe(1);
    app.chat.refusePosts({ outcome: "refused", reason: "not acceptable", why: "no" });
    await owed("2");
    expect(await until('loghunter_sends_total{platform="recording",outcome="refused"}')).toBe(1);
    await app.app.scan();
    expect(await until('loghunter_scans_total{outcome="done"}')).toBe(1);
    await admin.query("update watches set scanned_until = scanned_until - interval '1 minute'");
    areLogsUp = false;
    await app.app.scan();
    expect(await until('loghunter_scans_total{outcome="failed"}')).toBe(1);
  } finally {
    await admin.end();
    await app.close();
  }
});

test("a database that hangs is told as one that is away, before Prometheus gives up", async () => {
  hangs = true;
  const fromMs = performance.now();
  const response = await ask();
  hangs = false;
  expect(performance.now() - fromMs).toBeLessThan(3_000);
  expect(response.status).toBe(200);
  expect(ours(await response.text()).loghunter_database_up).toBe(0);
});
