import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../../src/database.ts";
import { type KeyScope, SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { KEY_NOTICES } from "../../src/keys/store.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { type Ask, createHeldAsk, issueTestKey } from "../support/api/client.ts";
import { until } from "../support/eventually.ts";
import { type ListenProxy, startListenProxy } from "../support/listenProxy.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../support/program.ts";

/** What docs/keys.md promises. */
const WITHIN_MS = 1_000;
/** Whoever is let in for so long is never refused, as far as a test can tell. */
const GIVE_UP_MS = 5_000;

let database: TestDatabase;
let pools: Database;
let proxy: ListenProxy;
const states: string[] = [];
/** Two instances on one database; the proxy is before the database of the second. */
let a: Ask;
let b: Ask;
/** Of an admin, who acts on the first. */
let admin: string;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startListenProxy(database.url, KEY_NOTICES);
  [a, b] = await Promise.all([start(database.url), start(proxy.url)]);
  pools = openDatabase({ url: database.url, log: createLog("silent") });
  admin = await make("admin", SCOPE_NAMES);
});
beforeEach(() => untilHeard());
afterEach(() => proxy.heal());
afterAll(async () => {
  await endPrograms();
  await proxy.close();
  await pools.close();
  await database.drop();
  for (const state of states) await rm(state, { recursive: true, force: true });
});

async function start(databaseUrl: string): Promise<Ask> {
  const state = await makeStateDirectory();
  states.push(state);
  const logs = join(state, "logs");
  await mkdir(logs);
  await writeFile(join(logs, "app.log"), "2026-01-01T00:00:00Z INFO started\n");
  const { output } = await startProgram({
    ...{ DATABASE_URL: databaseUrl, LOGS: logs, HTTP_PORT: "0", ORG: "local", STATE_DIR: state },
    API_REQUESTS_PER_MINUTE: "100000",
    KEY_HASH_COST: "10",
  });
  const [, address] = /HTTP +(127\.0\.0\.1:\d+)/.exec(output()) ?? [];
  if (address === undefined) throw new Error(`no API in ${output()}`);
  return createHeldAsk(`http://${address}`);
}

async function make(name: string, scopes: readonly KeyScope[]): Promise<string> {
  return issueTestKey(await createDirectory(pools).tenantOf("local"), name, scopes);
}

/** A key that the second instance has let in and remembers. */
async function remembered(name: string): Promise<string> {
  const key = await make(name, ["read:logs"]);
  for (let times = 0; times < 3; times++) expect((await b("GET", "/key", { key })).status).toBe(200);
  return key;
}

/** The second instance listens, and has proved to itself that notices come through: it does so three times a second. */
async function untilHeard(): Promise<void> {
  await until(() => proxy.listeners() === 1, "the listener");
  await sleep(500);
}

async function revoke(name: string): Promise<void> {
  expect(await a("DELETE", `/keys/${name}`, { key: admin })).toMatchObject({ status: 200 });
}

/**
 * Shows it to the second instance without a pause until it is refused, and a few times after that.
 * @returns how long after `fromMs` the last one was sent that was let in
 */
async function letInFor(key: string, fromMs: number): Promise<number> {
  let lastMs = 0;
  for (;;) {
    const sentMs = performance.now();
    const { status } = await b("GET", "/key", { key });
    if (status === 401) break;
    expect(status).toBe(200);
    lastMs = sentMs - fromMs;
    if (lastMs > GIVE_UP_MS) return lastMs;
  }
  for (let times = 0; times < 5; times++) expect((await b("GET", "/key", { key })).status).toBe(401);
  return lastMs;
}

describe("a key that another instance remembers", () => {
  test("opens nothing there within a second of being revoked here", async () => {
    const key = await remembered("revoked");
    await revoke("revoked");
    const ms = await letInFor(key, performance.now());
    process.stderr.write(`a revoked key was let in elsewhere for ${ms.toFixed(0)} ms more\n`);
    expect(ms).toBeLessThan(WITHIN_MS);
  });

  test("opens nothing there within a second of being rotated here without a grace", async () => {
    const key = await remembered("rotated");
    const rotated = await a("POST", "/keys/rotated/rotate", { key: admin, body: { graceHours: 0 } });
    expect(rotated.status).toBe(201);
    expect(await letInFor(key, performance.now())).toBeLessThan(WITHIN_MS);
  });

  test("ends there when its grace does, of which that instance knows within a second", async () => {
    const key = await remembered("turned");
    const rotated = await a<{ replacedWorksUntil: string; key: string }>("POST", "/keys/turned/rotate", {
      key: admin,
      body: { graceHours: 1 },
    });
    await sleep(WITHIN_MS);
    const old = await b("GET", "/key", { key });
    expect(old).toMatchObject({ status: 200, body: { expiresAt: rotated.body.replacedWorksUntil } });
    expect((await b("GET", "/key", { key: rotated.body.key })).status).toBe(200);
    await revoke("turned");
    expect(await letInFor(key, performance.now())).toBeLessThan(WITHIN_MS);
    expect(await letInFor(rotated.body.key, performance.now())).toBeLessThan(WITHIN_MS);
  });

  test("opens nothing there where the connection that would have told of it was cut just before", async () => {
    const key = await remembered("cut");
    proxy.cut();
    await revoke("cut");
    expect(await letInFor(key, performance.now())).toBeLessThan(WITHIN_MS);
  });

  test("opens nothing there where that was cut, and came back before anybody asked", async () => {
    const key = await remembered("missed");
    proxy.cut();
    await revoke("missed");
    const fromMs = performance.now();
    await untilHeard();
    expect(await letInFor(key, fromMs)).toBe(0);
  });

  test("opens nothing there where notices are swallowed on the way", async () => {
    const key = await remembered("swallowed");
    proxy.swallow();
    await revoke("swallowed");
    const ms = await letInFor(key, performance.now());
    process.stderr.write(`and where its notice was swallowed, for ${ms.toFixed(0)} ms\n`);
    expect(ms).toBeLessThan(WITHIN_MS);
  });

  test("is refused for now where the database does not answer, and let in again once it does", async () => {
    const key = await remembered("waiting");
    proxy.goDown();
    const fromMs = performance.now();
    let sentMs = fromMs;
    let lastMs = fromMs;
    let answer = await b("GET", "/key", { key });
    // What it remembers holds for a second at most.
    while (answer.status === 200 && lastMs - fromMs < GIVE_UP_MS) {
      lastMs = sentMs;
      sentMs = performance.now();
      answer = await b("GET", "/key", { key });
    }
    expect(lastMs - fromMs).toBeLessThan(WITHIN_MS);
    expect(answer).toMatchObject({ status: 503, body: { type: "urn:loghunter:unavailable" } });
    expect(answer.headers.get("retry-after")).toBe("30");
    proxy.heal();
    await until(async () => (await b("GET", "/key", { key })).status === 200, "an answer", { everyMs: 200 });
  });
});
