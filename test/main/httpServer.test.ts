import type { RequestListener } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readEnvironment } from "../../src/config.ts";
import type { HttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import { apiAddress, openHttpServer } from "../../src/main/httpServer.ts";
import type { Chosen } from "../../src/startReport.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

const TOKEN = "a token of some length";
const slack: RequestListener = (_, response) => void response.end("slack");
const api: RequestListener = (_, response) => void response.end("api");
const open: HttpServer[] = [];
let leaving = new AbortController();
beforeEach(() => {
  leaving = new AbortController();
});
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

/** The answer's status at each path, and what the start says. */
async function served(env: Record<string, string>, listener?: RequestListener) {
  const chosen: Chosen[] = [];
  const log = createLog("silent");
  const parts = {
    slack: listener,
    api,
    metrics: createMetrics(log),
    probes: [],
    leaving: leaving.signal,
    log,
  };
  const server = await openHttpServer(readEnvironment(env), parts, chosen);
  const said = chosen.map(([, what]) => what.replace(/:\d+,/, ":PORT,"));
  if (server === undefined) return { said };
  open.push(server);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const status = async (path: string) =>
    (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers })).status;
  return {
    metrics: await status("/metrics"),
    slack: await status("/slack/events"),
    api: await status("/v1/health"),
    said,
  };
}

test("the API is served at its usual port, unless that is another program's, and the metrics where a port is named", async () => {
  const first = await served({});
  expect(first).toMatchObject({
    said: [expect.stringMatching(/127\.0\.0\.1:PORT, for the API below \/v1|no API/)],
  });
  expect((await served({})).said).toEqual(["no API: port 3141 is in use. Set HTTP_PORT to another one"]);
  expect(await served({ HTTP_PORT: "0" })).toEqual({
    ...{ metrics: 200, slack: 404, api: 200 },
    said: ["127.0.0.1:PORT, for the API below /v1 and /metrics"],
  });
});

test("where Slack's requests come in, the metrics are there for who has the token only", async () => {
  const env = { HTTP_PORT: "0", HTTP_PUBLIC_URL: "https://bot.example" };
  expect(await served(env, slack)).toEqual({
    ...{ metrics: 404, slack: 200, api: 200 },
    said: ["127.0.0.1:PORT, for the API below /v1 and Slack at https://bot.example"],
  });
  expect(await served({ ...env, METRICS_TOKEN: TOKEN }, slack)).toEqual({
    ...{ metrics: 200, slack: 200, api: 200 },
    said: [
      "127.0.0.1:PORT, for the API below /v1 and Slack at https://bot.example and /metrics with METRICS_TOKEN",
    ],
  });
});

test("a process that is about to end still answers, is not ready any longer, and lets connections go", async () => {
  await served({ HTTP_PORT: "0" });
  const at = (path: string) => fetch(`http://127.0.0.1:${open.at(-1)?.port}${path}`);
  expect([(await at("/readyz")).status, (await at("/v1/health")).headers.get("connection")]).toEqual([
    200,
    "keep-alive",
  ]);
  leaving.abort();
  const ready = await at("/readyz");
  expect([ready.status, await ready.json()]).toEqual([503, { status: "stopping", checks: [] }]);
  expect((await at("/healthz")).status).toBe(200);
  const health = await at("/v1/health");
  expect([health.status, await health.text(), health.headers.get("connection")]).toEqual([
    200,
    "api",
    "close",
  ]);
});

test("an address is said of the API that is served, and none at a port that is another program's", () => {
  expect(apiAddress(readEnvironment({}), undefined)).toBeUndefined();
  expect(apiAddress(readEnvironment({}), 3141)).toBe("http://127.0.0.1:3141");
  const behind = readEnvironment({ API_URL: "https://logs.example" });
  expect(apiAddress(behind, undefined)).toBe("https://logs.example");
});
