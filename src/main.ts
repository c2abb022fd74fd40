import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { escapePath } from "tinyglobby";
import { type FilesSource, openFiles } from "../adapters/files/index.ts";
import { openLoki } from "../adapters/loki/index.ts";
import { createMemoryCache } from "../adapters/memory/index.ts";
import { startEmbeddedPostgres } from "../adapters/postgres/index.ts";
import { watchPostgres } from "../adapters/postgres/watch.ts";
import { createRedisCache } from "../adapters/redis/index.ts";
import { createWebConsole } from "../adapters/web/index.ts";
import { startApp } from "./app.ts";
import type { Cache } from "./cache/cache.ts";
import { cacheFor } from "./cache/keys.ts";
import { createChartDrawer } from "./charts/draw.ts";
import { type Environment, readEnvironment } from "./config.ts";
import { createConsoleHistory } from "./console/history.ts";
import { explainUnreachable } from "./database.ts";
import { UserError } from "./errors.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLog, type Log } from "./log.ts";
import { lokiOptions } from "./lokiOptions.ts";
import { prepareSchema } from "./prepareSchema.ts";
import { markSampleDeploys, readSamples, type Sample } from "./samples.ts";
import { type Chosen, startReport } from "./startReport.ts";
import { consoleToken, replayedAsMs } from "./stateDirectory.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";

const ROOT = fileURLToPath(new URL(import.meta.url.includes("/dist/") ? "../.." : "..", import.meta.url));
const CONSOLE_WORKSPACE = "console";
const CONSOLE_CHANNEL = "logs";
/** Small logs are read by then, and the start can say how many lines there are. */
const INDEX_WAIT_MS = 1_000;

