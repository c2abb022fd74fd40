import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../adapters/postgres/index.ts";
import { openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { prepareSchema } from "../../src/prepareSchema.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { issueTestKey } from "../../test/support/api/client.ts";
import { type AnalystServer, openAnalystServer } from "../../test/support/models/analystModel.ts";
import { onDatabase } from "../../test/support/postgres.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "../../test/support/program.ts";
import { startTestRedis, type TestRedis } from "../../test/support/redis.ts";
import { createFleet, type Fleet } from "../kill/fleet.ts";
import { type FastClock, fastNow } from "../kill/orders.ts";
import { openNursery } from "../kill/process.ts";
import { connect } from "../kill/stage.ts";
import { openPlatforms, type Platforms } from "../kill/standing.ts";
import { prepareDisk } from "./disk.ts";
import { pourLoki } from "./lokiLines.ts";
import { openProxy, type Passage } from "./proxy.ts";

export const DEPENDENCIES = ["postgres", "redis", "loki", "model", "slack", "discord"] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

/**
 * LogHunter as it is started, and beside it a second instance that watches by a fast clock, so that alerts come by the second.
 * Everything both of them need is behind a proxy. Once a minute the first takes the second for one whose clock is wrong, and scans
 * as well: one thing more that may disturb.
 */
export interface ChaosStage {
  program: Program;
  /** Of the program's HTTP server. */
  httpUrl: string;
  apiKey: string;
  platforms: Platforms;
  /** How the instances reach each of what they need. */
  ways: Record<Dependency, Passage>;
  redis: TestRedis | undefined;
  /** Around all proxies, as the bench itself asks. */
  databaseUrl: string;
  watcher: Pick<Fleet, "ended">;
  clock: FastClock;
  /** From a few minutes on, by the fast clock, all services are as usual. */
  calm(): void;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** A minute of what is watched takes 600 ms. */
const SPEED = 100;
/** Of each tenant: each has an incident every forty minutes. */
const SERVICES = 6;
const CALM_AFTER_MS = 4 * MINUTE_MS;
const SILENT = createLog("silent");

export async function openChaosStage(): Promise<ChaosStage> {
  const stateDirectory = await makeStateDirectory();
  const [database, redis, platforms, model, nursery] = await Promise.all([
    // Of its own: the one that tests share is stopped when the last of them ends.
    startEmbeddedPostgres({ directory: join(stateDirectory, "postgres"), log: SILENT }),
    startTestRedis(),
    openPlatforms({ history: true }),
    openAnalystServer(),
    openNursery(),
  ]);
  await prepareSchema(database.url, { isEmbedded: true, isProduction: false });
  await connect(database.url, platforms);
  await prepareDisk(database.url);
  const clock = { baseMs: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS, speed: SPEED };
  let calmFromMs = Number.MAX_SAFE_INTEGER;
  const orgs = platforms.workspaces.map(({ platform }) => platform);
  const poured = await pourLoki({ orgs, services: SERVICES, clock, calmFromMs: () => calmFromMs });
  const ways = await openWays({ databaseUrl: database.url, redis, loki: poured.loki.url, model, platforms });
  const at = (way: Dependency, like: string) => withPort(like, ways[way].port);

  const addresses = {
    databaseUrl: at("postgres", database.url),
    lokiUrl: at("loki", poured.loki.url),
    slackUrl: at("slack", platforms.slack.apiUrl),
    discordUrl: at("discord", platforms.discord.apiUrl),
    modelUrl: `${at("model", model.url)}/v1`,
    ...(redis !== undefined && { redisUrl: at("redis", redis.url) }),
  };
  const { slackUrl, discordUrl, ...settings } = addresses;
  const closes = async () => undefined;
  const fleet = createFleet({
    instances: 1,
    settings: { ...settings, clock, services: SERVICES, tokens: platforms.tokens },
    openDoors: async () => ({
      slack: { url: slackUrl, close: closes },
      discord: { url: discordUrl, close: closes },
    }),
    nursery,
    random: Math.random,
  });
  await fleet.start();
  // The second: what people do comes to the one that connected last.
  const program = await startProgram({
    DATABASE_URL: addresses.databaseUrl,
    ...(addresses.redisUrl !== undefined && { REDIS_URL: addresses.redisUrl }),
    LOKI_URL: addresses.lokiUrl,
    ORG: "slack",
    CONNECT_ORGS: orgs.join(","),
    STATE_DIR: stateDirectory,
    SLACK_BOT_TOKEN: platforms.tokens.slackBot,
    SLACK_APP_TOKEN: platforms.tokens.slackApp,
    SLACK_API_URL: slackUrl,
    DISCORD_TOKEN: platforms.tokens.discord,
    DISCORD_API_URL: discordUrl,
    OPENAI_API_KEY: "sk-test-4242",
    OPENAI_MODELS: "gpt-test",
    OPENAI_BASE_URL: addresses.modelUrl,
    HTTP_PORT: "0",
    API_REQUESTS_PER_MINUTE: "100000",
    LOG_LEVEL: "warn",
  });
  const [, port] = /HTTP +127\.0\.0\.1:(\d+)/.exec(program.output()) ?? [];

  return {
    ...{ program, platforms, ways, redis, clock, databaseUrl: database.url, watcher: fleet },
    httpUrl: `http://127.0.0.1:${port}`,
    apiKey: await makeKey(database.url),
    calm() {
      calmFromMs = fastNow(clock) + CALM_AFTER_MS;
      fleet.calm(calmFromMs);
    },
    async close() {
      for (const way of Object.values(ways)) way.set({ kind: "open" });
      await Promise.all([endPrograms(), fleet.stop()]);
      await Promise.all(Object.values(ways).map((way) => way.close()));
      await Promise.all([platforms.close(), redis?.stop(), nursery.close(), model.close(), poured.close()]);
      await database.stop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

interface Places {
  databaseUrl: string;
  redis: TestRedis | undefined;
  loki: string;
  model: AnalystServer;
  platforms: Platforms;
}

async function openWays({ databaseUrl, redis, loki, model, platforms }: Places) {
  const to = (url: string) => openProxy({ port: Number(new URL(url).port) });
  return {
    postgres: await to(databaseUrl),
    redis: await to(redis?.url ?? databaseUrl),
    loki: await to(loki),
    model: await to(model.url),
    slack: await to(platforms.slack.apiUrl),
    discord: await to(platforms.discord.apiUrl),
  };
}

export function withPort(url: string, port: number): string {
  const moved = new URL(url);
  moved.hostname = "127.0.0.1";
  moved.port = String(port);
  return moved.href.replace(/\/$/, "");
}

async function makeKey(databaseUrl: string): Promise<string> {
  const pools = openDatabase({ url: databaseUrl, log: SILENT });
  try {
    const scope = await createDirectory(pools).tenantOf("slack");
    return await issueTestKey(scope, "chaos", ["read:logs", "read:analysis", "write:analysis"]);
  } finally {
    await pools.close();
  }
}

/** Whether anything from before `beforeMs` is still owed to a channel, or has not been watched. */
export async function isOwed({ databaseUrl, clock }: ChaosStage, beforeMs: number): Promise<boolean> {
  return onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ owed: boolean }>(
      `\
select exists (select from deliveries where state = 'pending' and created_at < to_timestamp($1 / 1000.0))
  or exists (select from watches where scanned_until < to_timestamp($2 / 1000.0)) as owed`,
      [beforeMs, clock.baseMs + (beforeMs - clock.baseMs) * clock.speed - MINUTE_MS],
    );
    return rows[0]?.owed === true;
  });
}

/** Whether any episode stands open, or any message is owed. */
export async function isUnsettled({ databaseUrl }: ChaosStage): Promise<boolean> {
  return onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ unsettled: boolean }>(`\
select exists (select from anomaly_events where resolved_at is null)
  or exists (select from deliveries where state = 'pending') as unsettled`);
    return rows[0]?.unsettled === true;
  });
}
