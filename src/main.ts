import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openLoki } from "../adapters/loki/index.ts";
import { createWebConsole } from "../adapters/web/index.ts";
import { startApp } from "./app.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { cacheFor } from "./cache/keys.ts";
import { createChartDrawer } from "./charts/draw.ts";
import { type Environment, readEnvironment } from "./config.ts";
import { createConsoleHistory } from "./console/history.ts";
import { explainUnreachable } from "./database.ts";
import { UserError } from "./errors.ts";
import { apiListener } from "./http/api/listener.ts";
import { everyHour, everyMinute } from "./jobs/schedule.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLog, type Log } from "./log.ts";
import { lokiOptions } from "./lokiOptions.ts";
import { connectOnce, openChats } from "./main/chats.ts";
import { apiAddress, openHttpServer } from "./main/httpServer.ts";
import { logFiles } from "./main/logFiles.ts";
import { openModels } from "./main/models.ts";
import { embeddedDatabase, openCache } from "./main/stores.ts";
import { openTelemetry } from "./main/telemetry.ts";
import { prepareSchema } from "./prepareSchema.ts";
import { beginReplay } from "./sampleReplay.ts";
import { readSamples, runsForMs } from "./samples.ts";
import { createKeyring } from "./secrets/keyring.ts";
import { type Chosen, startReport } from "./startReport.ts";
import { consoleToken, replayedAsMs, usualStateDirectory } from "./stateDirectory.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";

const ROOT = fileURLToPath(new URL(import.meta.url.includes("/dist/") ? "../.." : "..", import.meta.url));
/** Agents send what they read every few seconds, and their queues take a while; a file has it at once. */
const LOKI_LAG_SECONDS = 60;
const FILES_LAG_SECONDS = 5;
/** How far back services are learnt at the first start. */
const LEARN_MS = 24 * 60 * 60_000;
/** The same hour of two weeks: then a Monday morning is known for one. */
const DEEPEN_MS = 15 * LEARN_MS;
/** Beside the full hour, at which everybody else's jobs begin. */
const RETENTION_MINUTE = 23;
const DEFAULT_ORG = "local";
const CONSOLE_WORKSPACE = "console";
const CONSOLE_CHANNEL = "logs";

/** The composition root: environment → parts → app; signals → stop. */
async function main(): Promise<void> {
  const lifecycle = createLifecycle();
  let log: Log | undefined;
  try {
    const { help, logs } = readArguments(process.argv.slice(2));
    if (help) return print(USAGE);
    const env = readEnvironment(process.env);
    log = createLog(env.logLevel ?? (env.nodeEnv === "production" ? "info" : "warn"));
    const drainMs =
      1_000 * (env.httpDrainSeconds ?? (env.slackSigningSecret === undefined ? 0 : DRAIN_SECONDS));
    const leaving = new AbortController();
    stopOnSignals(lifecycle, { leaving, drainMs, log });
    await start(logs === undefined ? env : { ...env, logs }, lifecycle, leaving.signal, log);
  } catch (error) {
    await lifecycle.stop().catch(() => undefined);
    if (error instanceof UserError) console.error(`\n${error.message}\n`);
    else if (log === undefined) console.error(error);
    else log.error({ err: error }, "could not start");
    process.exitCode = 1;
  }
}

