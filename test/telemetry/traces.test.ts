import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createAsk, issueTestKey } from "../support/api/client.ts";
import { type BusyApp, CANARIES, openBusyApp } from "../support/busyApp.ts";
import { type Collector, openCollector, type SeenSpan } from "../support/collector.ts";

const ANN = { name: "canary-person" };
let collector: Collector;
let key: string;
let ids: string[];

beforeAll(async () => {
  collector = await openCollector();
  const app = await openBusyApp({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  try {
    await work(app);
  } finally {
    // What is not sent yet is sent at the end.
    await app.close();
  }
});
afterAll(() => collector.close());

async function work({ app, chat, source, admin, apiUrl, until }: BusyApp): Promise<void> {
  const [tenant] = (await app.directory.tenants(undefined, 1)) as [never];
  key = await issueTestKey(tenant, "ci", ["read:anomalies", "write:analysis"]);
  const { messageId } = await chat.type("analyze checkout since:15m", ANN);
  await chat.until(messageId, ({ tone }) => tone !== "working");
  source.failure = new Error("order 7 does not answer");
  await chat.type("errors checkout", ANN);
  source.failure = undefined;
  const alerts = [{ status: "firing", labels: { service: "orders" } }];
  const ask = createAsk(apiUrl);
  await ask("POST", "/webhooks/alertmanager", { key, body: { alerts } });
  await ask("GET", "/jobs/hunter2", { key });
  await until((told) => told.value("loghunter_job_seconds_count") === 2);
  await app.scan();
  const { rows } = await admin.query<{ id: string }>(
    "select id from workspaces union all select id from conversations",
  );
  ids = rows.map(({ id }) => id);
}

/** All of one name. */
function named(name: string, among: readonly SeenSpan[] = collector.spans): SeenSpan[] {
  return among.filter((span) => span.name === name);
}

function below({ traceId, spanId }: SeenSpan): SeenSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId && span.parentSpanId === spanId);
}

test("a command is one trace, from what was typed to the message that answers it", () => {
  const [command] = named("command analyze") as [SeenSpan];
  expect(command.parentSpanId ?? "").toBe("");
  expect(command.attributes).toEqual({ platform: "recording", act: "command", name: "analyze" });
  const steps = below(command);
  expect(named("logs services", steps)).not.toEqual([]);
  expect(named("question", steps)).toHaveLength(1);
  // Another task, which knows the act's id alone.
  const [rootCause] = named("root cause", steps) as [SeenSpan];
  expect(named("logs counts", below(rootCause))).not.toEqual([]);
  const read = named("logs lines", below(rootCause));
  expect(read).not.toEqual([]);
  expect(read.reduce((sum, { attributes }) => sum + Number(attributes.lines), 0)).toBeGreaterThan(100);
  const [model] = named("model", below(rootCause)) as [SeenSpan];
  expect(model.attributes).toMatchObject({ model: "gpt-test", outcome: "answered", input_tokens: "1000" });
  const [delivery] = named("delivery edit", steps) as [SeenSpan];
  expect(delivery.attributes).toEqual({ platform: "recording", outcome: "sent", reason: "" });
});

test("what is asked of the database is a step of what asked it, and no trace by itself", () => {
  const [command] = named("command analyze") as [SeenSpan];
  const asked = named("database", below(command));
  expect(asked.map(({ attributes }) => attributes.pool)).toContain("app");
  expect(named("database").filter(({ parentSpanId = "" }) => parentSpanId === "")).toEqual([]);
});

test("a scan is a trace, and so is a request to the API; what an alert asks by itself is linked to the request", () => {
  const [scan] = named("scan") as [SeenSpan];
  expect(scan.parentSpanId ?? "").toBe("");
  expect(named("logs counts", below(scan))).not.toEqual([]);
  const requests = named("API request");
  expect(requests.map(({ attributes }) => [attributes.route, attributes.status])).toEqual([
    ["POST /v1/webhooks/alertmanager", "202"],
    ["GET /v1/jobs/{id}", "403"],
  ]);
  const [webhook] = requests as [SeenSpan];
  const question = named("question").find(
    ({ traceId }) => traceId !== named("command analyze")[0]?.traceId,
  ) as SeenSpan;
  expect(question.links).toMatchObject([{ traceId: webhook.traceId, spanId: webhook.spanId }]);
  expect(named("root cause", below(question))).toHaveLength(1);
});

test("what failed says so, by the error's name alone", () => {
  const [failed] = named("command errors") as [SeenSpan];
  expect(failed.status).toEqual({ code: 2, message: "Error" });
  expect(named("command analyze")[0]?.status.code ?? 0).toBe(0);
});

test("every span but the first of a trace stands below one that is there", () => {
  const known = new Set(collector.spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
  expect(known.size).toBe(collector.spans.length);
  for (const { name, traceId, parentSpanId = "" } of collector.spans)
    expect([name, parentSpanId === "" || known.has(`${traceId} ${parentSpanId}`)]).toEqual([name, true]);
});

test("nothing of a line, of a key, of a person, or of whose it is leaves with them", () => {
  const sent = collector.bodies.join("\n");
  expect(sent).toContain("command analyze");
  expect(sent).toContain("1.2.3");
  const services = ["checkout", "orders"];
  for (const secret of [...CANARIES, key, key.slice(0, 20), "acme", ...services, ...ids])
    expect(sent).not.toContain(secret);
});
