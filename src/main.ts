import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createWebConsole } from "../adapters/web/index.ts";
import { startApp } from "./app.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { cacheFor } from "./cache/keys.ts";
import { createChartDrawer } from "./charts/draw.ts";
import { type Environment, readEnvironment } from "./config.ts";
import { createConsoleHistory } from "./console/history.ts";
import { addEnvFile } from "./envFile.ts";
import { UserError } from "./errors.ts";
import { apiListener } from "./http/api/listener.ts";
import { everyHour, everyMinute } from "./jobs/schedule.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLog, type Log } from "./log.ts";
import { attentionTo } from "./main/attention.ts";
import { connectOnce, openChats } from "./main/chats.ts";
import { apiAddress, openHttpServer } from "./main/httpServer.ts";
import { openLogs } from "./main/logs.ts";
import { openModels } from "./main/models.ts";
import { cacheInWords, embeddedDatabase, openCache } from "./main/stores.ts";
import { openTelemetry } from "./main/telemetry.ts";
import { prepareSchema } from "./prepareSchema.ts";
import { beginReplay, endReplay } from "./sampleReplay.ts";
import { readSamples } from "./samples.ts";
import { createKeyring } from "./secrets/keyring.ts";
import { type Chosen, startReport } from "./startReport.ts";
import { consoleToken, keepReplayedAs, usualStateDirectory } from "./stateDirectory.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";

const ROOT = fileURLToPath(new URL(import.meta.url.includes("/dist/") ? "../.." : "..", import.meta.url));
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
    const hasEnvFile = await addEnvFile(process.env);
    const env = readEnvironment(process.env);
    log = createLog(env.logLevel ?? (env.nodeEnv === "production" ? "info" : "warn"));
    const drainMs =
      1_000 * (env.httpDrainSeconds ?? (env.slackSigningSecret === undefined ? 0 : DRAIN_SECONDS));
    const leaving = new AbortController();
    stopOnSignals(lifecycle, { leaving, drainMs, log });
    const chosen: Chosen[] = hasEnvFile ? [["Settings", ".env and the environment"]] : [];
    await start(logs === undefined ? env : { ...env, logs }, {
      lifecycle,
      leaving: leaving.signal,
      log,
      chosen,
    });
  } catch (error) {
    await lifecycle.stop().catch(() => undefined);
    if (error instanceof UserError) console.error(`\n${error.message}\n`);
    else if (log === undefined) console.error(error);
    else log.error({ err: error }, "could not start");
    process.exitCode = 1;
  }
}

interface StartParts {
  lifecycle: Lifecycle;
  leaving: AbortSignal;
  log: Log;
  chosen: Chosen[];
}

async function start(env: Environment, { lifecycle, leaving, log, chosen }: StartParts): Promise<void> {
  const startedAtMs = Date.now();
  const stateDirectory = env.stateDir ?? usualStateDirectory(ROOT, process.env.XDG_STATE_HOME);

  const version = await readVersion();
  const telemetry = await openTelemetry(env, version, { lifecycle, log, chosen, stateDirectory });
  const databaseUrl = env.databaseUrl ?? (await embeddedDatabase(stateDirectory, lifecycle, log, chosen));
  if (env.databaseUrl !== undefined) chosen.push(["Database", "PostgreSQL of DATABASE_URL"]);
  const isProduction = env.nodeEnv === "production";
  const ran = await prepareSchema(databaseUrl, { isEmbedded: env.databaseUrl === undefined, isProduction });
  if (ran > 0) chosen.push(["Schema", `brought up to date by ${ran} migrations`]);

  const cache = openCache(env, log, telemetry.metrics);
  lifecycle.onStop("cache", () => cache.close());
  chosen.push(["Cache", await cacheInWords(env, cache)]);
  const org = env.org ?? DEFAULT_ORG;
  let directory: TenantDirectory | undefined;
  // The tenants are known once the app has started; nobody asks before.
  const cacheOf = async (of: string) => {
    const tenantId = await directory?.tenantIdOf(of);
    return tenantId === undefined ? undefined : cacheFor(cache, tenantId);
  };
  const reading = { org, stateDirectory, startedAtMs, cacheOf, log };
  const { logs, lagSeconds, replay } = await openLogs(env, reading, chosen);
  lifecycle.onStop("logs", () => logs.close());

  const token = await consoleToken(stateDirectory);
  const draw = createChartDrawer();
  const chats = await openChats(env, org, draw, log);
  const models = await openModels(env, log, chosen);
  let consoleUrl = () => "";
  let httpPort: number | undefined;
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
  let closing: Promise<void> | undefined;
  lifecycle.onStop("app", () => app.stop(closing));
  chosen.push(...(await chats.report()));
  const slack = chats.slack()?.listener;
  const api = apiListener(app.api);
  const http = await openHttpServer(
    env,
    { slack, api, metrics: telemetry.metrics, probes: app.probes, leaving, log },
    chosen,
  );
  httpPort = http?.port;
  // What is being answered still needs the app, which gives up what takes too long.
  lifecycle.onStop("HTTP server", () => {
    closing = http?.close();
  });

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
  if (replay !== undefined) {
    await keepReplayedAs(stateDirectory, replay.asMs);
    await beginReplay(await app.directory.tenantOf(org), replay.samples, replay.asMs);
  } else {
    await endReplay(workspace.scope, await readSamples(), Date.now());
  }
  // What there is of the past is learnt at once, and not only when the next minute is over.
  void app.scan();

  chosen.push(...attentionTo(process.env, env, stateDirectory));
  print(startReport(chosen, consoleUrl(), replay?.samples ?? [], Date.now() - startedAtMs));
  log.info({ version }, "ready");
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
    log.info({ signal }, "stopping");
    if (signal === "SIGTERM") await sleep(drainMs);
    setTimeout(() => {
      log.error({ waitsFor: lifecycle.undoing() }, "did not stop in time; what was in hand is done later");
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
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
