import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openFiles } from "../adapters/files/index.ts";
import { createMemoryCache } from "../adapters/memory/index.ts";
import { startEmbeddedPostgres } from "../adapters/postgres/index.ts";
import { watchPostgres } from "../adapters/postgres/watch.ts";
import { createRedisCache } from "../adapters/redis/index.ts";
import { createWebConsole } from "../adapters/web/index.ts";
import { startApp } from "./app.ts";
import type { Cache } from "./cache/cache.ts";
import { createChartDrawer } from "./charts/draw.ts";
import { type Environment, readEnvironment } from "./config.ts";
import { createConsoleHistory } from "./console/history.ts";
import { isDatabaseDown } from "./database.ts";
import { UserError } from "./errors.ts";
import { migrateJobs, pendingJobMigrations } from "./jobs/migrate.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLog, type Log } from "./log.ts";
import { migrateUp, pendingMigrations } from "./migrations.ts";
import { markSampleDeploys, readSamples, type Sample } from "./samples.ts";

const ROOT = fileURLToPath(new URL(import.meta.url.includes("/dist/") ? "../.." : "..", import.meta.url));
const CONSOLE_WORKSPACE = "console";
const CONSOLE_CHANNEL = "logs";

/** One line of the start's report: what was chosen, and why. */
type Chosen = [what: string, chosen: string];

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
      throw new UserError(`"${positionals[0]}" is not understood. ${USAGE}`);
    const env = readEnvironment(process.env);
    log = createLog(env.logLevel ?? (env.nodeEnv === "production" ? "info" : "warn"));
    stopOnSignals(lifecycle, log);
    await start(values.logs ? { ...env, logs: positionals } : env, lifecycle, log);
  } catch (error) {
    await lifecycle.stop().catch(() => undefined);
    if (error instanceof UserError || isArgumentError(error)) console.error(`\n${error.message}\n`);
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
  await prepareSchema(databaseUrl, gated, chosen).catch((error: unknown) => {
    throw env.databaseUrl === undefined ? error : explainUnreachable(error);
  });

  const cache = openCache(env, log, chosen);
  lifecycle.onStop("cache", () => cache.close());
  const org = env.org ?? "local";
  const samples = env.logs === undefined ? await readSamples() : [];
  const paths = env.logs?.map((pattern) => ({ pattern })) ?? samplePaths(samples, startedAtMs);
  const zoneOffsetMinutes = env.logsUtcOffset ?? 0;
  const logs = await openFiles({ paths, org, now: Date.now, log, zoneOffsetMinutes });
  lifecycle.onStop("log files", () => logs.close());
  chosen.push([
    "Logs",
    env.logs === undefined
      ? `${samples.length} recorded incidents, replayed as if now (no LOGS)`
      : (await logs.health(org)).summary,
  ]);

  const token = await consoleToken(stateDirectory);
  let consoleUrl = () => "";
  const app = await startApp({
    databaseUrl,
    cache,
    logs,
    platforms: (directory) => {
      const web = createWebConsole({
        history: createConsoleHistory(directory, "web", CONSOLE_WORKSPACE),
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
  await markSampleDeploys(workspace.scope, samples, startedAtMs);

  report(chosen, consoleUrl(), samples, Date.now() - startedAtMs);
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

/** The commonest mistakes in DATABASE_URL, told without it: it holds a password. */
function explainUnreachable(error: unknown): unknown {
  if (isDatabaseDown(error)) {
    return new UserError(
      "The database of DATABASE_URL does not answer. Start it, or correct the host and port.",
      { cause: error },
    );
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "28P01" || code === "28000") {
    return new UserError("The database of DATABASE_URL refuses this user or password. Correct them.", {
      cause: error,
    });
  }
  if (code === "3D000")
    return new UserError("The server of DATABASE_URL has no such database. Create it first.", {
      cause: error,
    });
  return error;
}

/** In development the schema follows the code; in production a person lets it. */
async function prepareSchema(databaseUrl: string, gated: boolean, chosen: Chosen[]): Promise<void> {
  if (!gated) {
    const ran = await migrateUp(databaseUrl);
    await migrateJobs(databaseUrl);
    if (ran.length > 0) chosen.push(["Schema", `brought up to date by ${ran.length} migrations`]);
    return;
  }
  const pending = [...(await pendingMigrations(databaseUrl)), ...(await pendingJobMigrations(databaseUrl))];
  if (pending.length === 0) return;
  throw new UserError(
    `The database's schema is behind by ${pending.length} migrations, and in production they run only when somebody says so. Run: npm run migrate`,
  );
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
    pattern: join(directory, "*.log.gz"),
    namespace,
    replay: { recordedNowMs, asMs },
  }));
}

/** Kept between starts, so that a page that is open finds its way back after a restart. */
async function consoleToken(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, "console-token");
  const kept = await readFile(file, "utf8").catch(() => "");
  if (/^[\w-]{32,}$/.test(kept.trim())) return kept.trim();
  const token = randomBytes(24).toString("base64url");
  await mkdir(stateDirectory, { recursive: true });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

const USAGE = `Usage: npm start                     replay the recorded incidents
       npm start -- --logs PATH…    read log files: files, folders or globs, .gz too`;

function report(chosen: readonly Chosen[], url: string, samples: readonly Sample[], tookMs: number): void {
  const tries = samples.map(({ analyze, title }) => `/loghunter analyze ${analyze.padEnd(12)} ${title}`);
  const lines = [
    ...chosen,
    ["", ""] as const,
    ["Open", url] as const,
    ...(tries.length === 0 ? ["/loghunter analyze <service>"] : tries).map(
      (text, i) => [i === 0 ? "Type" : "", text] as const,
    ),
  ];
  print(`
LogHunter is ready after ${(tookMs / 1_000).toFixed(1)} s.

${lines.map(([what, text]) => `  ${what.padEnd(10)}${text}`.trimEnd()).join("\n")}

  Ctrl-C stops it. Whoever has the address can read these logs.
`);
}

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
