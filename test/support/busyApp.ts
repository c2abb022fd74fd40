import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import pg from "pg";
import { readEnvironment } from "../../src/config.ts";
import { UserError } from "../../src/errors.ts";
import { metricsRoute } from "../../src/http/metrics.ts";
import { startHttpServer } from "../../src/http/server.ts";
import { createLifecycle } from "../../src/lifecycle.ts";
import { createLog } from "../../src/log.ts";
import { openCache } from "../../src/main/stores.ts";
import { openTelemetry } from "../../src/main/telemetry.ts";
import { guardModel } from "../../src/models/guard.ts";
import type { ModelReply } from "../../src/models/languageModel.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import type { Metrics } from "../../src/telemetry/metrics.ts";
import type { Telemetry } from "../../src/telemetry/telemetry.ts";
import type { Traces } from "../../src/telemetry/traces.ts";
import { createAsk, issueTestKey } from "./api/client.ts";
import { createCountsSource, during, usual } from "./countsSource.ts";
import { createScriptedModel } from "./models/scriptedModel.ts";
import { type Exposition, readExposition } from "./promText.ts";
import { startTestRedis } from "./redis.ts";
import { openTestApp, type TestApp } from "./testApp.ts";

/** An app of which all is measured, at a shop whose checkout has begun to fail. */
export interface BusyApp extends TestApp {
  metrics: Metrics;
  model: ReturnType<typeof createScriptedModel>;
  source: ReturnType<typeof createCountsSource>;
  admin: pg.Client;
  read(): Promise<Exposition>;
  /** Reads until it is so, for at most a minute. */
  until(isSo: (told: Exposition) => boolean): Promise<Exposition>;
  stopRedis(): Promise<void>;
  /** Owes a message to the channel. */
  owe(notice: string): Promise<void>;
}

const MINUTE_MS = 60_000;
/** What no trace and no metric may ever hold. */
export const CANARIES = ["password=", "hunter2", "does not answer", "canary-person", "sk-canary"];

export const SAYS: ModelReply = {
  outcome: "answered",
  text: JSON.stringify({
    verdict: "cause not visible",
    hypotheses: [],
    summary: [],
    nextStep: null,
    lookAt: [],
  }),
  calls: [],
  usage: { inputTokens: 1_000, cachedTokens: 400, outputTokens: 100 },
};

