import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { KEY_PATTERN } from "../../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../../src/keys/scopes.ts";
import { ADMIN, type Ask, createHeldAsk, makeKeyInChat } from "../../support/api/client.ts";
import { eventually } from "../../support/eventually.ts";
import { createLinesSource, lineAt } from "../../support/linesSource.ts";
import { openTestApp, type TestApp } from "../../support/testApp.ts";

let t: TestApp;
let ask: Ask;
let db: pg.Client;
/** A key that may do all. */
let all: string;
/** The logs do not say which services there are. */
let isHanging = false;

beforeAll(async () => {
  const atMs = Date.now() - 60_000;
  const source = createLinesSource([
    ...Array.from({ length: 240 }, (_, n) => lineAt(atMs - n * 15_000, `order ${n} done`, { level: "INFO" })),
    lineAt(atMs, "started", { service: "mailer-ann@example.com", level: "INFO" }),
    ...["eu", "us"].map((namespace) =>
      lineAt(atMs, "failed", { service: "ledger", namespace, level: "ERROR" }),
    ),
    ...Array.from({ length: 90 }, (_, n) =>
      lineAt(atMs - n * 1_000, "connection refused to orders-db password=hunter2hunter2", {
        level: "ERROR",
      }),
    ),
  ]);
  t = await openTestApp({
    logs: {
      ...source,
      services: (org, range) => (isHanging ? new Promise(() => undefined) : source.services(org, range)),
    },
    api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 10_000 },
  });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  ask = await createHeldAsk(t.apiUrl);
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
  all = await make("all", SCOPE_NAMES.join(","));
});
afterAll(async () => {
  await db.end();
  await t.close();
});

async function make(name: string, scopes: string): Promise<string> {
  return (await makeKeyInChat(t.chat, name, [scopes])) as string;
}

interface Started {
  jobs: WithId[];
  skipped: { service: string; why: string }[];
}
interface WithId {
  id: string;
}
interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

test("a path that is asked in another way than it can be says how it can, and one that is not there says that", async () => {
  const other = await ask<{ detail: string }>("DELETE", "/anomalies", { key: all });
  expect([other.status, other.headers.get("allow")]).toEqual([405, "GET"]);
  expect(other.body.detail).toBe("There is no DELETE /v1/anomalies, but GET.");
  const filter = await ask("POST", "/filters/slow", { key: all, body: {} });
  expect([filter.status, filter.headers.get("allow")]).toEqual([405, "GET, PUT, DELETE"]);
  expect((await ask("PUT", "/openapi.json", { key: all })).headers.get("allow")).toBe("GET");
  const nothing = await ask("GET", "/nothing", { key: all });
  expect([nothing.status, nothing.headers.get("allow")]).toEqual([404, null]);
  expect((await ask("GET", "/anomalies/", { key: all })).status).toBe(404);
});

test("a body that is not JSON is refused", async () => {
  const headers = { "content-type": "text/plain" };
  const answer = await ask("POST", "/analyses", { key: all, body: "service=checkout", headers });
  expect(answer).toMatchObject({ status: 415, body: { type: "urn:loghunter:unsupported-media-type" } });
  // A few things at once is not what is asked for, and what it says would not be read: a grace of 24 hours rather than none.
  const several = { "content-type": "application/json-seq" };
  const rotate = await ask("POST", "/keys/nothing/rotate", {
    key: all,
    body: '{"graceHours":0}',
    headers: several,
  });
  expect(rotate).toMatchObject({ status: 415 });
  const broken = await ask("POST", "/analyses", { key: all, body: "{" });
  expect(broken).toMatchObject({ status: 400, body: { type: "urn:loghunter:bad-request" } });
});

test("what does not keep to a schema is told in words of our own", async () => {
  const sent = { service: "", since: 5, limit: 3 };
  const body = await ask("POST", "/analyses", { key: all, body: JSON.stringify(sent) });
  expect(body).toMatchObject({
    status: 400,
    body: {
      detail: "service: must have at least 1 character.",
      errors: [
        { at: "service", why: "must have at least 1 character" },
        { at: "since", why: "must be a text" },
        { at: "", why: 'there is no "limit" here' },
      ],
    },
  });
  const details = async (method: string, path: string, given = {}) => {
    const asked = await ask(method, path, {
      key: all,
      ...(method === "POST" && { body: JSON.stringify(given) }),
    });
    return (asked.body as { detail: string }).detail;
  };
  expect(await details("GET", "/key?limit=3")).toBe('There is no "limit" here.');
  expect(await details("POST", "/analyses")).toBe("service: is missing.");
  expect(await details("GET", "/anomalies?state=odd")).toBe("state: must be one of open, resolved.");
  expect(await details("GET", "/anomalies?limit=many")).toBe("limit: is not between 1 and 200.");
  expect(await details("GET", "/jobs/1")).toBe("id: must be an id, as lists give it.");
  expect(await details("POST", "/deploys", { service: "a", version: "1", at: "yesterday" })).toBe(
    "at: must be a time such as 2026-01-31T14:00:00Z.",
  );
});

