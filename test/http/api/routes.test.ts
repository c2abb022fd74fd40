import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { type Database, openDatabase } from "../../../src/database.ts";
import { makeKey } from "../../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../../src/keys/scopes.ts";
import { createLog } from "../../../src/log.ts";
import type { LogSource } from "../../../src/logs/source.ts";
import { createDirectory } from "../../../src/tenancy/directory.ts";
import {
  ADMIN,
  type Answer,
  type Ask,
  createHeldAsk,
  issueTestKey,
  makeKeyInChat,
  median,
  quickQuarter,
} from "../../support/api/client.ts";
import {
  type ApiDocument,
  nameOf,
  type Operation,
  readDocument,
  scopeOf,
} from "../../support/api/document.ts";
import { createLinesSource, lineAt } from "../../support/linesSource.ts";
import { dumpTenant, fillEveryTable, type TenantTable } from "../../support/tenants.ts";
import { openTestApp, type TestApp } from "../../support/testApp.ts";

const NOBODYS_ID = "3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a10";
/** As like the names of the other organisation's things as can be. */
const NOBODYS_NAME = "nothing";

let t: TestApp;
let ask: Ask;
let db: pg.Client;
let pools: Database;
let document: ApiDocument;
/** Those that ask for a key. */
let locked: Operation[];
/** A key of acme that may do all. */
let all: string;

beforeAll(async () => {
  const atMs = Date.now() - 60_000;
  const linesOf = (service: string) =>
    createLinesSource(
      Array.from({ length: 60 }, (_, n) => lineAt(atMs - n * 1_000, "no stock", { service })),
    );
  t = await openTestApp({
    logs: byOrganisation({ acme: linesOf("checkout"), other: linesOf("billing") }),
    api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 100_000 },
  });
  ask = await createHeldAsk(t.apiUrl);
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  pools = openDatabase({ url: t.databaseUrl, log: createLog("silent") });
  document = await readDocument(t.apiUrl);
  locked = document.operations.filter(({ security }) => security?.length !== 0);
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
  all = await make("all", SCOPE_NAMES);
});
afterAll(async () => {
  await pools.close();
  await db.end();
  await t.close();
});

/** Each organisation has its own logs, as in Loki. */
function byOrganisation(sources: Record<string, LogSource>): LogSource {
  const of = (org: string) => sources[org] as LogSource;
  return {
    lines: (org, query) => of(org).lines(org, query),
    counts: (org, query) => of(org).counts(org, query),
    services: (org, range) => of(org).services(org, range),
    namespaces: (org, range) => of(org).namespaces(org, range),
    linkTo: (org, query) => of(org).linkTo(org, query),
    health: (org) => of(org).health(org),
  };
}