/** The composition root: environment → parts → app; signals → stop. */
async function main(): Promise<void> {
  const lifecycle = createLifecycle();
  let log: Log | undefined;
  try {
    const { values, positionals } = parseArgs({
      options: { logs: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    if (values.help) return print(USAGE);
    if (!values.logs && positionals.length > 0)
      throw new UserError(`To read logs, say so: npm start -- --logs ${positionals.join(" ")}\n\n${USAGE}`);
    const env = readEnvironment(process.env);
    log = createLog(env.logLevel ?? (env.nodeEnv === "production" ? "info" : "warn"));
    stopOnSignals(lifecycle, log);
    await start(values.logs ? { ...env, logs: positionals } : env, lifecycle, log);
  } catch (error) {
    await lifecycle.stop().catch(() => undefined);
    if (error instanceof UserError) console.error(`\n${error.message}\n`);
    else if (isArgumentError(error)) console.error(`\n${error.message.split(/[.,] /, 1)[0]}.\n\n${USAGE}\n`);
    else if (log === undefined) console.error(error);
    else log.error({ err: error }, "could not start");
    process.exitCode = 1;
  }
}

async function start(env: Environment, lifecycle: Lifecycle, log: Log): Promise<void> {
  const startedAtMs = Date.now();
  const stateDirectory = env.stateDir ?? join(ROOT, ".loghunter");
  const chosen: Chosen[] = [];

  const databaseUrl = env.databaseUrl ?? (await embeddedDatabase(stateDirectory, lifecycle, log, chosen));
  if (env.databaseUrl !== undefined) chosen.push(["Database", "PostgreSQL of DATABASE_URL"]);
  // The embedded database is this program's own: its schema follows the code, in production too.
  const gated = env.nodeEnv === "production" && env.databaseUrl !== undefined;
  const ran = await prepareSchema(databaseUrl, gated).catch((error: unknown) => {
    throw env.databaseUrl === undefined ? error : explainUnreachable(error);
  });
  if (ran > 0) chosen.push(["Schema", `brought up to date by ${ran} migrations`]);

  const cache = openCache(env, log, chosen);
  lifecycle.onStop("cache", () => cache.close());
  const org = env.org ?? "local";
  let directory: TenantDirectory | undefined;
  const loki = await lokiOptions(env);
  if (loki !== undefined && env.logs !== undefined)
    throw new UserError(
      "Both LOKI_URL and log files are given. Choose one: unset LOKI_URL, or leave LOGS and --logs out.",
    );
  const isReplay = loki === undefined && env.logs === undefined;
  const samples = isReplay ? await readSamples() : [];
  const asMs = isReplay ? await replayedAsMs(stateDirectory, startedAtMs) : startedAtMs;
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
  let consoleUrl = () => "";
  const app = await startApp({
    databaseUrl,
    cache,
    logs,
    platforms: (opened) => {
      directory = opened;
      const web = createWebConsole({
        history: createConsoleHistory(opened, "web", CONSOLE_WORKSPACE),
        draw: createChartDrawer(),
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
      return [web];
    },
    allowedOrgs: env.connectOrgs ?? [org],
    log,
    now: Date.now,
  });
  lifecycle.onStop("app", () => app.stop());

  const known = await app.directory.findWorkspace("web", CONSOLE_WORKSPACE);
  const workspace =
    known ??
    (await app.directory.connect({
      platform: "web",
      externalId: CONSOLE_WORKSPACE,
      workspaceName: "Web console",
      lokiOrgId: org,
    }));
  if (workspace.scope.lokiOrgId !== org) {
    chosen.push([
      "Attention",
      `the console belongs to ${workspace.scope.lokiOrgId}, ORG is ${org}: type /loghunter connect ${org}`,
    ]);
  }
  await markSampleDeploys(workspace.scope, samples, asMs);

  print(startReport(chosen, consoleUrl(), samples, Date.now() - startedAtMs));
}

async function embeddedDatabase(
  stateDirectory: string,
  lifecycle: Lifecycle,
  log: Log,
  chosen: Chosen[],
): Promise<string> {
  const options = { directory: join(stateDirectory, "postgres"), log };
  const server = await startEmbeddedPostgres(options);
  lifecycle.onStop("embedded PostgreSQL", () => server.stop());
  const watch = watchPostgres(server, options);
  lifecycle.onStop("watch over PostgreSQL", () => watch.stop());
  chosen.push([
    "Database",
    `embedded PostgreSQL 15, ${HOW[server.how]} ${server.dataDirectory} (no DATABASE_URL)`,
  ]);
  return server.url;
}

const HOW = { created: "new in", started: "from", adopted: "already running in" } as const;

async function logFiles(
  env: Environment,
  org: string,
  samples: readonly Sample[],
  asMs: number,
  log: Log,
  chosen: Chosen[],
): Promise<FilesSource> {
  const paths = env.logs?.map((pattern) => ({ pattern })) ?? samplePaths(samples, asMs);
  const zoneOffsetMinutes = env.logsUtcOffset ?? 0;
  const logs = await openFiles({ paths, org, now: Date.now, log, zoneOffsetMinutes });
  if (env.logs === undefined) {
    chosen.push([
      "Logs",
      `${samples.length} recorded incidents, replayed as if now (no LOGS): times inside the lines are older`,
    ]);
  } else {
    await Promise.race([logs.indexed(), sleep(INDEX_WAIT_MS)]);
    chosen.push(["Logs", (await logs.health(org)).summary]);
  }
  return logs;
}

function openCache(env: Environment, log: Log, chosen: Chosen[]): Cache {
  if (env.redisUrl === undefined) {
    chosen.push(["Cache", "this process's memory (no REDIS_URL)"]);
    return createMemoryCache({ now: Date.now });
  }
  chosen.push(["Cache", "Redis of REDIS_URL"]);
  return createRedisCache({ url: env.redisUrl, log });
}

function samplePaths(samples: readonly Sample[], asMs: number) {
  return samples.map(({ directory, namespace, recordedNowMs }) => ({
    pattern: `${escapePath(directory)}/*.log.gz`,
    namespace,
    replay: { recordedNowMs, asMs },
  }));
}

const USAGE = `Usage: npm start                     replay the recorded incidents
       npm start -- --logs PATH…    read log files: files, folders or globs, .gz too

README.md lists the settings of the environment, such as WEB_PORT and DATABASE_URL.`;

function print(text: string): void {
  console.log(text);
}

function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** What is in hand gets half of it; then the process goes anyway, and what was left is done after the next start. */
const STOP_WITHIN_MS = 10_000;

function stopOnSignals(lifecycle: Lifecycle, log: Log): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    lifecycle.stop().then(
      () => process.exit(signal === "SIGINT" ? 130 : 0),
      (err: unknown) => {
        log.error({ err }, "did not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("unhandledRejection", (err) => log.error({ err }, "a failure nobody waited for"));
}

await main();
