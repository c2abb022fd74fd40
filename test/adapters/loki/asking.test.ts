import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type LokiOptions, type LokiSource, openLoki } from "../../../adapters/loki/index.ts";
import type { QueryTrace } from "../../../adapters/loki/trace.ts";
import { createMemoryCache } from "../../../adapters/memory/index.ts";
import { cacheFor } from "../../../src/cache/keys.ts";
import { UserError } from "../../../src/errors.ts";
import { collect } from "../../contract/logSourceModel.ts";
import { eventually, until } from "../../support/eventually.ts";
import {
  type StandInLine,
  type StandInLoki,
  type StandInOptions,
  startStandInLoki,
} from "../../support/loki/standIn.ts";
import { openTestLoki } from "./open.ts";

const START_MS = Date.UTC(2026, 10, 24, 3);
const MINUTE_MS = 60_000;
const RANGE = { fromMs: START_MS, toMs: START_MS + 10 * MINUTE_MS };
const TENANT = "3f0c2b1e-6a52-4d0b-9f6d-0b1a2c3d4e5f";

let server: StandInLoki;
let source: LokiSource;
let traces: QueryTrace[];
afterEach(async () => {
  await source?.close();
  await server?.close();
});

function lines(count: number, services = 1): StandInLine[] {
  return Array.from({ length: count }, (_, i) => ({
    atNs: BigInt(START_MS + i) * 1_000_000n,
    text: `line ${i}`,
    labels: { service_name: `s${i % services}`, namespace: "shop", level: "error" },
  }));
}

async function open(options: Partial<LokiOptions> = {}, standIn: StandInOptions = {}) {
  traces = [];
  server = await startStandInLoki({ tenants: { acme: lines(20) }, ...standIn });
  source = await openTestLoki(server.url, {
    now: () => START_MS + 60 * MINUTE_MS,
    trace: (trace) => traces.push(trace),
    ...options,
  });
}

const read = (more = {}) =>
  collect(source.lines("acme", { ...RANGE, order: "oldest first", limit: 100, ...more }));
const isLines = ({ path, params }: { path: string; params: URLSearchParams }) =>
  path.endsWith("/query_range") && !params.get("query")?.startsWith("sum");
const lineQueries = () => server.requests.filter(isLines);

function newGate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe("what may pass by itself is tried again, three times at most", () => {
  test.each([
    ["a full queue", { kind: "status", status: 429, body: "too many outstanding requests" }],
    [
      "a Loki that starts",
      { kind: "status", status: 503, body: "Ingester not ready: waiting for 15s after being ready" },
    ],
    ["a gateway without a Loki", { kind: "status", status: 502, body: "<html>Bad Gateway</html>" }],
    ["a connection that is cut at once", { kind: "cut" }],
  ] as const)("%s", async (_, fault) => {
    const waited: number[] = [];
    await open({ sleep: async (ms) => void waited.push(ms), random: () => 0.5 });

    server.fault({ ...fault, times: 2, matches: isLines });
    expect(await read()).toHaveLength(20);
    expect(waited).toEqual([250, 500]);
    expect(
      traces.filter(({ path }) => path.endsWith("query_range")).map(({ outcome }) => outcome),
    ).toHaveLength(3);

    server.fault({ ...fault, times: 9, matches: isLines });
    const before = lineQueries().length;
    await expect(read()).rejects.toThrow(UserError);
    expect(lineQueries().length - before).toBe(4);
  });
});