test("a body that is too large is refused, and ends the connection on which the rest of it would come", async () => {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(`${t.apiUrl}/v1/analyses`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${all}`,
        "content-type": "application/json",
        "content-length": "300000",
      },
    });
    sent.on("response", resolve).on("error", reject);
    sent.flushHeaders();
  });
  expect([answer.statusCode, answer.headers.connection]).toEqual([413, "close"]);
});

test("a request for a host that can be none is refused as everything else is", async () => {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${all}`, host: "a b" };
    request(`${t.apiUrl}/v1/key`, { headers }, resolve).on("error", reject).end();
  });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([400, "application/problem+json"]);
  expect(JSON.parse(await text(answer))).toMatchObject({ type: "urn:loghunter:bad-request" });
});

test("what belongs to a service is told, however long its name is", async () => {
  const service = "x".repeat(300);
  await db.query(
    `\
insert into anomaly_events (tenant_id, service, namespace, metric, direction, severity, score, started_at, detected_at, last_odd_at,
  baseline_value, observed_value, usual_low, usual_high, deviation_factor, notified, is_shadow, fingerprint, conditions)
select id, $1, '', 'error_rate', 'up', 'LOW', 9, now(), now() - interval '9 days', now(), 1, 9, 0, 2, 9, false, false, 'long', '{}'
from tenants where loki_org_id = 'acme'`,
    [service],
  );
  const { status, body } = await ask<Page<{ service: string }>>("GET", "/anomalies?severity=LOW", {
    key: all,
  });
  expect([status, body.items?.map((item) => item.service)]).toEqual([200, [service]]);
  await db.query("delete from anomaly_events where service = $1", [service]);
});

