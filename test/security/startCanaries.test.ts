import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openLoki } from "../../adapters/loki/index.ts";
import { createRedisCache } from "../../adapters/redis/index.ts";
import type { PlatformParts } from "../../src/appParts.ts";
import { readEnvironment } from "../../src/config.ts";
import { UserError } from "../../src/errors.ts";
import { createLog, type Log } from "../../src/log.ts";
import { lokiOptions } from "../../src/lokiOptions.ts";
import { openChats } from "../../src/main/chats.ts";
import { openModels } from "../../src/main/models.ts";
import { prepareSchema } from "../../src/prepareSchema.ts";
import type { TenantDirectory } from "../../src/tenancy/directory.ts";
import { type Loopback, openLoopback } from "../support/discord/loopback.ts";
import { createMemoryActs } from "../support/memoryActs.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { createScriptedCore } from "../support/scriptedCore.ts";
import { createMemoryInstallations } from "../support/slack/memory.ts";
import { openSlackServer, type SlackServer } from "../support/slack/server.ts";
import { createCanaries } from "./canaries.ts";

/** At which nobody listens. */
const NOBODY = "127.0.0.1:1";
const OWN = { isEmbedded: false, isProduction: true };
const canaries = createCanaries();
const { make } = canaries;
/** All that was said of each start. */
const told: { what: string; text: string }[] = [];
let database: TestDatabase;
let slack: SlackServer;
let discord: Loopback;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  slack = await openSlackServer();
  discord = await openLoopback({ contentGranted: true });
  folder = await mkdtemp(join(tmpdir(), "loghunter-canaries-"));
});
afterAll(async () => {
  await Promise.all([database?.drop(), slack?.close(), discord?.close()]);
  await rm(folder, { recursive: true, force: true });
});

test("a program that does not start for a setting that is wrong tells no secret", async () => {
  const password = new URL(database.url);
  password.password = make("wrong DATABASE_URL");
  const file = join(folder, "tenants.json");
  await writeFile(file, `{"acme": {"password": "${make("LOKI_TENANTS_FILE")}", }`);
  const loki = { LOKI_URL: `http://${NOBODY}` };
  const openAi = { OPENAI_API_KEY: make("OPENAI_API_KEY beside"), OPENAI_MODELS: "m" };
  const lokiOf = async (env: Record<string, string>, log: Log) => {
    const options = await lokiOptions(readEnvironment(env));
    if (options !== undefined)
      await openLoki({ ...options, log, cacheOf: async () => undefined, now: Date.now });
  };
  await Promise.all([
    attempt("settings of another form", async () => {
      readEnvironment({
        DATABASE_URL: `mysql://u:${make("DATABASE_URL of mysql")}@h`,
        REDIS_URL: `http://:${make("REDIS_URL of http")}@h`,
        LOKI_URL: `ftp://u:${make("LOKI_URL of ftp")}@h`,
        OPENAI_BASE_URL: `u:${make("OPENAI_BASE_URL of no protocol")}@h`,
        MODEL_PROXY: make("MODEL_PROXY"),
        ENCRYPTION_KEYS: `1:${make("short ENCRYPTION_KEYS")}`,
        SLACK_BOT_TOKEN: make("SLACK_BOT_TOKEN without its beginning"),
        SLACK_APP_TOKEN: make("SLACK_APP_TOKEN without its beginning"),
        SLACK_STATE_SECRET: make("SLACK_STATE_SECRET").slice(0, 14),
        METRICS_TOKEN: make("METRICS_TOKEN").slice(0, 14),
      });
    }),
    attempt("a database at a port that is none", () =>
      prepareSchema(`postgres://u:${make("DATABASE_URL of no port")}@h:port/db`, OWN),
    ),
    attempt("a database that refuses the password", () => prepareSchema(password.href, OWN)),
    attempt("a database that is not there", () =>
      prepareSchema(`postgres://u:${make("DATABASE_URL of nobody")}@${NOBODY}/db`, OWN),
    ),
    attempt("a Redis at a port that is none", async (log) => {
      const cache = createRedisCache({ url: `redis://:${make("REDIS_URL of no port")}@h:port`, log });
      await cache.health();
      await cache.close();
      throw new Error("it is told in the log");
    }),
    attempt("a password in LOKI_URL", (log) =>
      lokiOf({ LOKI_URL: `http://u:${make("LOKI_URL with a password")}@${NOBODY}` }, log),
    ),
    attempt("a file of tenants that is none", (log) => lokiOf({ ...loki, LOKI_TENANTS_FILE: file }, log)),
    attempt("a key in the address of a model", async (log) => {
      const address = `http://u:${make("OPENAI_BASE_URL")}@${NOBODY}/v1`;
      await openModels(readEnvironment({ ...openAi, OPENAI_BASE_URL: address }), log, []);
    }),
    attempt("tokens that Slack refuses", async (log) => {
      const tokens = {
        SLACK_BOT_TOKEN: `xoxb-${make("SLACK_BOT_TOKEN")}`,
        SLACK_APP_TOKEN: `xapp-${make("SLACK_APP_TOKEN")}`,
      };
      await startChats({ ...tokens, SLACK_API_URL: slack.apiUrl }, log);
    }),
    attempt("a token that Discord refuses", async (log) => {
      const token = { DISCORD_TOKEN: make("DISCORD_TOKEN") };
      await startChats({ ...token, DISCORD_API_URL: discord.apiUrl }, log);
    }),
  ]);
  expect(canaries.count).toBeGreaterThan(20);
  expect(told).toHaveLength(10);
  expect(
    told.flatMap(({ what, text }) => canaries.foundIn(text).map((found) => `${what}: ${found}`)),
  ).toEqual([]);
});

/** What fails, told as the start tells it: a sentence for people, or else the error in the log. */
async function attempt(what: string, work: (log: Log) => Promise<unknown>): Promise<void> {
  const logged: string[] = [];
  const log = createLog("debug", { write: (line: string) => void logged.push(line) });
  const failure = await work(log).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect([what, failure]).toEqual([what, expect.objectContaining({ message: expect.any(String) })]);
  if (failure instanceof UserError) logged.push(failure.message);
  log.error({ err: failure }, "could not start");
  told.push({ what, text: logged.join("\n") });
}

async function startChats(env: Record<string, string>, log: Log): Promise<void> {
  const chats = await openChats(readEnvironment(env), "acme", async () => new Uint8Array(), log);
  const parts: PlatformParts = {
    acts: createMemoryActs(),
    directory: {} as TenantDirectory,
    installations: () => createMemoryInstallations(),
  };
  const [chat] = chats.open(parts);
  try {
    await chat?.start(createScriptedCore());
  } finally {
    await chat?.stop();
  }
}
