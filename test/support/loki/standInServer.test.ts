import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type AnsweredStream, RANGE } from "./recordedLines.ts";
import { readRecording, recordingNames, replayRecording } from "./recordings.ts";
import { type StandInLine, type StandInLoki, type StandInOptions, startStandInLoki } from "./standIn.ts";

const ENDS: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of ENDS.splice(0)) await server.close();
});

const NOW_NS = BigInt(RANGE.end) - 1n;
const LINE: StandInLine = { labels: { app: "shop", pod: "p" }, atNs: NOW_NS, text: "level=warn a line" };

async function start(options: StandInOptions = {}): Promise<StandInLoki> {
  const server = await startStandInLoki({ tenants: { acme: [LINE] }, ...options });
  ENDS.push(server);
  return server;
}

function get(url: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { "x-scope-orgid": "acme", ...headers } });
}

async function read(response: Response): Promise<{ data: { result: AnsweredStream[] }; limits: object }> {
  return JSON.parse(await response.text());
}

const QUERY = `/loki/api/v1/query_range?${new URLSearchParams({ ...RANGE, query: '{app="shop"}' })}`;
const CATEGORISED = { "x-loki-response-encoding-flags": "categorize-labels" };

describe("the stand-in as a server", () => {
  test("names services and levels as Loki 3 does when lines come in", async () => {
    const { url } = await start();
    const body = await read(await get(url, QUERY, CATEGORISED));
    expect(body.data.result).toEqual([
      {
        stream: { app: "shop", pod: "p", service_name: "shop" },
        values: [[String(NOW_NS), LINE.text, { structuredMetadata: { detected_level: "warn" } }]],
      },
    ]);
  });

  test("is a Loki before 3 where the version says so", async () => {
    const { url } = await start({ version: "2.9.8" });
    const body = await read(await get(url, QUERY, CATEGORISED));
    expect(body.data).not.toHaveProperty("encodingFlags");
    expect(body.data.result).toEqual([{ stream: LINE.labels, values: [[String(NOW_NS), LINE.text]] }]);
    expect((await get(url, "/loki/api/v1/drilldown-limits")).status).toBe(404);
    expect(await (await get(url, "/loki/api/v1/status/buildinfo")).json()).toMatchObject({
      version: "2.9.8",
    });
  });

  test("says its limits, each in the form of the recording", async () => {
    const { url } = await start({
      limits: { maxEntries: 10, maxQueryLengthMs: 90_000, maxLookbackMs: 86_400_000 },
    });
    const { limits } = await read(await get(url, "/loki/api/v1/drilldown-limits"));
    expect(limits).toMatchObject({
      max_entries_limit_per_query: 10,
      max_query_length: "1m30s",
      max_query_lookback: "1d",
    });
    const recorded = JSON.parse(readRecording("status-limits").response.body ?? "") as { limits: object };
    expect(Object.keys(recorded.limits)).toEqual(expect.arrayContaining(Object.keys(limits)));
  });

  test("clips a range at the lookback without a word", async () => {
    const now = () => Number(NOW_NS / 1_000_000n);
    const old = { ...LINE, atNs: NOW_NS - 3_600_000_000_000n, text: "old" };
    const server = await start({ tenants: { acme: [LINE, old] }, limits: { maxLookbackMs: 1_800_000 }, now });
    const body = await read(await get(server.url, QUERY));
    expect(JSON.stringify(body.data.result)).not.toContain("old");
    expect(body.data.result).toHaveLength(1);
  });

  test("keeps tenants apart, and knows none of several or of a bad name", async () => {
    const server = await start();
    server.push("globex", [{ ...LINE, text: "another's" }]);
    expect(await (await get(server.url, QUERY)).text()).not.toContain("another's");
    expect(await (await get(server.url, QUERY, { "x-scope-orgid": "globex" })).text()).toContain("another's");
    expect((await get(server.url, QUERY, { "x-scope-orgid": "acme|globex" })).status).toBe(400);
    expect((await get(server.url, QUERY, { "x-scope-orgid": "a b" })).status).toBe(400);
  });

  test("wants the credentials and the prefix it was given", async () => {
    const server = await start({ pathPrefix: "/behind/proxy", auth: { basic: "reader:secret" } });
    const authorization = `Basic ${Buffer.from("reader:secret").toString("base64")}`;
    expect((await get(server.url, QUERY, { authorization })).status).toBe(200);
    expect((await get(server.url, QUERY)).status).toBe(401);
    expect((await get(server.url.replace("/behind/proxy", ""), QUERY, { authorization })).status).toBe(404);
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      path: "/loki/api/v1/query_range",
      org: "acme",
    });
    expect(server.requests[0]?.params.get("query")).toBe('{app="shop"}');
    const bearer = await start({ auth: { bearer: "token" } });
    expect((await get(bearer.url, QUERY, { authorization: "Bearer token" })).status).toBe(200);
  });

  test("goes wrong as it is told, and is well again", async () => {
    const server = await start();
    const { url } = server;
    server.fault({ kind: "status", status: 429, body: "too many outstanding requests", times: 2 });
    expect([
      (await get(url, QUERY)).status,
      (await get(url, QUERY)).status,
      (await get(url, QUERY)).status,
    ]).toEqual([429, 429, 200]);
    server.fault({ kind: "cut", matches: ({ path }) => path.endsWith("/labels") });
    expect((await get(url, QUERY)).status).toBe(200);
    await expect(get(url, "/loki/api/v1/labels")).rejects.toThrow();
    server.fault({ kind: "truncated" });
    await expect(get(url, QUERY).then((response) => response.text())).rejects.toThrow();
    server.fault({ kind: "body", body: "<html>" });
    expect(await (await get(url, QUERY)).text()).toBe("<html>");
    server.fault({ kind: "slow", ms: 20 });
    const begun = performance.now();
    expect((await get(url, QUERY)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(15);
  });

  test("compresses what is large, where it is on and asked for", async () => {
    const lines = Array.from({ length: 50 }, (_, n) => ({
      ...LINE,
      text: `${n} ${"a long line ".repeat(10)}`,
    }));
    const server = await start({ tenants: { acme: lines }, gzip: true });
    const large = await raw(server.url + QUERY);
    expect(large.headers["content-encoding"]).toBe("gzip");
    expect(JSON.parse(gunzipSync(large.body).toString())).toMatchObject({ status: "success" });
    expect((await raw(`${server.url}/loki/api/v1/labels`)).headers).not.toHaveProperty("content-encoding");
    const plain = await start({ tenants: { acme: lines } });
    expect((await raw(plain.url + QUERY)).headers).not.toHaveProperty("content-encoding");
  });

  test("takes lines at any time, in any order, and what is the same once", async () => {
    const server = await start();
    server.push("acme", [
      { ...LINE, atNs: NOW_NS - 5n, text: "earlier" },
      LINE,
      { ...LINE, text: "same time" },
    ]);
    const { data } = await read(await get(server.url, `${QUERY}&direction=forward`, CATEGORISED));
    const texts = data.result.flatMap(({ values }) => values.map(([, text]) => text));
    expect(texts[0]).toBe("earlier");
    expect(texts.slice(1).sort()).toEqual([LINE.text, "same time"]);
  });
});

describe("recordings are replayed", () => {
  test("as they were, errors and all", async () => {
    expect(recordingNames()).toHaveLength(272);
    for (const name of ["labels", "range-ansi", "parse-error-lookahead", "tenant-missing"]) {
      const { response } = readRecording(name);
      const server = await replayRecording(name);
      ENDS.push(server);
      const answer = await get(server.url, "/anything");
      expect([answer.status, await answer.text()]).toEqual([response.status, response.body]);
      expect(answer.headers.get("content-type")).toBe(response.headers["content-type"]);
    }
  });

  test("compressed and binary ones by the byte", async () => {
    const gzip = await replayRecording("gzip-range");
    ENDS.push(gzip);
    const { headers, body } = await raw(gzip.url);
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(body).toString()).toBe(readRecording("gzip-range").response.body);
    const protobuf = await replayRecording("accept-protobuf");
    ENDS.push(protobuf);
    expect((await raw(protobuf.url)).body).toHaveLength(139);
  });
});

/** What goes over the wire: fetch would unpack it. */
function raw(url: string): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { "x-scope-orgid": "acme", "accept-encoding": "gzip" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