describe("a root cause", () => {
  test("is asked for, looked for, and read", async () => {
    const asked = await ask("POST", "/analyses", { key: all, body: { service: "checkout", since: "30m" } });
    expect(asked).toMatchObject({ status: 202, body: { state: "queued", service: "checkout" } });
    const job = await untilDone(asked.headers.get("location") as string);
    expect(job.analysisId).toEqual(expect.any(String));
    const { body: analysis } = await ask<{ clusterId: string }>("GET", `/analyses/${job.analysisId}`, {
      key: all,
    });
    expect(analysis).toMatchObject({ service: "checkout", provider: "builtin", feedback: { right: 0 } });
    expect(JSON.stringify(analysis)).not.toContain("hunter2");
    const { body: list } = await ask<Page<WithId>>("GET", "/analyses?service=checkout", { key: all });
    expect(list.items.map(({ id }) => id)).toEqual([job.analysisId]);
    const { body: cluster } = await ask<{ sample: string }>("GET", `/clusters/${analysis.clusterId}`, {
      key: all,
    });
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
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    const other = await ask("POST", "/analyses", { key: all, body: { service: "checkout" }, headers });
    expect(other).toMatchObject({ status: 422, body: { type: "urn:loghunter:unprocessable" } });
  });

  test.each([
    ["before it was done", "insert on conversations", 21],
    ["before that was noted", "update of status on api_requests", 22],
  ])("whose database went away %s can be sent again as soon as it is back", async (name, away, minutes) => {
    const headers = { "idempotency-key": `blip-${minutes}` };
    const body = { service: "checkout", since: `${minutes}m` };
    await db.query(`\
create function be_away() returns trigger language plpgsql as
$$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$;
create trigger away before ${away} for each row execute function be_away();
create trigger away_too before delete on api_requests for each row execute function be_away()`);
    const first = await ask("POST", "/analyses", { key: all, body, headers });
    expect([name, first.status]).toEqual([name, 503]);
    await db.query("drop function be_away cascade");
    const again = await eventually(async () => {
      const asked = await ask<WithId>("POST", "/analyses", { key: all, body, headers });
      return asked.status === 409 ? undefined : asked;
    });
    expect(again.status).toBe(202);
    await untilDone(again.headers.get("location") as string);
    const { rows } = await db.query(
      "select from conversations where window_end - window_start = make_interval(mins => $1)",
      [minutes],
    );
    expect(rows).toHaveLength(1);
  });

  test("that finds too many waiting is to be asked for later", async () => {
    const look = (since: string) =>
      ask<{ type: string }>("POST", "/analyses", { key: all, body: { service: "checkout", since } });
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
    const first = await ask<Started>("POST", "/webhooks/alertmanager", { key: all, body });
    expect(first.status).toBe(202);
    expect(first.body.jobs).toEqual([{ id: expect.any(String), service: "checkout" }]);
    expect(first.body.skipped).toHaveLength(2);
    const again = await ask<Started>("POST", "/webhooks/grafana", { key: all, body });
    expect(again.body.jobs).toEqual(first.body.jobs);
    const headers = { "idempotency-key": "alert-1" };
    const by = (label: string) =>
      ask<Started>("POST", `/webhooks/grafana?label=${label}`, { key: all, body, headers });
    expect((await by("service")).status).toBe(202);
    // The same alert, to be read in another way.
    expect((await by("host")).status).toBe(422);
  });

  test("is started for each namespace whose alert fires, where services of one name stand in several", async () => {
    const labels = [
      { service: "ledger", namespace: "us" },
      { service: "ledger", namespace: "eu" },
      { service: "ledger", namespace: "asia" },
      { service: "ledger" },
      { service: "checkout", namespace: "pods-a" },
      { service: "checkout", namespace: "pods-b" },
    ];
    const alerts = labels.map((of) => ({ status: "firing", labels: of }));
    const { body } = await ask<Started>("POST", "/webhooks/grafana", { key: all, body: { alerts } });
    const jobs = await Promise.all(
      body.jobs.map(
        async ({ id }) =>
          (await ask<{ service: string; namespace: string }>("GET", `/jobs/${id}`, { key: all })).body,
      ),
    );
    expect(jobs.map(({ service, namespace }) => `${service} ${namespace}`)).toEqual([
      ...["ledger us", "ledger eu", "checkout "],
    ]);
    expect(body.skipped.map(({ why }) => why)).toEqual([
      "ledger is not in asia, but in eu, us.",
      "There is a ledger in several namespaces: eu, us. Add namespace:<one of them>.",
    ]);
  });

  test.each(["constructor", "__proto__", "toString"])(
    "is not looked for in a label %s that an alert has not",
    async (label) => {
      const body = { alerts: [{ status: "firing", labels: { service: "checkout" } }] };
      const answer = await ask<Started>("POST", `/webhooks/grafana?label=${label}`, { key: all, body });
      expect(answer).toMatchObject({
        status: 202,
        body: { jobs: [], skipped: [{ why: `no label ${label}` }] },
      });
    },
  );

  test("looks for no more than twenty services of one notification: each may be waited for", async () => {
    const names = [...Array.from({ length: 25 }, (_, n) => `unknown-${n}`), "checkout"];
    const alerts = names.map((service) => ({ status: "firing", labels: { service } }));
    const { body } = await ask<Started>("POST", "/webhooks/grafana", { key: all, body: { alerts } });
    expect(body.jobs).toEqual([]);
    expect(body.skipped).toHaveLength(26);
    const notLookedFor = body.skipped.filter(({ why }) => why.includes("looked for at most"));
    expect(notLookedFor.map(({ service }) => service)).toEqual(names.slice(20));
  });

  function untilDone(location: string) {
    return eventually(
      async () => {
        const { body } = await ask<{ state: string; analysisId: string | null }>("GET", location, {
          key: all,
        });
        return body.state === "done" || body.state === "failed" ? body : undefined;
      },
      "a job that ended",
      { everyMs: 50 },
    );
  }
});

test("what stands in the logs is counted and read, redacted", async () => {
  const errors = await ask("GET", "/errors?service=checkout", { key: all });
  expect(errors.body).toMatchObject({
    service: "checkout",
    lines: 90,
    items: [{ level: "ERROR", count: 90 }],
  });
  const lines = await ask<Page<unknown>>("GET", "/lines?service=checkout&text=order", { key: all });
  expect(lines.body.items).toHaveLength(200);
  expect(errors.text + lines.text).not.toContain("hunter2");
});

