import { request } from "node:http";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { KEY_PATTERN, makeKey } from "../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };
const NOBODYS_ID = "3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a10";

interface Operation {
  method: string;
  /** With something in the place of its parameters. */
  path: string;
  scope?: string;
}

let t: TestApp;
let db: pg.Client;
let operations: Operation[] = [];
/** A key that may do all. */
let all: string;

beforeAll(async () => {
  const atMs = Date.now() - 60_000;
  t = await openTestApp({
    logs: createLinesSource([
      ...Array.from({ length: 240 }, (_, n) =>
        lineAt(atMs - n * 15_000, `order ${n} done`, { level: "INFO" }),
      ),
      ...Array.from({ length: 90 }, (_, n) =>
        lineAt(atMs - n * 1_000, "connection refused to orders-db password=hunter2hunter2", {
          level: "ERROR",
        }),
      ),
    ]),
    api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 10_000 },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
  all = await make("all", SCOPE_NAMES.join(","));
  const document = (await (await fetch(`${t.apiUrl}/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: { apiKey: string[] }[] }>>;
  };
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replace("{id}", NOBODYS_ID).replace(/\{\w+\}/, "nothing"),
      ...(security?.[0]?.apiKey[0] !== undefined && { scope: security[0].apiKey[0] }),
    })),
  );
});
afterAll(async () => {
  await db.end();
  await t.close();
});

async function make(name: string, scopes: string): Promise<string> {
  const reply = await t.chat.fill("keys create", { name, scopes }, { channel: "keys", by: ADMIN });
  return KEY_PATTERN.exec(JSON.stringify(reply))?.[0] as string;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every route
  body: any;
  ms: number;
}

async function ask(
  method: string,
  path: string,
  { key, body, headers }: { key?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const fromMs = performance.now();
  const answer = await fetch(`${t.apiUrl}${path.startsWith("/v1") ? path : `/v1${path}`}`, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const ms = performance.now() - fromMs;
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text), ms };
}

describe("every route", () => {
  test("is there", () => {
    expect(operations.length).toBeGreaterThan(25);
    expect(operations.filter(({ scope }) => scope === undefined).map(({ path }) => path)).toEqual([
      "/v1/key",
    ]);
  });

  test("lets in nobody without a key that works, and says the same to all of them in the same time", async () => {
    const revoked = await make("revoked", "read:analysis");
    await t.chat.fill("keys revoke", { name: "revoked" }, { channel: "keys", by: ADMIN });
    const expired = await make("expired", "read:analysis");
    await db.query("update api_keys set expires_at = now() - interval '1 minute' where name = 'expired'");
    const unseen = await make("unseen", "read:analysis");
    await db.query("update api_keys set shown_at = null where name = 'unseen'");
    const wrong = wrongSecret(all);
    const keys: Record<string, string | undefined> = {
      "no key": undefined,
      "not a key": "hello",
      "a wrong checksum": `${all.slice(0, -1)}${all.endsWith("a") ? "b" : "a"}`,
      unknown: makeKey(NOBODYS_ID).raw,
      "a wrong secret": wrong,
      revoked,
      expired,
      unseen,
    };
    const bodies = new Set<string>();
    const times = new Map<string, number[]>();
    for (const { method, path } of operations) {
      for (const [what, key] of Object.entries(keys)) {
        const answer = await ask(method, path, { key, body: method === "GET" ? undefined : {} });
        expect([method, path, what, answer.status]).toEqual([method, path, what, 401]);
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="loghunter"');
        bodies.add(answer.text);
        times.set(what, [...(times.get(what) ?? []), answer.ms]);
      }
    }
    expect(bodies.size).toBe(1);
    const spread = ["unknown", "a wrong secret", "revoked", "expired", "unseen"].map((what) =>
      median(times.get(what) ?? []),
    );
    process.stderr.write(`refusals take ${spread.map((ms) => ms.toFixed(1)).join(", ")} ms\n`);
    expect(Math.max(...spread) / Math.min(...spread)).toBeLessThan(2);
  });

  test("needs its scope, and says which", async () => {
    for (const { method, path, scope } of operations) {
      if (scope === undefined) continue;
      const others = SCOPE_NAMES.filter((name) => name !== scope).join(",");
      const without = (await make(`without-${scope.replace(":", "-")}`, others)) ?? keysOf.get(scope);
      if (without !== undefined) keysOf.set(scope, without);
      const answer = await ask(method, path, {
        key: keysOf.get(scope),
        body: method === "GET" ? undefined : {},
      });
      expect([path, answer.status, answer.body.detail]).toEqual([
        ...[path, 403],
        `This needs a key with the scope ${scope}.`,
      ]);
    }
  });
  const keysOf = new Map<string, string>();

  test("takes nothing that is not in its document", async () => {
    for (const { method, path } of operations) {
      const answer = await ask(method, `${path}?nonsense=1`, {
        key: all,
        body: method === "GET" ? undefined : { nonsense: 1 },
      });
      expect([path, [400, 404].includes(answer.status)]).toEqual([path, true]);
      if (answer.status === 400) expect(answer.body).toMatchObject({ type: "urn:loghunter:bad-request" });
    }
  });

  test("never fails on our side, whatever is sent", async () => {
    const odd = [
      "{",
      "[]",
      '"x"',
      "null",
      "1e999",
      '{"service":"\\u0000"}',
      '{"service":"\\ud800"}',
      "x".repeat(200_000),
    ];
    for (const { method, path } of operations) {
      for (const body of odd) {
        const answer = await ask(method, path, { key: all, body: method === "GET" ? undefined : body });
        expect([method, path, body.slice(0, 20), answer.status < 500]).toEqual([
          method,
          path,
          body.slice(0, 20),
          true,
        ]);
      }
    }
  });
});

test("a body that is not JSON is refused", async () => {
  const headers = { "content-type": "text/plain" };
  const answer = await ask("POST", "/analyses", { key: all, body: "service=checkout", headers });
  expect(answer).toMatchObject({ status: 415, body: { type: "urn:loghunter:unsupported-media-type" } });
  const broken = await ask("POST", "/analyses", { key: all, body: "{" });
  expect(broken).toMatchObject({ status: 400, body: { type: "urn:loghunter:bad-request" } });
});

test("a body that is too large is refused", async () => {
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${t.apiUrl}/v1/analyses`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${all}`,
        "content-type": "application/json",
        "content-length": "300000",
      },
    });
    sent.on("response", ({ statusCode }) => resolve(statusCode)).on("error", reject);
    sent.flushHeaders();
  });
  expect(answer).toBe(413);
});

describe("a root cause", () => {
  test("is asked for, looked for, and read", async () => {
    const asked = await ask("POST", "/analyses", { key: all, body: { service: "checkout", since: "30m" } });
    expect(asked).toMatchObject({ status: 202, body: { state: "queued", service: "checkout" } });
    const job = await untilDone(asked.headers.get("location") as string);
    expect(job.analysisId).toEqual(expect.any(String));
    const { body: analysis } = await ask("GET", `/analyses/${job.analysisId}`, { key: all });
    expect(analysis).toMatchObject({ service: "checkout", provider: "builtin", feedback: { right: 0 } });
    expect(JSON.stringify(analysis)).not.toContain("hunter2");
    const { body: list } = await ask("GET", "/analyses?service=checkout", { key: all });
    expect(list.items.map(({ id }: { id: string }) => id)).toEqual([job.analysisId]);
    const { body: cluster } = await ask("GET", `/clusters/${analysis.clusterId}`, { key: all });
    expect(cluster.sample).toContain("connection refused to orders-db");
    const { rows } = await db.query("select from deliveries where kind = 'answer'");
    expect(rows).toHaveLength(0);
  });

  test("that is asked for again with the same Idempotency-Key is looked for once", async () => {
    const headers = { "idempotency-key": "deploy-17" };
    const body = { service: "checkout", since: "20m" };
    const first = await ask("POST", "/analyses", { key: all, body, headers });
    const again = await ask("POST", "/analyses", { key: all, body, headers });
    expect(again).toMatchObject({ status: 202, text: first.text });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const other = await ask("POST", "/analyses", { key: all, body: { service: "checkout" }, headers });
    expect(other).toMatchObject({ status: 422, body: { type: "urn:loghunter:unprocessable" } });
  });

  test("that finds too many waiting is to be asked for later", async () => {
    const look = (since: string) =>
      ask("POST", "/analyses", { key: all, body: { service: "checkout", since } });
    for (const since of ["31m", "32m", "33m", "34m", "35m"])
      await untilDone((await look(since)).headers.get("location") as string);
    await db.query("update conversations set state = 'queued', joins_id = null, service = 'other'");
    const { status, body, headers } = await look("36m");
    await db.query("update conversations set state = 'answered' where state = 'queued'");
    expect([status, body.type, headers.get("retry-after")]).toEqual([
      429,
      "urn:loghunter:too-many-requests",
      "60",
    ]);
  });

  test("of a service that nobody knows is refused with what there is", async () => {
    const answer = await ask("POST", "/analyses", { key: all, body: { service: "chekout" } });
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("Did you mean checkout?") },
    });
  });

  test("is started by another system's alert, once for as long as it fires", async () => {
    const body = {
      version: "4",
      alerts: [
        {
          status: "firing",
          labels: { service: "checkout" },
          startsAt: new Date().toISOString(),
          fingerprint: "f1",
        },
        { status: "resolved", labels: { service: "checkout" } },
        { status: "firing", labels: { service: "nothing-like-it" } },
        { status: "firing", labels: { host: "a" } },
      ],
    };
    const first = await ask("POST", "/webhooks/alertmanager", { key: all, body });
    expect(first.status).toBe(202);
    expect(first.body.jobs).toEqual([{ id: expect.any(String), service: "checkout" }]);
    expect(first.body.skipped).toHaveLength(2);
    const again = await ask("POST", "/webhooks/grafana", { key: all, body });
    expect(again.body.jobs).toEqual(first.body.jobs);
  });

  async function untilDone(location: string) {
    for (let tries = 0; tries < 200; tries++) {
      const { body } = await ask("GET", location, { key: all });
      if (body.state === "done" || body.state === "failed") return body;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("the job did not end");
  }
});

test("what stands in the logs is counted and read, redacted", async () => {
  const errors = await ask("GET", "/errors?service=checkout", { key: all });
  expect(errors.body).toMatchObject({
    service: "checkout",
    lines: 90,
    items: [{ level: "ERROR", count: 90 }],
  });
  const lines = await ask("GET", "/lines?service=checkout&text=order", { key: all });
  expect(lines.body.items).toHaveLength(200);
  expect(errors.text + lines.text).not.toContain("hunter2");
});

test("filters are saved, read, replaced and deleted", async () => {
  const put = (filter: object) => ask("PUT", "/filters/slow", { key: all, body: filter });
  expect(await put({ service: "checkout", keywords: ["timeout"] })).toMatchObject({
    status: 200,
    body: { name: "slow", savedBy: "API key all", filter: { service: "checkout", keywords: ["timeout"] } },
  });
  expect((await put({ levels: ["ERROR"] })).body.filter).toEqual({ levels: ["ERROR"] });
  expect((await put({})).status).toBe(422);
  expect((await ask("GET", "/filters", { key: all })).body.items).toHaveLength(1);
  expect((await ask("DELETE", "/filters/SLOW", { key: all })).status).toBe(200);
  expect((await ask("GET", "/filters/slow", { key: all })).status).toBe(404);

  const post = () =>
    ask("POST", "/filters", { key: all, body: { name: "5xx", filter: { keywords: ["HTTP 500"] } } });
  expect(await post()).toMatchObject({ status: 201, body: { name: "5xx" } });
  expect(await post()).toMatchObject({ status: 409, body: { detail: expect.stringContaining("PUT it") } });
  const { items } = (await ask("GET", "/audit?about=filter", { key: all })).body;
  expect(items.slice(0, 4).map(({ subject }: { subject: string }) => subject)).toEqual([
    "5xx",
    "SLOW",
    "slow",
    "slow",
  ]);
});

test("a deploy is marked and read, once however often it is sent", async () => {
  const headers = { "idempotency-key": "build-1" };
  const body = { service: "checkout", version: "2.4.1" };
  for (let times = 0; times < 2; times++)
    expect(await ask("POST", "/deploys", { key: all, body, headers })).toMatchObject({ status: 201, body });
  expect((await ask("GET", "/deploys", { key: all })).body.items).toHaveLength(1);
  const late = await ask("POST", "/deploys", { key: all, body: { ...body, at: "2020-01-01T00:00:00.000Z" } });
  expect(late.status).toBe(422);
});

test("a service is muted and unmuted", async () => {
  const body = { service: "checkout", duration: "1h", reason: "moving" };
  expect(await ask("POST", "/mutes", { key: all, body })).toMatchObject({
    status: 201,
    body: { service: "checkout", reason: "moving", mutedBy: "API key all" },
  });
  expect((await ask("GET", "/mutes", { key: all })).body.items).toHaveLength(1);
  expect((await ask("DELETE", "/mutes/checkout", { key: all })).status).toBe(200);
  expect((await ask("DELETE", "/mutes/checkout", { key: all })).status).toBe(404);
});

test("pages follow each other without a gap or a row twice, also where many rows are of one moment", async () => {
  await db.query(`\
insert into anomaly_events (tenant_id, service, namespace, metric, direction, severity, score, started_at, detected_at, last_odd_at,
  baseline_value, observed_value, usual_low, usual_high, deviation_factor, notified, is_shadow, fingerprint, conditions)
select id, 's' || n, '', 'error_rate', 'up', 'HIGH', 9, now(), now() - (n / 10) * interval '1 second', now(), 1, 9, 0, 2, 9, false, false, '', '{}'
from tenants, generate_series(1, 95) n where loki_org_id = 'acme'`);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await ask(
      "GET",
      `/anomalies?limit=7${cursor === undefined ? "" : `&cursor=${cursor}`}`,
      {
        key: all,
      },
    );
    expect(status).toBe(200);
    seen.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  } while (cursor !== undefined);
  expect([seen.length, new Set(seen).size]).toEqual([95, 95]);
  for (const wrong of ["x", "W10", Buffer.from('["1","x"]').toString("base64url")])
    expect((await ask("GET", `/anomalies?cursor=${wrong}`, { key: all })).status).toBe(400);
});

test("an anomaly is acknowledged and resolved by a key, which its row then names", async () => {
  const { body } = await ask("GET", "/anomalies?limit=1&state=open", { key: all });
  const [{ id }] = body.items;
  const acknowledged = await ask("POST", `/anomalies/${id}/acknowledge`, { key: all });
  expect(acknowledged).toMatchObject({ status: 200, body: { acknowledgedBy: "API key all" } });
  expect(await ask("POST", `/anomalies/${id}/resolve`, { key: all })).toMatchObject({
    status: 200,
    body: { resolvedAt: expect.any(String) },
  });
  expect((await ask("POST", `/anomalies/${id}/resolve`, { key: all })).status).toBe(409);
});

test("keys are listed, rotated by one that may as much, shown once, and ended", async () => {
  await make("worker", "read:logs");
  const admin = await make("admin", "admin:keys");
  expect((await ask("POST", "/keys/worker/rotate", { key: admin, body: {} })).status).toBe(403);
  const headers = { "idempotency-key": "turn-1" };
  const rotated = await ask("POST", "/keys/worker/rotate", { key: all, body: { graceHours: 0 }, headers });
  expect(rotated.status).toBe(201);
  expect((await ask("GET", "/key", { key: rotated.body.key })).body).toMatchObject({ name: "worker" });
  const again = await ask("POST", "/keys/worker/rotate", { key: all, body: { graceHours: 0 }, headers });
  expect(again.status).toBe(409);
  expect(again.text).not.toMatch(KEY_PATTERN);
  const { rows } = await db.query<{ row: string }>("select t::text as row from api_requests t");
  expect(rows.filter(({ row }) => KEY_PATTERN.test(row))).toEqual([]);
  expect((await ask("DELETE", "/keys/worker", { key: admin })).body).toMatchObject({ name: "worker" });
  expect((await ask("GET", "/key", { key: rotated.body.key })).status).toBe(401);
});

test("a key makes so many requests in a minute and no more, and is told how many are left", async () => {
  const key = await make("few", "read:logs");
  await db.query("update api_keys set per_minute = 3 where name = 'few'");
  const answers = [];
  for (let times = 0; times < 5; times++) answers.push(await ask("GET", "/key", { key }));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
  expect(answers[0]?.headers.get("ratelimit-policy")).toBe('"key";q=3;w=60');
  expect(answers.map(({ headers }) => headers.get("ratelimit")?.split(";")[1])).toEqual([
    ...["r=2", "r=1", "r=0", "r=0", "r=0"],
  ]);
  expect(Number(answers[4]?.headers.get("retry-after"))).toBeGreaterThan(50);
});

function wrongSecret(key: string): string {
  const [, id] = key.split("_") as [string, string];
  const uuid = NOBODYS_ID;
  const other = makeKey(uuid).raw.split("_") as [string, string, string, string];
  // Of this id, with another secret and the checksum that belongs to it.
  const body = `lh_${id}_${other[2]}`;
  return withChecksum(body);
}
function withChecksum(body: string): string {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let rest = crc32(body);
  let text = "";
  while (rest > 0) {
    text = `${digits[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  }
  return `${body}_${text.padStart(6, "0")}`;
}
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
