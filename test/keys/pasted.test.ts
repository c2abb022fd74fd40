import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { KEY_PATTERN, makeKey } from "../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { createLog } from "../../src/log.ts";
import { holdsOwnKey, withoutOwnKeys } from "../../src/logs/redaction/ownKeys.ts";
import { readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction, redact } from "../../src/logs/redaction.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createSecretSearch } from "../support/secretSearch.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };
const raw = makeKey(randomUUID()).raw;
const search = createSecretSearch([{ name: "the key", secret: raw.split("_")[2] ?? "" }]);

describe("LogHunter's own keys in a text", () => {
  const spelled: Record<string, string> = {
    alone: raw,
    "in a sentence": `why does ${raw} not work?`,
    "in an address": `https://loghunter.example/v1/key?key=${encodeURIComponent(raw)}&x=1`,
    "in an address that spells all its signs": `https://x.example/%22${raw.replaceAll("_", "%5F")}%22`,
    "behind letters": `deploy${raw}`,
    twice: raw + raw,
    "with its bars escaped": raw.replaceAll("_", "\\_"),
    "in base64, as a secret of Kubernetes": `key: ${Buffer.from(raw).toString("base64")}`,
    "without its end": raw.slice(0, 40),
    "in capitals": raw.toUpperCase(),
  };
  test.each(Object.entries(spelled))("are known %s", (_, text) => {
    expect(redact(text)).toContain("<redacted:loghunter-key>");
    expect(search(redact(text))).toEqual([]);
    expect(search(withoutOwnKeys(text))).toEqual([]);
    expect(holdsOwnKey(text)).toBe(true);
  });

  test("are known whatever they are", () => {
    for (let n = 0; n < 200; n++) expect(redact(makeKey(randomUUID()).raw)).toBe("<redacted:loghunter-key>");
  });

  test.each([raw.slice(0, 25), "lh_level=error", "bGhfbGV2ZWw=", `…${raw.slice(-4)}`])(
    "are not what names one, or begins like one: %s",
    (text) => {
      expect(redact(text)).toBe(text);
      expect(holdsOwnKey(text)).toBe(false);
    },
  );

  test("are shown to nobody, whatever a tenant wants to see", () => {
    const pattern = readPattern("lh_*");
    if (typeof pattern === "string") throw new Error(pattern);
    expect(createRedaction({ allowed: [pattern] }).redact(raw)).toBe("<redacted:loghunter-key>");
  });

  test("are in no line of the log, whoever put them into an error", () => {
    let log = "";
    const to = {
      write(line: string) {
        log += line;
      },
    };
    const detail = `Failing row contains (1, ${raw})`;
    const err = Object.assign(new Error(`no room for ${raw}`), { detail, cause: new Error(raw) });
    createLog("debug", to).error({ err, query: { text: raw } }, "could not");
    expect(log).toContain("no room for <redacted:loghunter-key>");
    expect(search(log)).toEqual([]);
    for (const line of log.trim().split("\n")) JSON.parse(line);
  });
});