test("filters are saved, read, replaced and deleted", async () => {
  const put = (filter: object) => ask<{ filter: object }>("PUT", "/filters/slow", { key: all, body: filter });
  expect(await put({ service: "checkout", keywords: ["timeout"] })).toMatchObject({
    status: 200,
    body: { name: "slow", savedBy: "API key all", filter: { service: "checkout", keywords: ["timeout"] } },
  });
  expect((await put({ levels: ["ERROR"] })).body.filter).toEqual({ levels: ["ERROR"] });
  expect((await put({})).status).toBe(422);
  expect((await ask<Page<unknown>>("GET", "/filters", { key: all })).body.items).toHaveLength(1);
  expect((await ask("DELETE", "/filters/SLOW", { key: all })).status).toBe(200);
  expect((await ask("GET", "/filters/slow", { key: all })).status).toBe(404);

  const post = () =>
    ask("POST", "/filters", { key: all, body: { name: "5xx", filter: { keywords: ["HTTP 500"] } } });
  expect(await post()).toMatchObject({ status: 201, body: { name: "5xx" } });
  expect(await post()).toMatchObject({ status: 409, body: { detail: expect.stringContaining("PUT it") } });
  const { items } = (await ask<Page<{ subject: string }>>("GET", "/audit?about=filter", { key: all })).body;
  expect(items.slice(0, 4).map(({ subject }) => subject)).toEqual(["5xx", "SLOW", "slow", "slow"]);
});

test("a deploy is marked and read, once however often it is sent", async () => {
  const headers = { "idempotency-key": "build-1" };
  const body = { service: "checkout", version: "2.4.1" };
  for (let times = 0; times < 2; times++)
    expect(await ask("POST", "/deploys", { key: all, body, headers })).toMatchObject({ status: 201, body });
  expect((await ask<Page<unknown>>("GET", "/deploys", { key: all })).body.items).toHaveLength(1);
  const typed = await ask("POST", "/deploys", { key: all, body: { ...body, service: "CheckOut" } });
  expect(typed).toMatchObject({ status: 201, body });
  isHanging = true;
  const hung = await ask("POST", "/deploys", { key: all, body }).finally(() => {
    isHanging = false;
  });
  expect(hung).toMatchObject({ status: 201, body });
  const late = await ask("POST", "/deploys", { key: all, body: { ...body, at: "2020-01-01T00:00:00.000Z" } });
  expect(late.status).toBe(422);
});

test("a service is muted and unmuted", async () => {
  const body = { service: "checkout", duration: "1h", reason: "moving" };
  expect(await ask("POST", "/mutes", { key: all, body })).toMatchObject({
    status: 201,
    body: { service: "checkout", reason: "moving", mutedBy: "API key all" },
  });
  expect((await ask<Page<unknown>>("GET", "/mutes", { key: all })).body.items).toHaveLength(1);
  expect((await ask("DELETE", "/mutes/checkout", { key: all })).status).toBe(200);
  expect((await ask("DELETE", "/mutes/checkout", { key: all })).status).toBe(404);
  // As the service writes itself, or nothing would be muted.
  const typed = await ask<{ service: string }>("POST", "/mutes", {
    key: all,
    body: { ...body, service: "CheckOut" },
  });
  expect(typed.body.service).toBe("checkout");
  expect((await ask("DELETE", "/mutes/CHECKOUT", { key: all })).status).toBe(200);
  const named = { ...body, service: "mailer-ann@example.com" };
  expect((await ask<{ service: string }>("POST", "/mutes", { key: all, body: named })).body.service).toBe(
    named.service,
  );
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
    const { status, body } = await ask<Page<WithId>>(
      "GET",
      `/anomalies?limit=7${cursor === undefined ? "" : `&cursor=${cursor}`}`,
      {
        key: all,
      },
    );
    expect(status).toBe(200);
    seen.push(...body.items.map(({ id }) => id));
    cursor = body.nextCursor;
  } while (cursor !== undefined);
  expect([seen.length, new Set(seen).size]).toEqual([95, 95]);
  for (const wrong of ["x", "W10", Buffer.from('["1","x"]').toString("base64url")])
    expect((await ask("GET", `/anomalies?cursor=${wrong}`, { key: all })).status).toBe(400);
});

test("an anomaly is acknowledged and resolved by a key, which its row then names", async () => {
  const { body } = await ask<Page<WithId>>("GET", "/anomalies?limit=1&state=open", { key: all });
  const id = body.items[0]?.id;
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
  const rotated = await ask<{ key: string }>("POST", "/keys/worker/rotate", {
    key: all,
    body: { graceHours: 0 },
    headers,
  });
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

test("of many keys that are rotated at once none fails on our side", async () => {
  await make("turned", "read:logs");
  const asked = Array.from({ length: 12 }, () =>
    ask("POST", "/keys/turned/rotate", { key: all, body: { graceHours: 0 } }),
  );
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  // How many come while others wait is up to the machine: test/keys/hashing.test.ts has them come at once.
  for (const later of answers.filter(({ status }) => status === 429)) {
    expect(later.headers.get("retry-after")).toBe("60");
    expect(later.text).toContain("Many keys are being made just now. Try again in a minute.");
  }
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