/** @param traces where its spans go; absent: nowhere */
export async function openBusyApp(env: Record<string, string> = {}, traces?: Traces): Promise<BusyApp> {
  const log = createLog("silent");
  const redis = await startTestRedis();
  const lifecycle = createLifecycle();
  // Where there is no Redis at hand, one that is away.
  const settings = readEnvironment({ REDIS_URL: redis?.url ?? "redis://127.0.0.1:1", ...env });
  const opened = await openTelemetry(settings, "1.2.3", {
    ...{ lifecycle, log, chosen: [], stateDirectory: tmpdir() },
  });
  const telemetry: Telemetry = { ...opened, ...(traces !== undefined && { traces }) };
  const { metrics } = telemetry;
  const cache = openCache(settings, log, metrics);
  const model = createScriptedModel();
  model.script = [SAYS];
  const nowMs = Date.now();
  const failing = () => ({ lines: 200, errors: 120 });
  const source = createCountsSource({
    checkout: during(nowMs - 6 * MINUTE_MS, nowMs + 60 * MINUTE_MS, failing, usual(1)),
    orders: usual(2),
  });
  const app = await openTestApp({
    logs: source,
    cache,
    telemetry,
    api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 4 },
    models: {
      all: [guardModel(model, { log })],
      byDefault: "first",
      prices: parseModelPrices("gpt-test=1/0.1/10"),
      budget: {},
      linkHosts: [],
    },
  });
  const admin = new pg.Client({ connectionString: app.databaseUrl });
  await admin.connect();
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, log }, [metricsRoute({ metrics, log })]);
  const read = async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    return readExposition(await answer.text());
  };
  return {
    ...app,
    metrics,
    model,
    source,
    admin,
    read,
    async until(isSo) {
      const endMs = Date.now() + 60_000;
      for (;;) {
        const told = await read();
        if (isSo(told) || Date.now() > endMs) return told;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async owe(notice) {
      await admin.query(
        `insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card)
         select tenant_id, id, 'general', $1, 'notice', 0, '{"title": "told", "tone": "neutral", "body": []}' from workspaces`,
        [notice],
      );
    },
    stopRedis: async () => redis?.stop(),
    async close() {
      await admin.end();
      await app.close();
      await cache.close();
      await lifecycle.stop();
      await server.close();
      await redis?.stop();
    },
  };
}

/** Whoever does what there is to do, and meets what there is to meet: each metric has a sample after it. */
export async function keepBusy(app: BusyApp): Promise<void> {
  const { chat, source, model } = app;
  const ann = { name: "canary-person" };
  const base = { id: randomUUID(), place: { platform: "recording", workspace: "T1", channel: "general" } };
  // People.
  const { messageId } = await chat.type("analyze checkout since:15m", ann);
  await chat.until(messageId, ({ tone }) => tone !== "working");
  await chat.type("analyze nosuch since:15m", ann);
  await chat.type("frobnicate hunter2", ann);
  await chat.press(messageId, { name: "frobnicate hunter2", subject: "" }, ann);
  source.failure = new Error("order 7 does not answer");
  await chat.type("errors checkout", ann);
  source.failure = new UserError("Loki wants a shorter range.");
  await chat.type("errors checkout", ann);
  source.failure = undefined;
  const person = { id: "u1", name: "canary-person", platformAdmin: true };
  await app.app.core.form({ ...base, person, kind: "command", call: { name: "mute", options: {} } });
  await app.app.core.handle({ ...base, id: randomUUID(), person, kind: "home" });
  const reply = await chat.answer(messageId, "Why does it not answer?", ann);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} is shown nowhere`);
  chat.cards.set("reply", reply.card);
  await reply.shown?.({ place: { ...base.place, thread: messageId }, id: "reply" });
  await app.until((told) => told.value("loghunter_job_seconds_count", { name: "reply" }) === 1);
  // A model that fails, and one that nobody may pay.
  model.script = [{ outcome: "later", why: "sk-canary is busy", afterMs: 60_000 }, SAYS];
  const again = await chat.type("analyze orders since:25m", ann);
  await chat.until(again.messageId, ({ tone }) => tone !== "working");
  await app.admin.query(
    "insert into model_choices (tenant_id, daily_tokens, set_by) select id, 1, 'u1' from tenants",
  );
  const unpaid = await chat.type("analyze orders since:35m", ann);
  await chat.until(unpaid.messageId, ({ tone }) => tone !== "working");
  // The watch, which finds what is odd, and then cannot read the logs.
  await app.app.scan();
  await chat.type("baseline checkout", ann);
  await chat.type("baseline checkout", ann);
  await app.admin.query("update watches set scanned_until = scanned_until - interval '1 minute'");
  source.failure = new Error("order 7 does not answer");
  await app.app.scan();
  source.failure = undefined;
  // Messages that nobody gets.
  await app.owe("sent");
  await app.until((told) => told.value("loghunter_deliveries_pending") === 0);
  chat.refusePosts({ outcome: "refused", reason: "channel archived", why: "does not answer" });
  await app.owe("refused");
  await app.until((told) => told.value("loghunter_deliveries_pending") === 0);
  chat.refusePosts(undefined);
  // Programs.
  const [tenant] = (await app.app.directory.tenants(undefined, 1)) as [never];
  const key = await issueTestKey(tenant, "ci", ["read:anomalies", "write:analysis"]);
  const ask = createAsk(app.apiUrl);
  await ask("GET", "/anomalies", { key });
  await ask("GET", "/anomalies", { key });
  await ask("GET", "/anomalies", { key: `${key.slice(0, -1)}${key.endsWith("a") ? "b" : "a"}` });
  await ask("GET", "/anomalies", { key: "sk-canary" });
  await ask("GET", "/hunter2", { key });
  const alert = (service: string) => ({ status: "firing", labels: { service } });
  await ask("POST", "/webhooks/alertmanager", { key, body: { alerts: [alert("orders"), alert("nosuch")] } });
  await ask("GET", "/key", { key });
  await ask("GET", "/key", { key });
  // Redis goes away.
  await app.stopRedis();
  await ask("GET", "/key", { key });
}
