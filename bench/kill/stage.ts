import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "../../adapters/postgres/index.ts";
import { setPolicy, setPurpose } from "../../src/alerting/channels.ts";
import { setLive } from "../../src/anomalies/watchStore.ts";
import { openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { prepareSchema } from "../../src/prepareSchema.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { onDatabase } from "../../test/support/postgres.ts";
import { makeStateDirectory } from "../../test/support/program.ts";
import { startTestRedis } from "../../test/support/redis.ts";
import { openDoor } from "./door.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { fastNow } from "./orders.ts";
import { openNursery } from "./process.ts";
import { openPlatforms, type Platforms } from "./standing.ts";
import { createWeather, type Weather } from "./weather.ts";

/** Everything a kill test needs: stores, platforms, instances that alert them, and what may happen to each. */
export interface Stage {
  databaseUrl: string;
  platforms: Platforms;
  weather: Weather;
  fleet: Fleet;
  restartPostgres(how: "stopped" | "killed"): Promise<void>;
  /** Absent where there is no Redis of our own. */
  flushRedis?: (() => Promise<void>) | undefined;
  /** Lets everything become usual again, and waits until every episode is over and nothing is owed. */
  settle(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Whether Slack's bot may read what stands in a channel. */
  history: boolean;
  /** Of each tenant. Few have incidents more often than a detector finds odd for long. */
  services: number;
  random: () => number;
  instances: number;
}

const MINUTE_MS = 60_000;
/** A minute of what is scanned takes 400 ms. */
const SPEED = 150;
/** By the fast clock: every process hears of it before it scans so far. */
const CALM_AFTER_MS = 5 * MINUTE_MS;
const SILENT = createLog("silent");

export async function openStage({ history, services, random, instances }: StageOptions): Promise<Stage> {
  const stateDirectory = await makeStateDirectory();
  const options = { directory: join(stateDirectory, "postgres"), log: SILENT };
  const first = await startOnLowPort(options, random);
  const servers = [first];
  const { url: databaseUrl, dataDirectory } = first;
  await prepareSchema(databaseUrl, { isEmbedded: true, isProduction: false });
  // Another's Redis is not ours to flush.
  const redis = process.env.TEST_REDIS_URL ? undefined : await startTestRedis();
  const platforms = await openPlatforms({ history });
  await connect(databaseUrl, platforms);

  const weather = createWeather(random);
  const clock = { baseMs: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS, speed: SPEED };
  const nursery = await openNursery();
  const fleet = createFleet({
    instances,
    settings: {
      databaseUrl,
      clock,
      services,
      tokens: platforms.tokens,
      ...(redis !== undefined && { redisUrl: redis.url }),
    },
    openDoors: async (kill) => ({
      slack: await openDoor({ target: platforms.slack.apiUrl, weather, kill }),
      discord: await openDoor({ target: platforms.discord.apiUrl, weather, kill }),
    }),
    nursery,
    random,
  });
  await fleet.start();

  return {
    databaseUrl,
    platforms,
    weather,
    fleet,
    async restartPostgres(how) {
      if (how === "killed") await killPostgres(dataDirectory);
      else await Promise.all(servers.splice(0).map((server) => server.stop()));
      const again = await startEmbeddedPostgres(options);
      servers.push(again);
      if (again.url !== databaseUrl) throw new Error("PostgreSQL has come back at another address");
    },
    flushRedis: redis && (() => flush(redis.url)),
    async settle(withinMs) {
      weather.chance = 0;
      const calmFromMs = fastNow(clock) + CALM_AFTER_MS;
      fleet.calm(calmFromMs);
      await pause((CALM_AFTER_MS / SPEED) * 1.5);
      const untilMs = Date.now() + withinMs;
      while (await isUnsettled(databaseUrl, calmFromMs)) {
        // What is missing then is what the check finds.
        if (Date.now() > untilMs) return;
        await pause(250);
      }
    },
    async close() {
      await fleet.stop();
      await Promise.all([platforms.close(), redis?.stop(), nursery.close()]);
      await Promise.all(servers.map((server) => server.stop()));
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** A tenant for each workspace, watched live, with channels that want to hear of everything. */
export async function connect(databaseUrl: string, { workspaces }: Platforms): Promise<void> {
  const database = openDatabase({ url: databaseUrl, log: SILENT });
  const directory = createDirectory(database);
  for (const { platform, id, channels } of workspaces) {
    const named = { workspaceName: platform, lokiOrgId: platform };
    const workspace = await directory.connect({ platform, externalId: id, ...named });
    for (const channel of channels) {
      await workspace.scope.transaction((db) => setPurpose(workspace, db, channel, "alerts", "U0ANNA001"));
      await workspace.scope.transaction((db) => setPolicy(workspace, db, channel, { flood: 0 }));
    }
    await workspace.scope.transaction((db) =>
      setLive(workspace.scope, db, { isLive: true, setBy: "U0ANNA001", nowMs: Date.now() }),
    );
  }
  await database.close();
}

/** Also while a scan is behind: it may find yet what began before it was calm. */
async function isUnsettled(databaseUrl: string, calmFromMs: number): Promise<boolean> {
  return onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ unsettled: boolean }>(
      `\
select exists (select from anomaly_events where resolved_at is null)
  or exists (select from deliveries where state = 'pending')
  or exists (select from watches where coalesce(scanned_until < to_timestamp($1 / 1000.0), true)) as unsettled`,
      [calmFromMs],
    );
    return rows[0]?.unsettled === true;
  });
}

/**
 * On a port that the system gives to nobody who only connects somewhere: while the server is down, another one of all the
 * sockets here could be given its port.
 */
async function startOnLowPort(
  options: EmbeddedPostgresOptions,
  random: () => number,
): Promise<EmbeddedPostgres> {
  const anywhere = await startEmbeddedPostgres(options);
  await anywhere.stop();
  const port = 20_000 + Math.floor(random() * 10_000);
  await writeFile(join(dirname(anywhere.dataDirectory), "port"), String(port));
  return startEmbeddedPostgres(options);
}

/** The postmaster's process id stands on the first line of its pid file. */
async function killPostgres(dataDirectory: string): Promise<void> {
  const noted = await readFile(join(dataDirectory, "postmaster.pid"), "utf8");
  process.kill(Number(noted.split("\n", 1)[0]), "SIGKILL");
}

async function flush(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}