describe("a key that somebody pastes", () => {
  let t: TestApp;
  let db: pg.Client;
  let key: string;
  const asked: unknown[] = [];

  beforeAll(async () => {
    const source = createLinesSource([lineAt(Date.now() - 60_000, "connection refused", { level: "ERROR" })]);
    t = await openTestApp({
      logs: {
        ...source,
        lines(org, query) {
          asked.push(query);
          return source.lines(org, query);
        },
      },
    });
    db = new pg.Client({ connectionString: t.databaseUrl });
    await db.connect();
    await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
    const reply = await t.chat.fill(
      "keys create",
      { name: "ci", scopes: SCOPE_NAMES.join(",") },
      { channel: "keys", by: ADMIN },
    );
    key = KEY_PATTERN.exec(JSON.stringify(reply))?.[0] as string;
  });
  afterAll(async () => {
    const { rows: tables } = await db.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const find = createSecretSearch([{ name: "the key", secret: key.split("_")[2] ?? "" }]);
    for (const { name } of tables) {
      const { rows } = await db.query<{ row: string }>(`select t::text as row from ${name} t`);
      expect([name, find(rows.map(({ row }) => row).join("\n"))]).toEqual([name, []]);
    }
    expect(find(JSON.stringify(asked))).toEqual([]);
    await db.end();
    await t.close();
  });

  test.each([
    (k: string) => k,
    (k: string) => `search ${k}`,
    (k: string) => `search text:${k} since:1d`,
    (k: string) => `deploy checkout ${k}`,
    (k: string) => `filters save ${k} keywords:timeout`,
    (k: string) => `filters save pasted keywords:${k}`,
    (k: string) => `redaction hide ${k}`,
    (k: string) => `errors checkout since:${k}`,
    (k: string) => `keys create ${k}`,
    (k: string) => `help ${k}`,
  ])("into a command is told so, and nothing is done with it", async (command) => {
    const { reply } = await t.chat.type(command(key), ADMIN);
    expect(reply).toMatchObject({ kind: "message", visibility: "caller" });
    expect(JSON.stringify(reply)).toContain("holds an API key, so nothing was done with it");
    expect(JSON.stringify(reply)).toContain("keys rotate");
    expect(JSON.stringify(reply)).not.toContain(key.slice(0, 30));
  });

  test("into a form's field is told so beside that field, and the form is not filled with it", async () => {
    const { core } = t.app;
    for (const name of [key, key.slice(0, 58)])
      expect(core.mistakes({ name: "keys create", options: { name, scopes: "read:logs" } })).toEqual({
        name: expect.stringContaining("holds an API key"),
      });
    const form = await core.form({
      ...{ kind: "command", id: randomUUID(), person: { ...ADMIN }, call: { text: `filters save ${key}` } },
      place: { platform: "recording", workspace: "T1", channel: "general" },
    });
    expect(JSON.stringify(form)).toContain("holds an API key");
  });

  test("into a thread or a log to explain is not read, nor said again", async () => {
    const thread = { platform: "recording", workspace: "T1", channel: "general", thread: "1" };
    const reply = await t.app.core.handle({
      ...{ kind: "reply", id: randomUUID(), person: ADMIN, place: thread, toBot: true },
      text: `is it because of ${key}?`,
    });
    expect(JSON.stringify(reply)).toContain("holds an API key");
    const explained = await t.app.core.handle({
      ...{
        kind: "explain",
        id: randomUUID(),
        person: { ...ADMIN },
        text: `2026-11-24T03:00:00Z ERROR cannot sign in with ${key}`,
      },
      place: { platform: "recording", workspace: "T1", channel: "general" },
      message: { place: { platform: "recording", workspace: "T1", channel: "general" }, id: "1" },
    });
    expect(JSON.stringify(explained)).toContain("<redacted:loghunter-key>");
  });

  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${t.apiUrl}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${key}`,
        ...(init.body !== undefined && { "content-type": "application/json" }),
        ...(init.headers as Record<string, string>),
      },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const post = (body: unknown, headers = {}) => ({ method: "POST", body: JSON.stringify(body), headers });

  test.each<[string, () => [path: string, init?: RequestInit]]>([
    ["address", () => [`/v1/key?key=${key}`]],
    ["address", () => [`/v1/lines?service=checkout&text=${key.replaceAll("_", "%5F")}`]],
    ["address", () => [`/v1/nothing/${key}`]],
    ["address", () => [`/v1/key?key=${key}`, { headers: { authorization: "" } }]],
    ["address", () => [`/v1/keys/${key}/rotate`, post({})]],
    [
      "header Idempotency-Key",
      () => ["/v1/deploys", post({ service: "a", version: "1" }, { "idempotency-key": key })],
    ],
    ["body", () => ["/v1/deploys", post({ service: "checkout", version: key })]],
    ["body", () => ["/v1/analyses", { method: "POST", body: `{"service": ${key}` }]],
  ])("into the %s of a request is told so", async (where, request) => {
    const { status, text } = await ask(...request());
    expect({ status, text }).toMatchObject({
      status: 400,
      text: expect.stringContaining(`There is an API key in the ${where}`),
    });
    expect(text).not.toContain(key.slice(0, 30));
  });

  test("into an alert of another system is left out of what is read", async () => {
    const alerts = [{ status: "firing", labels: { service: key }, fingerprint: key }];
    const { status, text } = await ask(
      "/v1/webhooks/alertmanager",
      post({ alerts }, { "idempotency-key": "a1" }),
    );
    expect(status).toBe(202);
    expect(JSON.parse(text)).toMatchObject({ jobs: [], skipped: [{ service: "<redacted:loghunter-key>" }] });
  });

  test("is in no Idempotency-Key that is kept, and neither is anything else that a client chose", async () => {
    const mark = `run-${randomUUID()}`;
    const deploy = () =>
      ask("/v1/deploys", post({ service: "a", version: "1" }, { "idempotency-key": mark }));
    const first = await deploy();
    expect(await deploy()).toEqual(first);
    expect(first.status).toBe(201);
    for (const table of ["api_requests", "deploy_markers"]) {
      const { rows } = await db.query<{ row: string }>(`select t::text as row from ${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.map(({ row }) => row).join()).not.toContain(mark);
    }
  });
});