async function start(env: Environment, lifecycle: Lifecycle, leaving: AbortSignal, log: Log): Promise<void> {
  const startedAtMs = Date.now();
  const stateDirectory = env.stateDir ?? usualStateDirectory(ROOT, process.env.XDG_STATE_HOME);
  const chosen: Chosen[] = [];

  const version = await readVersion();
  const telemetry = await openTelemetry(env, version, { lifecycle, log, chosen });
  const databaseUrl = env.databaseUrl ?? (await embeddedDatabase(stateDirectory, lifecycle, log, chosen));
  if (env.databaseUrl !== undefined) chosen.push(["Database", "PostgreSQL of DATABASE_URL"]);
  // The embedded database is this program's own: its schema follows the code, in production too.
  const gated = env.nodeEnv === "production" && env.databaseUrl !== undefined;
  const ran = await prepareSchema(databaseUrl, gated).catch((error: unknown) => {
    throw env.databaseUrl === undefined ? error : explainUnreachable(error);
  });
  if (ran > 0) chosen.push(["Schema", `brought up to date by ${ran} migrations`]);

  const cache = openCache(env, log, telemetry.metrics, chosen);
  lifecycle.onStop("cache", () => cache.close());
  const org = env.org ?? DEFAULT_ORG;
  let directory: TenantDirectory | undefined;
  const loki = await lokiOptions(env);
  if (loki !== undefined && env.logs !== undefined)
    throw new UserError(
      "Both LOKI_URL and log files are given. Choose one: unset LOKI_URL, or leave LOGS and --logs out.",
    );
  const isReplay = loki === undefined && env.logs === undefined;
  const samples = isReplay ? await readSamples() : [];
  const asMs = isReplay ? await replayedAsMs(stateDirectory, startedAtMs, runsForMs(samples)) : startedAtMs;
  const logs =
    loki === undefined
      ? await logFiles(env, org, samples, asMs, log, chosen)
      : await openLoki({
          ...loki,
          // The tenants are known once the app has started; nobody asks before.
          cacheOf: async (of) => {
            const tenantId = await directory?.tenantIdOf(of);
            return tenantId === undefined ? undefined : cacheFor(cache, tenantId);
          },
          log,
          now: Date.now,
        });
  lifecycle.onStop("logs", () => logs.close());
  if (loki !== undefined) chosen.push(["Logs", (await logs.health(org)).summary]);

  const token = await consoleToken(stateDirectory);
  const draw = createChartDrawer();
  const chats = await openChats(env, org, draw, log);
  const models = await openModels(env, log, chosen);
  let consoleUrl = () => "";
  let httpPort: number | undefined;
  const lagSeconds = env.watchLagSeconds ?? (loki === undefined ? FILES_LAG_SECONDS : LOKI_LAG_SECONDS);
  const app = await startApp({
    databaseUrl,
    stateDirectory,
    cache,
    logs,
    platforms: (kept) => {
      directory = kept.directory;
      const web = createWebConsole({
        history: createConsoleHistory(kept.directory, "web", CONSOLE_WORKSPACE),
        draw,
        log,
        host: env.webHost ?? "127.0.0.1",
        port: env.webPort ?? 3140,
        token,
        workspace: CONSOLE_WORKSPACE,
        channels: [CONSOLE_CHANNEL],
        now: Date.now,
        ...(env.publicUrl !== undefined && { publicUrl: env.publicUrl }),
      });
      consoleUrl = () => web.url;
      return [web, ...chats.open(kept)];
    },
    ...(env.encryptionKeys !== undefined && { keyring: createKeyring(env.encryptionKeys) }),
    allowedOrgs: env.connectOrgs ?? [org],
    log,
    now: Date.now,
    models,
    api: {
      url: () => apiAddress(env, httpPort),
      version,
      ...(env.apiRequestsPerMinute !== undefined && { perMinute: env.apiRequestsPerMinute }),
      ...(env.httpTrustedProxies !== undefined && { trustedProxies: env.httpTrustedProxies }),
      ...(env.keyHashCost !== undefined && { keyHashCost: env.keyHashCost }),
    },
    telemetry,
    watching: {
      lagMs: lagSeconds * 1_000,
      learnMs: LEARN_MS,
      deepenMs: DEEPEN_MS,
      steadyNow: () => performance.now(),
      schedule: (tick) => everyMinute(lagSeconds % 60, tick),
    },
    scheduleRetention: (tick) => everyHour(RETENTION_MINUTE, tick),
  });
  lifecycle.onStop("app", () => app.stop());
  chosen.push(...(await chats.report()));
  const slack = chats.slack()?.listener;
  const api = apiListener(app.api);
  const http = await openHttpServer(
    env,
    { slack, api, metrics: telemetry.metrics, probes: app.probes, leaving, log },
    chosen,
  );
  httpPort = http?.port;
  lifecycle.onStop("HTTP server", () => http?.close());

  const workspace = await connectOnce(app.directory, org, {
    platform: "web",
    externalId: CONSOLE_WORKSPACE,
    workspaceName: "Web console",
  });
  if (workspace.scope.lokiOrgId !== org) {
    chosen.push([
      "Attention",
      `the console belongs to ${workspace.scope.lokiOrgId}, ORG is ${org}: type /loghunter connect ${org}`,
    ]);
  }
  if (isReplay) await beginReplay(await app.directory.tenantOf(org), samples, asMs);
  // What there is of the past is learnt at once, and not only when the next minute is over.
  void app.scan();

  print(startReport(chosen, consoleUrl(), samples, Date.now() - startedAtMs));
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
  return version;
}

function print(text: string): void {
  console.log(text);
}

/** What is in hand gets half of it; then the process goes anyway, and what was left is done after the next start. */
const STOP_WITHIN_MS = 10_000;

/** Load balancers look every second, or are told. */
const DRAIN_SECONDS = 2;

interface Leaving {
  /** Told that the process is about to end. */
  leaving: AbortController;
  /** So long it goes on serving all the same, where it was asked to end by who starts another one. */
  drainMs: number;
  log: Log;
}

function stopOnSignals(lifecycle: Lifecycle, { leaving, drainMs, log }: Leaving): void {
  const stop = async (signal: NodeJS.Signals) => {
    if (leaving.signal.aborted) process.exit(130);
    leaving.abort();
    if (signal === "SIGTERM") await sleep(drainMs);
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    try {
      await lifecycle.stop();
      process.exit(signal === "SIGINT" ? 130 : 0);
    } catch (err) {
      log.error({ err }, "did not stop cleanly");
      process.exit(1);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("unhandledRejection", (err) => log.error({ err }, "a failure nobody waited for"));
}

await main();