async function make(name: string, scopes: readonly string[]): Promise<string> {
  const key = await makeKeyInChat(t.chat, name, scopes);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

/** With something in the place of its parameters. */
function pathOf({ path }: Operation): string {
  return path.replace("{id}", NOBODYS_ID).replace(/\{\w+\}/, NOBODYS_NAME);
}
function bodyOf({ method }: Operation): unknown {
  return method === "GET" ? undefined : {};
}

describe("every route", () => {
  test("asks for a key and a scope, but for what says which key it is", () => {
    expect(locked.length).toBeGreaterThan(25);
    expect(locked.filter((one) => scopeOf(one) === undefined).map(nameOf)).toEqual(["GET /v1/key"]);
  });

  test("lets in nobody without a key that works, and says the same to all of them in the same time", async () => {
    const revoked = await make("revoked", ["read:analysis"]);
    await t.chat.fill("keys revoke", { name: "revoked" }, { channel: "keys", by: ADMIN });
    const expired = await make("expired", ["read:analysis"]);
    await db.query("update api_keys set expires_at = now() - interval '1 minute' where name = 'expired'");
    const unseen = await make("unseen", ["read:analysis"]);
    await db.query("update api_keys set shown_at = null where name = 'unseen'");
    const keys: Record<string, string | undefined> = {
      "no key": undefined,
      "not a key": "hello",
      "a wrong checksum": `${all.slice(0, -1)}${all.endsWith("a") ? "b" : "a"}`,
      unknown: makeKey(NOBODYS_ID).raw,
      "a wrong secret": wrongSecret(all),
      revoked,
      expired,
      unseen,
    };
    const bodies = new Set<string>();
    const times = new Map<string, number[]>();
    for (const operation of locked) {
      for (const [what, key] of Object.entries(keys)) {
        const answer = await ask(operation.method, pathOf(operation), { key, body: bodyOf(operation) });
        expect([nameOf(operation), what, answer.status]).toEqual([nameOf(operation), what, 401]);
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="loghunter"');
        bodies.add(answer.text);
        times.set(what, [...(times.get(what) ?? []), answer.ms]);
      }
    }
    expect(bodies.size).toBe(1);
    const spread = ["unknown", "a wrong secret", "revoked", "expired", "unseen"].map(
      (what) => times.get(what) ?? [],
    );
    process.stderr.write(`refusals take ${spread.map((ms) => median(ms).toFixed(1)).join(", ")} ms\n`);
    const quick = spread.map(quickQuarter);
    expect(Math.max(...quick) / Math.min(...quick)).toBeLessThan(2);
  });

  test("needs its scope, and says which", async () => {
    const keys = new Map<string, string>();
    for (const operation of locked) {
      const scope = scopeOf(operation);
      if (scope === undefined) continue;
      const key =
        keys.get(scope) ??
        (await make(
          `without-${scope.replace(":", "-")}`,
          SCOPE_NAMES.filter((name) => name !== scope),
        ));
      keys.set(scope, key);
      const answer = await ask<{ detail: string }>(operation.method, pathOf(operation), {
        key,
        body: bodyOf(operation),
      });
      expect([nameOf(operation), answer.status, answer.body.detail]).toEqual([
        ...[nameOf(operation), 403],
        `This needs a key with the scope ${scope}.`,
      ]);
    }
  });

  test("takes nothing that is not in its document", async () => {
    for (const operation of locked) {
      const answer = await ask(operation.method, `${pathOf(operation)}?nonsense=1`, {
        key: all,
        body: operation.method === "GET" ? undefined : { nonsense: 1 },
      });
      expect([nameOf(operation), answer.status]).toEqual([nameOf(operation), 400]);
      expect(answer.body).toMatchObject({ type: "urn:loghunter:bad-request" });
    }
  });
});

describe("a key of another organisation", () => {
  /** What it asks for: something of acme's, and something that nobody has. */
  interface Row {
    /** Of the path. */
    theirs?: string;
    nobodys?: string;
    query?: (name: string) => string;
    body?: (name: string) => unknown;
    /** The status of both. */
    status: number;
  }

  /** For each route that names a thing, in its path, its query or its body; those of lists and of the key itself have none. */
  function rowsOf(ids: Record<TenantTable, string>): Record<string, Row> {
    const byId = (table: TenantTable, status = 404): Row => ({
      theirs: ids[table],
      nobodys: NOBODYS_ID,
      status,
    });
    const named = (theirs: string, status: number, body?: unknown): Row => ({
      ...{ theirs, nobodys: NOBODYS_NAME, status },
      ...(body !== undefined && { body: () => body }),
    });
    const service = "checkout";
    const alert = (name: string) => ({
      alerts: [{ status: "firing", labels: { service: name }, fingerprint: "f" }],
    });
    const inBody = (status: number, body: (name: string) => unknown): Row => ({
      ...{ theirs: service, nobodys: NOBODYS_NAME, status, body },
    });
    const inQuery = (status: number): Row => ({
      ...{ theirs: service, nobodys: NOBODYS_NAME, status, query: (name) => `service=${name}` },
    });
    return {
      "POST /v1/analyses": inBody(422, (name) => ({ service: name })),
      "GET /v1/analyses": inQuery(200),
      "GET /v1/analyses/{id}": byId("analysis_results"),
      "GET /v1/jobs": { status: 200 },
      "GET /v1/jobs/{id}": byId("conversations"),
      "GET /v1/clusters": inQuery(200),
      "GET /v1/clusters/{id}": byId("error_clusters"),
      "GET /v1/anomalies": inQuery(200),
      "GET /v1/anomalies/{id}": byId("anomaly_events"),
      "POST /v1/anomalies/{id}/acknowledge": byId("anomaly_events"),
      "POST /v1/anomalies/{id}/resolve": byId("anomaly_events"),
      "GET /v1/mutes": { status: 200 },
      "DELETE /v1/mutes/{service}": named(service, 404),
      "GET /v1/baselines": inQuery(200),
      "GET /v1/filters": { status: 200 },
      "GET /v1/filters/{name}": named("mine", 404),
      "DELETE /v1/filters/{name}": named("mine", 404),
      "GET /v1/deploys": { status: 200 },
      "GET /v1/errors": inQuery(422),
      "GET /v1/lines": inQuery(422),
      "POST /v1/webhooks/alertmanager": inBody(202, alert),
      "POST /v1/webhooks/grafana": inBody(202, alert),
      "GET /v1/key": { status: 200 },
      "GET /v1/keys": { status: 200 },
      "POST /v1/keys/{name}/rotate": named("ci", 404, {}),
      "DELETE /v1/keys/{name}": named("ci", 404),
      "GET /v1/audit": { status: 200 },
      // These make something of its own; so they come last.
      "POST /v1/filters": inBody(201, (name) => ({ name, filter: { keywords: ["timeout"] } })),
      "PUT /v1/filters/{name}": named("mine", 200, { service }),
      "POST /v1/mutes": inBody(201, (name) => ({ service: name, duration: "1h" })),
      "POST /v1/deploys": inBody(201, (name) => ({ service: name, version: "1" })),
    };
  }

  let ids: Record<TenantTable, string>;
  let acmeId: string;
  /** May do all, in an organisation of its own. */
  let theirs: string;

  beforeAll(async () => {
    const directory = createDirectory(pools);
    const workspace = await directory.connect({
      ...{ platform: "web", externalId: "team-acme", workspaceName: "acme", lokiOrgId: "acme" },
    });
    acmeId = workspace.scope.tenantId;
    // Nothing that is owed is sent meanwhile: what changes then is what was asked for.
    await db.query("begin");
    ids = await fillEveryTable(db, workspace);
    await db.query("update deliveries set next_attempt_at = now() + interval '10 minutes' where id = $1", [
      ids.deliveries,
    ]);
    await db.query("commit");
    theirs = await issueTestKey(await directory.tenantOf("other"), "theirs", SCOPE_NAMES);
  });

  test("has a row here for every route", () => {
    expect(Object.keys(rowsOf(ids)).sort()).toEqual(locked.map(nameOf).sort());
  });

  test("is answered of their things as of things that nobody has, and changes nothing of theirs", async () => {
    const before = await dumpTenant(db, acmeId);
    const secrets = [...Object.values(ids), "no stock of", "no more stock", "CUST-####", "known"];
    for (const [name, row] of Object.entries(rowsOf(ids))) {
      const operation = locked.find((one) => nameOf(one) === name) as Operation;
      const [of, none] = [await asked(operation, row, row.theirs), await asked(operation, row, row.nobodys)];
      expect([name, of.status, none.status]).toEqual([name, row.status, row.status]);
      expect([name, told(of, row.theirs)]).toEqual([name, told(none, row.nobodys)]);
      for (const secret of secrets.filter((one) => one !== row.theirs))
        expect([name, of.text.includes(secret)]).toEqual([name, false]);
      if (operation.method === "GET" && row.status === 200 && !MAY_HAVE_ITEMS.includes(name))
        expect([name, (of.body as { items: unknown[] }).items]).toEqual([name, []]);
    }
    expect(await dumpTenant(db, acmeId)).toEqual(before);
  });

  test("is answered of both in the same time", async () => {
    const reads = Object.entries(rowsOf(ids)).filter(([name, row]) => name.startsWith("GET") && row.theirs);
    const times: { theirs: number[]; nobodys: number[] } = { theirs: [], nobodys: [] };
    for (let round = 0; round < 10; round++) {
      for (const [name, row] of reads) {
        const operation = locked.find((one) => nameOf(one) === name) as Operation;
        for (const whose of ["theirs", "nobodys"] as const)
          times[whose].push((await asked(operation, row, row[whose])).ms);
      }
    }
    process.stderr.write(
      `another organisation's things and nobody's take ${median(times.theirs).toFixed(2)} and ${median(times.nobodys).toFixed(2)} ms\n`,
    );
    const quick = [quickQuarter(times.theirs), quickQuarter(times.nobodys)];
    expect(Math.max(...quick) / Math.min(...quick)).toBeLessThan(2);
  });

  /** They tell of the key that asks, and of what it did. */
  const MAY_HAVE_ITEMS = ["GET /v1/key", "GET /v1/keys", "GET /v1/audit"];

  test("sees what acme's own key sees there", async () => {
    for (const [name, row] of Object.entries(rowsOf(ids))) {
      if (!name.startsWith("GET") || row.theirs === undefined || name.includes("/baselines")) continue;
      const operation = locked.find((one) => nameOf(one) === name) as Operation;
      const { status, text } = await asked(operation, row, row.theirs, all);
      // Else the test before this one would have nothing to hide.
      expect([name, status, text.includes(row.theirs)]).toEqual([name, 200, true]);
    }
  });

  function asked(operation: Operation, { query, body }: Row, thing: string | undefined, key = theirs) {
    const path = operation.path.replace(/\{\w+\}/, thing ?? "");
    const search = query === undefined || thing === undefined ? "" : `?${query(thing)}`;
    const given = body === undefined || thing === undefined ? undefined : body(thing);
    return ask(operation.method, `${path}${search}`, { key, body: given });
  }

  /** An answer without what differs from one request to the next. */
  function told({ text, headers }: Answer<unknown>, thing: string | undefined) {
    const withoutTimes = text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
    return {
      text: thing === undefined ? withoutTimes : withoutTimes.replaceAll(thing, "<thing>"),
      headers: [...headers.keys()],
    };
  }
});

/** Of the same id, with another secret and the checksum that belongs to it. */
function wrongSecret(key: string): string {
  const [, id] = key.split("_") as [string, string];
  const [, , secret] = makeKey(NOBODYS_ID).raw.split("_") as [string, string, string];
  return withChecksum(`lh_${id}_${secret}`);
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