describe("what stays is not tried again, and said in one sentence", () => {
  test.each([
    [401, "no org id\n", /wants an organisation.*connect/],
    [401, "Unauthorized", /refuses LogHunter's credentials/],
    [403, "nope", /refuses LogHunter's credentials/],
    [404, "404 page not found\n", /no Loki at LOKI_URL/],
    [
      400,
      "parse error at line 1, col 5: syntax error: unexpected IDENTIFIER",
      /cannot read that query.*line 1, col 5/,
    ],
    [400, "query blocked by policy", /operator has blocked/],
    [
      400,
      "stream selector is missing required matchers [team], labels present in the query were [a]",
      /A limit of Loki.*required matchers/,
    ],
    [429, "querying is disabled, please contact your Loki operator", /switched off/],
    [200, "<html>login</html>", /is not Loki/],
    [200, '{"status":"success","data":{"resultType":"vector","result":[]}}', /is not Loki/],
  ])("%i %s", async (status, body, expected) => {
    await open();
    if (status === 200) server.fault({ kind: "body", body, matches: isLines });
    else server.fault({ kind: "status", status, body, matches: isLines });

    const failure = await read().catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(expected);
    expect((failure as Error).message).not.toMatch(/\n|undefined|\[object/);
    expect(lineQueries()).toHaveLength(1);
  });

  test("a lasting 500 is tried once more and no oftener", async () => {
    await open();
    server.fault({ kind: "status", status: 500, body: "boom", times: 9, matches: isLines });

    await expect(read()).rejects.toThrow(/Loki failed. It said: boom/);
    expect(lineQueries()).toHaveLength(2);
  });

  test("secrets and mark-up in what Loki says are taken out before anybody sees it", async () => {
    await open();
    const body = `pipeline error: 'x' for series: '{password="hunter2pw", t="AKIAIOSFODNN7EXAMPLE"}'\u001b[31m\u202e ${"z".repeat(900)}`;
    server.fault({ kind: "status", status: 400, body, matches: isLines });

    const { message } = (await read().catch((error: unknown) => error)) as Error;

    expect(message).not.toMatch(/hunter2pw|AKIAIOSFODNN7EXAMPLE|\u001b|\u202e/);
    expect(message.length).toBeLessThan(450);
  });
});

describe("what is too much is asked in smaller pieces", () => {
  test("lines, where Loki times out or cuts the socket", async () => {
    await open({ now: () => START_MS + 60 * MINUTE_MS });
    const isWide = ({ path, params }: { path: string; params: URLSearchParams }) =>
      isLines({ path, params }) &&
      BigInt(params.get("end") ?? 0) - BigInt(params.get("start") ?? 0) > 200_000_000_000n;
    server.fault({
      kind: "status",
      status: 504,
      body: "request timed out, decrease the duration of the request or add more label matchers",
      times: 99,
      matches: isWide,
    });

    expect(await read()).toHaveLength(20);
    expect(await read({ order: "newest first" })).toHaveLength(20);
  });

  test("counts too, and by fewer services where there are too many series", async () => {
    await open({}, { tenants: { acme: lines(600, 60) }, limits: { maxSeries: 25 } });
    const isWide = ({ path, params }: { path: string; params: URLSearchParams }) =>
      path.endsWith("/query_range") && Number(params.get("end")) - Number(params.get("start")) > 200e9;
    server.fault({ kind: "status", status: 504, body: "request timed out", times: 99, matches: isWide });

    const counts = await source.counts("acme", { ...RANGE, stepMs: MINUTE_MS });

    expect(counts).toHaveLength(60);
    expect(counts.every(({ counts: of }) => of.length === 10 && of[0] === 10)).toBe(true);
    expect(await source.services("acme", RANGE)).toHaveLength(60);
  });

  test("what is too slow even then is said to be", async () => {
    await open();
    server.fault({ kind: "status", status: 504, body: "request timed out", times: 99, matches: isLines });

    await expect(read()).rejects.toThrow(/took too long. Ask for a shorter time/);
    expect(lineQueries().length).toBeLessThan(8);
  });

  test("a socket that is cut after Loki's write time-out was no network that is down", async () => {
    let nowMs = START_MS;
    await open({ now: () => nowMs });
    await source.services("acme", RANGE);
    const isWide = ({ path, params }: { path: string; params: URLSearchParams }) => {
      if (!isLines({ path, params })) return false;
      if (BigInt(params.get("end") ?? 0) - BigInt(params.get("start") ?? 0) < 200_000_000_000n) return false;
      nowMs += 30_000;
      return true;
    };
    server.fault({ kind: "cut", times: 99, matches: isWide });

    expect(await read()).toHaveLength(20);
    expect(traces.filter(({ outcome }) => outcome === "timeout").length).toBeGreaterThan(0);
    expect(traces.every(({ tries }) => tries === 1)).toBe(true);
  });

  test("an answer that does not come is given up after the time-out", async () => {
    await open({ timeoutMs: 60 });
    server.fault({ kind: "slow", ms: 400, times: 99, matches: isLines });

    await expect(read()).rejects.toThrow(/took too long/);
  });

  test("half an answer is none", async () => {
    await open();
    server.fault({ kind: "truncated", times: 99, matches: isLines });

    await expect(read()).rejects.toThrow(UserError);
  });
});

describe("queries", () => {
  test("that are the same at a time are asked once", async () => {
    await open();
    server.fault({ kind: "slow", ms: 50, matches: isLines });

    const all = await Promise.all([read(), read(), read()]);

    expect(all.map((found) => found.length)).toEqual([20, 20, 20]);
    expect(lineQueries()).toHaveLength(1);
  });

  test("of one organisation run three at once and no more, and another one does not wait for them", async () => {
    await open({}, { tenants: { acme: lines(20), globex: lines(5) } });
    await read();
    await source.services("globex", RANGE);
    const held = newGate();
    server.fault({ kind: "held", until: held.opened, times: 3, matches: isLines });
    const slow = Array.from({ length: 4 }, (_, i) => read({ contains: [`line ${i}`] }));
    await until(() => lineQueries().length >= 4);

    await collect(source.lines("globex", { ...RANGE, order: "oldest first", limit: 1, contains: ["4"] }));
    // One before, three of this one, and the other's.
    expect(lineQueries()).toHaveLength(5);
    held.open();
    await Promise.all(slow);
    expect(lineQueries()).toHaveLength(6);
  });

  test("go on when nobody waits any more: an aborted one would make Loki stall the next", async () => {
    await open();
    await source.services("acme", RANGE);
    const held = newGate();
    server.fault({ kind: "held", until: held.opened, matches: isLines });
    const reason = new Error("gone");

    const leaves = new AbortController();
    const left = read({ signal: leaves.signal }).catch(() => "left");
    await until(() => lineQueries().length > 0);
    const before = traces.length;
    leaves.abort();
    expect(await left).toBe("left");
    expect(traces).toHaveLength(before);
    held.open();
    expect(await eventually(() => traces[before])).toMatchObject({ outcome: "answered" });
    await expect(read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("that nobody waits for any more are not sent when their turn comes: what is asked now goes before", async () => {
    await open();
    await source.services("acme", RANGE);
    const held = newGate();
    server.fault({ kind: "held", until: held.opened, times: 3, matches: isLines });
    const slow = [1, 2, 3].map((i) => read({ contains: [`line ${i}`] }));
    await until(() => lineQueries().length >= 3);
    const leaves = new AbortController();
    const left = [4, 5, 6, 7].map((i) => read({ contains: [`line ${i}`], signal: leaves.signal }));
    const joined = read({ contains: ["line 7"] });
    // Meanwhile they take their places behind the three.
    await new Promise((resolve) => setTimeout(resolve, 50));
    leaves.abort();

    expect((await Promise.allSettled(left)).map(({ status }) => status)).toEqual(
      new Array(4).fill("rejected"),
    );
    held.open();
    await Promise.all(slow);
    expect(await joined).toHaveLength(1);
    expect(lineQueries()).toHaveLength(4);
    expect(await read({ contains: ["line 4"] })).toHaveLength(1);
  });

  test("leave a trace of what they cost Loki", async () => {
    await open();
    await read();

    expect(traces.at(-1)).toMatchObject({
      org: "acme",
      path: "/loki/api/v1/query_range",
      outcome: "answered",
      tries: 1,
      linesProcessed: expect.any(Number),
      bytesProcessed: expect.any(Number),
      execMs: expect.any(Number),
    });
  });

  test("that are long are sent as a form", async () => {
    await open();
    await read({
      services: Array.from({ length: 150 }, (_, i) => `a-service-with-a-long-name-${i}`).concat("s0"),
    });

    expect(lineQueries().at(-1)?.method).toBe("POST");
  });
});

describe("the cache", () => {
  const keys: string[] = [];
  function cached() {
    const memory = createMemoryCache({ now: Date.now });
    const watched = {
      ...memory,
      get: (key: string) => memory.get(key),
      delete: (key: string) => memory.delete(key),
      take: memory.take.bind(memory),
      set: (key: string, value: string, ttlMs: number) => {
        keys.push(key);
        return memory.set(key, value, ttlMs);
      },
      health: () => memory.health(),
      close: () => memory.close(),
    };
    return async () => cacheFor(watched, TENANT);
  }

  test("answers the same question for a while, under the tenant's key and packed, unless asked anew", async () => {
    await open({ cacheOf: cached() });

    const first = await read();
    const asked = server.requests.length;
    expect(await read()).toEqual(first);
    expect(server.requests.length).toBe(asked);
    expect(await read({ fresh: true })).toEqual(first);
    expect(server.requests.length).toBe(asked + 1);
    expect(keys.every((key) => key.startsWith(`${TENANT}:loki:query:`))).toBe(true);
  });

  test("keeps no failure and nothing that Loki calls incomplete", async () => {
    await open({ cacheOf: cached() });
    const partial = JSON.stringify({
      status: "success",
      warnings: ["a part is missing"],
      data: { resultType: "streams", result: [] },
    });
    server.fault({ kind: "body", body: partial, matches: isLines });

    expect(await read()).toEqual([]);
    expect(await read()).toHaveLength(20);
  });

  test("that breaks, or holds nonsense, costs time and nothing else", async () => {
    const away = () => Promise.reject(new Error("the cache is away"));
    const take = async () => ({ allowed: true, remaining: 1 }) as const;
    const nonsense = { get: async () => "nonsense", set: async () => {}, delete: async () => {} };
    const failing = { get: away, set: away, delete: away };
    let cacheOf: LokiOptions["cacheOf"] = away;
    await open({ cacheOf: (org) => cacheOf(org) });

    expect(await read()).toHaveLength(20);
    for (const broken of [nonsense, failing]) {
      cacheOf = async () => ({ tenantId: TENANT, take, ...broken });
      expect(await read()).toHaveLength(20);
    }
  });
});

describe("the connection", () => {
  test("sends the organisation in its header, credentials as told, and each only to whom it belongs", async () => {
    await open();
    const own = { url: server.url, token: "globex-token" };
    const several = await openLoki({
      connection: { url: `${server.url}/`, username: "user", password: "p:w" },
      connections: { globex: own },
      cacheOf: async () => undefined,
      log: (await import("../../../src/log.ts")).createLog("silent"),
      now: () => START_MS,
    });
    await several.services("acme", RANGE);
    await several.services("globex", RANGE);

    const seen = new Map(server.requests.map(({ org, headers }) => [org, headers.authorization]));
    expect(seen).toEqual(
      new Map([
        ["acme", `Basic ${Buffer.from("user:p:w").toString("base64")}`],
        ["globex", "Bearer globex-token"],
      ]),
    );
    await several.close();
  });

  test.each([{ pathPrefix: "/some/path" }, { gzip: true }])("serves behind %j", async (standIn) => {
    await open({}, standIn);

    expect(await read()).toHaveLength(20);
    expect((await source.health("acme")).ok).toBe(true);
  });

  test("goes through a proxy", async () => {
    await open();
    const through: string[] = [];
    const { connect } = await import("node:net");
    const proxy = createServer().on("connect", (request, socket, head) => {
      through.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const target = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.write(head);
        target.pipe(socket).pipe(target);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const proxied = await openTestLoki(server.url, {
      connection: { url: server.url, proxy: `http://127.0.0.1:${port}` },
      now: () => START_MS,
    });

    expect(await proxied.services("acme", RANGE)).toEqual([{ service: "s0", namespace: "shop" }]);
    expect(through[0]).toBe(new URL(server.url).host);
    await proxied.close();
    proxy.close();
    proxy.closeAllConnections();
  });

  test("speaks TLS by an own authority, with a client certificate", async () => {
    await open();
    const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
    const pem = (name: string) => readFileSync(file(name));
    const tls = { key: pem("server.key"), cert: pem("server.pem"), ca: pem("ca.pem"), requestCert: true };
    const gateway = createTlsServer({ ...tls, rejectUnauthorized: true }, async (request, response) => {
      const answer = await fetch(`${server.url}${request.url}`, {
        headers: { "x-scope-orgid": String(request.headers["x-scope-orgid"]) },
      });
      response.writeHead(answer.status).end(await answer.text());
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const own = { caFile: file("ca.pem"), certFile: file("client.pem"), keyFile: file("client.key") };

    const trusted = await openTestLoki(url, { connection: { url, ...own }, now: () => START_MS });
    expect(await trusted.services("acme", RANGE)).toHaveLength(1);
    const stranger = await openTestLoki(url, { connection: { url }, now: () => START_MS });
    await expect(stranger.services("acme", RANGE)).rejects.toThrow(/certificate.*LOKI_CA_FILE/);
    // With TLS 1.3 a server that misses a certificate just hangs up.
    const nameless = await openTestLoki(url, {
      connection: { url, caFile: own.caFile },
      now: () => START_MS,
    });
    await expect(nameless.services("acme", RANGE)).rejects.toThrow(/does not answer/);
    await Promise.all([stranger.close(), nameless.close()]);
    await trusted.close();
    gateway.close();
    gateway.closeAllConnections();
  });

  test("says which setting cannot be used, and repeats no secret", async () => {
    await open();
    await expect(
      openTestLoki(server.url, { connection: { url: "http://user:hunter2@127.0.0.1" } }),
    ).rejects.toThrow(/Put them into LOKI_USERNAME/);
    await expect(
      openTestLoki(server.url, { connection: { url: server.url, caFile: join(tmpdir(), "not-there.pem") } }),
    ).rejects.toThrow(/LOKI_CA_FILE cannot be read/);
    await writeFile(join(tmpdir(), `loghunter-test-${process.pid}.pem`), "nonsense");
    const failed = await openTestLoki(server.url, {
      connection: { url: "https://127.0.0.1:1", caFile: join(tmpdir(), `loghunter-test-${process.pid}.pem`) },
    })
      .then((loki) => loki.health("acme"))
      .catch((error: unknown) => error);
    expect(JSON.stringify(failed)).not.toContain("nonsense");
  });

  test("that fails to tell its limits just then is asked for them again soon, and not after ten minutes", async () => {
    let nowMs = START_MS + 60 * MINUTE_MS;
    await open({ now: () => nowMs }, { limits: { maxEntries: 10 } });
    const matches = ({ path }: { path: string }) => path.endsWith("/drilldown-limits");
    server.fault({ kind: "status", status: 500, body: "boom", times: 2, matches });
    await expect(read()).rejects.toThrow(UserError);

    nowMs += 20_000;
    expect(await read()).toHaveLength(20);
  });

  test("that is not there is said by health, and does not end anything", async () => {
    await open();
    const gone = await openTestLoki("http://127.0.0.1:1", { now: () => START_MS });

    expect(await gone.health("acme")).toEqual({
      ok: false,
      summary: expect.stringMatching(/^Loki does not answer\. Check that it runs/),
      warnings: [],
    });
    await expect(gone.services("acme", RANGE)).rejects.toThrow(UserError);
    await gone.close();
  });
});

describe("health", () => {
  test("says what was found, and warns of what makes it slow or wrong", async () => {
    const now = () => START_MS + 10 * MINUTE_MS;
    await open({ now }, { now: () => now() + MINUTE_MS, limits: { maxLookbackMs: 30 * MINUTE_MS } });

    const health = await source.health("acme");

    expect(health.summary).toMatch(
      /^Loki 3\.7\.6 at 127\.0\.0\.1:\d+: services by the label service_name, namespaces by namespace, levels by level\.$/,
    );
    expect(health.warnings.join(" ")).toMatch(/nothing older than 30 minutes/);
    expect(health.warnings.join(" ")).toMatch(/clock is (60|59) s ahead of/);
  });

  test("cannot tell a wrong organisation from a silent one, and says so", async () => {
    await open();

    expect((await source.health("acmee")).warnings[0]).toMatch(
      /cannot tell a wrong organisation from a silent one/,
    );
    expect((await source.health("a|b")).ok).toBe(false);
    expect(server.requests.some(({ org }) => org === "a|b")).toBe(false);
  });
});

test("services of a day are asked of the index, and the answer serves again while a name is typed", async () => {
  const memory = createMemoryCache({ now: Date.now });
  await open({ cacheOf: async () => cacheFor(memory, TENANT) });
  const day = { fromMs: START_MS - 20 * 60 * MINUTE_MS, toMs: START_MS + 4 * 60 * MINUTE_MS };

  for (const ms of [0, 1_500, 7_000])
    expect(await source.services("acme", { fromMs: day.fromMs + ms, toMs: day.toMs - 8_000 + ms })).toEqual([
      { service: "s0", namespace: "shop" },
    ]);
  expect(server.requests.filter(({ path }) => path.endsWith("/index/volume"))).toHaveLength(1);
});

describe("more services of a day than the index tells of at once", () => {
  const day = { fromMs: START_MS - 20 * 60 * MINUTE_MS, toMs: START_MS + 4 * 60 * MINUTE_MS };
  const many = { tenants: { acme: lines(1_300, 1_300) } };

  test("are asked for in parts", async () => {
    await open({}, many);
    expect(await source.services("acme", day)).toHaveLength(1_300);
  });

  test.each([400, 500])("are asked for in parts where it refuses to tell with %s", async (status) => {
    await open({}, many);
    server.fault({
      kind: "status",
      status,
      body: "the query hit the max number of series limit (limit: 1000 series)",
      times: 99,
      matches: ({ path, params }) => path.endsWith("/index/volume") && !params.get("query")?.includes("|"),
    });
    expect(await source.services("acme", day)).toHaveLength(1_300);
  });
});
