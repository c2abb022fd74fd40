import { afterEach, expect, test } from "@jest/globals";
import { type Probe, probeRoutes } from "../../src/http/probes.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";

const open: HttpServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(probes: readonly Probe[], pace: Parameters<typeof probeRoutes>[1] = {}) {
  const at = { host: "127.0.0.1", port: 0, log: createLog("silent") };
  const server = await startHttpServer(at, probeRoutes(probes, pace));
  open.push(server);
  return async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
  };
}

test("alive is whoever answers, whatever else is wrong", async () => {
  const ask = await serve([{ name: "database", run: async () => "It is away." }]);
  expect(await ask("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
  expect(await ask("/healthz", "HEAD")).toEqual({ status: 200, body: undefined });
  expect((await ask("/healthz", "POST")).status).toBe(405);
  expect((await ask("/healthzz")).status).toBe(404);
});

test("ready is said with what is wrong by name; without some things all goes on", async () => {
  const probes = [
    { name: "database", run: async () => undefined },
    { name: "cache", isDispensable: true, run: async () => "Redis does not answer." },
  ] as const;
  const schema = {
    name: "schema",
    run: async () => {
      throw new Error("postgres://canary");
    },
  };
  const ask = await serve([...probes, schema]);
  const ms = expect.any(Number);
  expect(await ask("/readyz")).toEqual({
    status: 503,
    body: {
      status: "not ready",
      checks: [
        { name: "database", ok: true, ms },
        { name: "cache", ok: false, why: "Redis does not answer.", ms },
        { name: "schema", ok: false, why: "It could not be looked at.", ms },
      ],
    },
  });
  const degraded = await serve(probes);
  expect(await degraded("/readyz")).toMatchObject({
    status: 200,
    body: { status: "degraded", checks: [{ ok: true }, { name: "cache", ok: false }] },
  });
});

test("however often it is asked, each probe runs once a second", async () => {
  let runs = 0;
  let nowMs = 0;
  const probe = {
    name: "database",
    run: async () => {
      runs += 1;
      return undefined;
    },
  };
  const ask = await serve([probe], { steadyNow: () => nowMs });
  await Promise.all(Array.from({ length: 20 }, () => ask("/readyz")));
  await ask("/readyz");
  expect(runs).toBe(1);
  nowMs = 1_001;
  await ask("/readyz");
  expect(runs).toBe(2);
});

test("one that hangs is not waited for, and not begun again beside itself", async () => {
  let runs = 0;
  const probe = {
    name: "database",
    run: () => {
      runs += 1;
      return new Promise<undefined>(() => undefined);
    },
  };
  let nowMs = 0;
  const ask = await serve([probe], { steadyNow: () => nowMs, withinMs: 100 });
  expect(await ask("/readyz")).toMatchObject({ status: 503, body: { checks: [{ ok: false }] } });
  nowMs = 60_000;
  expect(await ask("/readyz")).toMatchObject({ body: { checks: [{ why: "No answer for 60 s." }] } });
  expect(runs).toBe(1);
});
