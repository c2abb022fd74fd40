import { afterEach, expect, test } from "@jest/globals";
import pino from "pino";
import { createOtlpTraces } from "../../../adapters/otlp/index.ts";
import { createLog } from "../../../src/log.ts";
import type { Traces } from "../../../src/telemetry/traces.ts";
import { type Collector, openCollector } from "../../support/collector.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function collect(): Promise<{ collector: Collector; traces(): Traces }> {
  const collector = await openCollector();
  open.push(collector);
  const options = { endpoint: `${collector.url}/`, version: "1.2.3", log: createLog("silent") };
  return { collector, traces: () => createOtlpTraces(options) };
}

const nothing = async () => undefined;

test("another process goes on below what somebody did, with nothing but its id", async () => {
  const { collector, traces } = await collect();
  const [one, other] = [traces(), traces()];
  await one.act("act 1", "command", {}, nothing);
  await other.below("act 1", () => other.span("job", {}, () => other.span("model", {}, nothing)));
  await other.below("act 2", () => other.span("another", {}, nothing));
  await Promise.all([one.close(), other.close()]);
  const of = (name: string) => collector.spans.find((span) => span.name === name);
  expect(of("command")?.parentSpanId ?? "").toBe("");
  expect(of("job")).toMatchObject({ traceId: of("command")?.traceId, parentSpanId: of("command")?.spanId });
  expect(of("model")).toMatchObject({ traceId: of("command")?.traceId, parentSpanId: of("job")?.spanId });
  expect(of("another")?.traceId).not.toBe(of("command")?.traceId);
  expect(JSON.stringify(collector.bodies)).not.toContain("act 1");
});

test("spans that are open at the same time do not get into each other's", async () => {
  const { collector, traces } = await collect();
  const one = traces();
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.all(
    ["a", "b", "c"].map((name, at) =>
      one.span(name, {}, async () => {
        await wait(20 - 5 * at);
        one.begin(`${name} begun`, {}).end();
        await one.span(`${name} inner`, {}, () => wait(5));
      }),
    ),
  );
  await one.close();
  for (const name of ["a", "b", "c"]) {
    const outer = collector.spans.find((span) => span.name === name);
    const inner = collector.spans.filter((span) => span.name.startsWith(`${name} `));
    expect(inner.map(({ parentSpanId }) => parentSpanId)).toEqual([outer?.spanId, outer?.spanId]);
  }
});

test("what failed ends as failed, is thrown on, and keeps its message to itself", async () => {
  const { collector, traces } = await collect();
  const one = traces();
  const error = new TypeError("password=hunter2");
  await expect(one.span("work", {}, () => Promise.reject(error))).rejects.toBe(error);
  await one.close();
  expect(collector.spans[0]).toMatchObject({ status: { code: 2, message: "TypeError" } });
  expect(collector.bodies.join()).not.toContain("hunter2");
});

test("a collector that takes nothing holds up nothing, and the log says so once, and that it does again", async () => {
  const { collector } = await collect();
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const one = createOtlpTraces({ endpoint: collector.url, version: "1", log, everyMs: 10 });
  const said = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  const sends = async (requests: number) => {
    while (collector.bodies.length < requests) {
      expect(await one.span("work", {}, async () => 7)).toBe(7);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  collector.answers(400);
  await sends(3);
  collector.answers(200);
  await sends(6);
  await one.close();
  expect(said()).toEqual(["traces are not taken; they are dropped", "traces are taken again"]);
});

test("a collector that is away does not hold up the end", async () => {
  const away = createOtlpTraces({ endpoint: "http://127.0.0.1:1", version: "1", log: createLog("silent") });
  expect(await away.span("work", {}, async () => 7)).toBe(7);
  const fromMs = performance.now();
  await away.close();
  expect(performance.now() - fromMs).toBeLessThan(4_000);
});
