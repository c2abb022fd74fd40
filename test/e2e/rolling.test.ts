import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { setPolicy, setPurpose } from "../../src/alerting/channels.ts";
import { setLive } from "../../src/anomalies/watchStore.ts";
import { openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { createKeyring } from "../../src/secrets/keyring.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { createInstallations } from "../../src/tenancy/installations.ts";
import { installationOf } from "../adapters/slack/harness.ts";
import { type Balancer, openBalancer } from "../support/balancer.ts";
import { until } from "../support/eventually.ts";
import { type StandInLoki, startStandInLoki } from "../support/loki/standIn.ts";
import { brokenShop } from "../support/models/brokenShop.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "../support/program.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { CLIENT } from "../support/slack/oauth.ts";
import { createPerson, overHttp, SIGNING_SECRET } from "../support/slack/person.ts";
import { openSlackServer, type SlackServer } from "../support/slack/server.ts";
import { readBlocks } from "../support/slack/shown.ts";
import { ACME, ANNA, LOGS } from "../support/slack/world.ts";

/** What docs/scaling.md promises of a stop. */
const STOPS_WITHIN_MS = 10_000;
const COMMANDS_APART_MS = 300;
const HOUR_MS = 3_600_000;
const begunMs = Date.now();
/** Queries that are still under way when their process is told to end: one that is answered then, and one that is not. */
const SLOW_MS = 2_500;
const HANGS_MS = 60_000;
const KEY = { name: "1", key: Buffer.alloc(32, 7) };

let database: TestDatabase;
let redis: TestRedis | undefined;
let slack: SlackServer;
let loki: StandInLoki;
let balancer: Balancer;
const states: string[] = [];

/** Two instances on one database and one Redis, behind one address. */
interface Instance {
  program: Program;
  origin: string;
}

beforeAll(async () => {
  [database, redis, slack, balancer] = await Promise.all([
    createTestDatabase(),
    startTestRedis(),
    openSlackServer(),
    openBalancer(),
  ]);
  const lines = brokenShop(Date.now());
  // Nobody asks about the second one: whatever is read of it is read by the watch.
  loki = await startStandInLoki({ tenants: { acme: lines, unasked: lines } });
  await connect();
});
afterAll(async () => {
  await endPrograms();
  await Promise.all([slack.close(), loki.close(), balancer.close(), redis?.stop()]);
  await database.drop();
  for (const state of states) await rm(state, { recursive: true, force: true });
});

/** Acme on Slack, with a digest that is due; and an organisation that is only watched. */
async function connect(): Promise<void> {
  const pools = openDatabase({ url: database.url, log: createLog("silent") });
  const directory = createDirectory(pools);
  const joined = (externalId: string, lokiOrgId: string) =>
    directory.connect({ platform: "slack", externalId, workspaceName: externalId, lokiOrgId });
  await joined("T0UNASKED", "unasked");
  const acme = await joined(ACME.id, "acme");
  const installations = createInstallations({
    ...{ database: pools, keyring: createKeyring([KEY]), cache: createMemoryCache({ now: Date.now }) },
  });
  await installations.save("slack", ACME.id, installationOf(ACME));
  await acme.scope.transaction(async (db) => {
    await setPurpose(acme, db, LOGS.id, "alerts", ANNA.id);
    await setPolicy(acme, db, LOGS.id, { digest: { every: "daily", afterDay: "2000-01-01" } });
    await setLive(acme.scope, db, { isLive: true, setBy: ANNA.id, nowMs: Date.now() });
  });
  await pools.close();
}

async function start(): Promise<Instance> {
  const state = await makeStateDirectory();
  states.push(state);
  const program = await startProgram({
    ...{ DATABASE_URL: database.url, STATE_DIR: state, ORG: "acme", CONNECT_ORGS: "acme,unasked" },
    ...(redis !== undefined && { REDIS_URL: redis.url }),
    ...{ LOKI_URL: loki.url, LOKI_CACHE_SECONDS: "0", WATCH_LAG_SECONDS: "0" },
    ...{
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_CLIENT_ID: CLIENT.id,
      SLACK_CLIENT_SECRET: CLIENT.secret,
    },
    ...{ SLACK_STATE_SECRET: "state-secret-for-tests", SLACK_API_URL: slack.apiUrl },
    ...{
      HTTP_PORT: "0",
      HTTP_PUBLIC_URL: balancer.url,
      ENCRYPTION_KEYS: `${KEY.name}:${KEY.key.toString("base64")}`,
    },
  });
  const [, address] = /HTTP +(127\.0\.0\.1:\d+)/.exec(program.output()) ?? [];
  const origin = `http://${address}`;
  balancer.behind.push(origin);
  return { program, origin };
}

interface Typed {
  text: string;
  channel: string;
  failure?: string;
}
const typed: Typed[] = [];

/** In a channel of its own: whatever stands there is its answer. */
async function type(text: string, at = balancer.url): Promise<Typed> {
  const channel = `C0ROLL${String(typed.length).padStart(3, "0")}`;
  slack.world.channels.push({ id: channel, hasBot: true });
  const one: Typed = { text, channel };
  typed.push(one);
  await createPerson(slack, overHttp(at), { channel })
    .command(text)
    .catch((error: Error) => {
      one.failure = error.message;
    });
  return one;
}

const answersTo = ({ channel }: Typed) =>
  slack.world.messages
    .filter((message) => message.channel === channel && message.by === "bot")
    .map(({ blocks, text }) => (blocks.length > 0 ? readBlocks(blocks).text : text));

/** Has it end in the middle of a query of Loki, while its replacement starts. */
async function replace(
  old: Instance,
  queryMs: number,
): Promise<{ code: number | null; ms: number; fresh: Instance; slow: Typed }> {
  const starting = start();
  const before = loki.requests.length;
  // Another question about the service could come first: what hangs hangs for all of those, until the process has ended.
  let isSlow = true;
  const times = queryMs === HANGS_MS ? 1_000 : 1;
  loki.fault({ kind: "slow", ms: queryMs, times, matches: (request) => isSlow && isAskedSlowly(request) });
  const slow = await type(`errors ${SLOWLY}`, old.origin);
  await until(() => loki.requests.slice(before).some(isAskedSlowly), "a query under way");
  const fromMs = performance.now();
  const code = await old.program.end("SIGTERM");
  const ms = performance.now() - fromMs;
  isSlow = false;
  balancer.behind.splice(balancer.behind.indexOf(old.origin), 1);
  return { code, ms, fresh: await starting, slow };
}

const SLOWLY = "mailer";
const isAskedSlowly = ({ params }: { params: URLSearchParams }) =>
  params.get("query")?.includes(`"${SLOWLY}"`) === true;

test("each of two instances is replaced in turn, and no command is lost, done twice or broken off", async () => {
  const [a, b] = await Promise.all([start(), start()]);
  let isOver = false;
  const texts = [
    "status",
    "errors checkout",
    "search checkpoint service:orders-db since:5m",
    "analyze billing",
  ];
  const typing = (async () => {
    for (let at = 0; !isOver; at++) {
      const next = pause(COMMANDS_APART_MS);
      void type(texts[at % (at % 8 === 3 ? 4 : 3)] as string);
      await next;
    }
  })();
  await until(() => typed.filter((one) => answersTo(one).length > 0).length > 3, "the first answers");

  const first = await replace(a, SLOW_MS);
  const second = await replace(b, HANGS_MS);
  await pause(1_000);
  isOver = true;
  await typing;
  const isDone = (one: Typed) => answersTo(one).length > 0 && !answersTo(one).join().includes("WORKING");
  await until(() => typed.every(isDone), "all answers").catch(() => undefined);
  // What would come a second time comes now.
  await pause(500);

  process.stderr.write(
    `${typed.length} commands; stopped within ${first.ms.toFixed(0)} and ${second.ms.toFixed(0)} ms\n`,
  );
  for (const { code, ms } of [first, second]) {
    expect(code).toBe(0);
    expect(ms).toBeLessThan(STOPS_WITHIN_MS);
  }
  expect(answersTo(first.slow).join()).toMatch(/mailer[\s\S]*SMTP 450/);
  expect(answersTo(second.slow).join()).toMatch(/just being restarted[\s\S]*Ask again in a minute/);
  expect(balancer.broken).toEqual([]);
  expect(
    typed.filter((one) => one.failure !== undefined || answersTo(one).length !== 1 || !isDone(one)),
  ).toEqual([]);
  const others = typed.filter((one) => one !== second.slow);
  expect(others.flatMap(answersTo).filter((text) => /NOT DONE/.test(text))).toEqual([]);
  expect(slack.complaints).toEqual([]);
}, 240_000);

test("meanwhile no minute was scanned twice, and the digest that was due came once", async () => {
  // Of the hours before it is learnt once more what was being learnt when its process ended.
  const isOfNow = (endNs: string | null) => Number(endNs) / 1e6 > begunMs - HOUR_MS;
  const read = loki.requests
    .filter(({ org, path }) => org === "unasked" && path.endsWith("/query_range"))
    .filter(({ params }) => isOfNow(params.get("end")))
    .map(({ params }) => params.toString());
  expect(read.length).toBeGreaterThan(0);
  expect(read.filter((one, at) => read.indexOf(one) !== at)).toEqual([]);
  const digests = () =>
    slack.world.messages.filter(
      ({ channel, by, blocks }) =>
        channel === LOGS.id && by === "bot" && /Daily digest/.test(readBlocks(blocks).text),
    );
  await until(() => digests().length > 0, "the digest");
  expect(digests().map(({ blocks }) => readBlocks(blocks).text.split("\n")[0])).toHaveLength(1);
});
