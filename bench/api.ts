/**
 * The API as a user starts it, on a real PostgreSQL and, for the limit, a Redis that two instances share: how many reads with a
 * key it answers a second beside a route that asks for none, how long a valid key waits while 1,000 wrong ones a second are tried for
 * 30 s, and whether exactly the limit passes in any 60 s, on both instances together. Prints a table and as its last line
 * {"readsPerSecond","ratioToOpenRoute","floodP99Ms","limiterExact"}.
 */
import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../src/database.ts";
import { createHashing } from "../src/keys/hashing.ts";
import { actingOutside, issueKey, keyWasShown } from "../src/keys/issue.ts";
import type { KeyScope } from "../src/keys/scopes.ts";
import { createLog } from "../src/log.ts";
import { createDirectory } from "../src/tenancy/directory.ts";
import { createTestDatabase } from "../test/support/postgres.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../test/support/program.ts";
import { startTestRedis } from "../test/support/redis.ts";
import { createAsking, quantile, rate } from "./api/asking.ts";
import { readRate } from "./api/sockets.ts";

const ROUNDS = 10;
const ROUND_MS = 1_500;
const AT_ONCE = 16;
const OWN_MS = 3_000;
const FLOOD = { perSecond: 1_000, seconds: 30 };
const LIMIT = 40;
const WINDOW_MS = 60_000;
const UNLIMITED = 1_000_000;

const database = await createTestDatabase();
const redis = await startTestRedis();
const state = await makeStateDirectory();
try {
  const logs = join(state, "logs");
  await mkdir(logs);
  await writeFile(join(logs, "app.log"), "2026-01-01T00:00:00Z INFO started\n");
  const common = { DATABASE_URL: database.url, LOGS: logs, HTTP_PORT: "0", ORG: "local" };
  const alone = await startProgram({ ...common, STATE_DIR: await makeStateDirectory() });
  const key = await makeKeyFor("bench", UNLIMITED);
  const url = urlOf(alone.output());

  const reads = await measureReads(url, key);
  console.log(`reads with a key              ${Math.round(reads.withKey)} /s`);
  console.log(`the same without one          ${Math.round(reads.open)} /s`);
  console.log(`ratio                         ${reads.ratio.toFixed(2)} (asked: 0.8)`);
  const own = await measureOwnTime(url, key);
  console.log(
    `the server's own time         ${own.withKey.toFixed(0)} µs with a key, ${own.open.toFixed(0)} µs without, ${own.data.toFixed(0)} µs for a page of anomalies`,
  );

  const flood = await measureFlood(url, key);
  console.log(`wrong keys tried              ${flood.sent} in ${FLOOD.seconds} s: ${flood.answers}`);
  console.log(
    `a valid key meanwhile         p50 ${flood.p50.toFixed(1)} ms, p99 ${flood.p99.toFixed(1)} ms (asked: 250)`,
  );
  await alone.end("SIGTERM");

  const limiter = redis === undefined ? undefined : await measureLimit(common, redis.url);
  if (limiter !== undefined)
    console.log(
      `limit of ${LIMIT} in 60 s            ${limiter.most} passed at most in any 60 s, ${limiter.passed} in ${limiter.seconds} s, on two instances`,
    );
  console.log(
    JSON.stringify({
      readsPerSecond: Math.round(reads.withKey),
      ratioToOpenRoute: Number(reads.ratio.toFixed(3)),
      floodP99Ms: Number(flood.p99.toFixed(1)),
      limiterExact: limiter === undefined ? null : limiter.isExact,
    }),
  );
} finally {
  await endPrograms();
  await redis?.stop();
  await database.drop();
  await rm(state, { recursive: true, force: true });
}

async function makeKeyFor(name: string, perMinute: number): Promise<string> {
  const pools = openDatabase({ url: database.url, log: createLog("silent") });
  try {
    const scope = await createDirectory(pools).tenantOf("local");
    const acting = await actingOutside(scope, { kind: "operator" });
    const scopes: KeyScope[] = ["read:anomalies"];
    const issued = await issueKey(acting, { name, scopes, perMinute }, createHashing(12));
    await keyWasShown(acting, issued, Date.now());
    return issued.raw.raw;
  } finally {
    await pools.close();
  }
}

function urlOf(output: string): string {
  const address = /HTTP +(127\.0\.0\.1:\d+)/.exec(output)?.[1];
  if (address === undefined) throw new Error(`no API in ${output}`);
  return `http://${address}`;
}

/** By turns, so that what else the machine does meets both. */
async function measureReads(url: string, key: string) {
  const { ask, close } = createAsking(url, AT_ONCE);
  const rounds: { withKey: number; open: number }[] = [];
  await rate(() => ask("/key", key), ROUND_MS, AT_ONCE);
  await rate(() => ask("/health"), ROUND_MS, AT_ONCE);
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({
      withKey: await rate(() => ask("/key", key), ROUND_MS, AT_ONCE),
      open: await rate(() => ask("/health"), ROUND_MS, AT_ONCE),
    });
  close();
  const median = (values: number[]) => quantile(values, 0.5);
  return {
    withKey: median(rounds.map(({ withKey }) => withKey)),
    open: median(rounds.map(({ open }) => open)),
    ratio: median(rounds.map(({ withKey, open }) => withKey / open)),
  };
}

/** What a request takes of the server's processor, as it says itself, while it gets as many as it can answer. */
async function measureOwnTime(url: string, key: string) {
  const cpuSeconds = async () => {
    const told = await (await fetch(`${url}/metrics`)).text();
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec(told)?.[1]);
  };
  const ownUs = async (path: string, shown?: string) => {
    const fromSeconds = await cpuSeconds();
    const perSecond = await readRate(url, path, OWN_MS, AT_ONCE, shown);
    return (1e9 * ((await cpuSeconds()) - fromSeconds)) / (perSecond * OWN_MS);
  };
  await ownUs("/anomalies", key);
  return {
    withKey: await ownUs("/key", key),
    open: await ownUs("/health"),
    data: await ownUs("/anomalies", key),
  };
}

async function measureFlood(url: string, key: string) {
  const { ask, close } = createAsking(url, 4);
  const flooding = spawn(
    process.execPath,
    [
      ...["--import", "tsx", fileURLToPath(new URL("api/flood.ts", import.meta.url))],
      ...[url, `${FLOOD.perSecond}`, `${FLOOD.seconds}`],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  flooding.stdout.on("data", (data: Buffer) => {
    said += data.toString();
  });
  const ended = new Promise<void>((resolve) => flooding.on("close", () => resolve()));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const ms: number[] = [];
  while (!isOver) {
    const answer = await ask("/key", key);
    if (answer.status !== 200) throw new Error(`a valid key was answered ${answer.status}`);
    ms.push(answer.ms);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  close();
  const { sent, answers } = JSON.parse(said) as { sent: number; answers: Record<string, number> };
  const told = Object.entries(answers).map(([status, count]) => `${count} answered ${status}`);
  return { sent, answers: told.join(", "), p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
}

/** Two instances asked without rest for more than two windows; what each window of 60 s let through. */
async function measureLimit(common: Record<string, string>, redisUrl: string) {
  const key = await makeKeyFor("limited", LIMIT);
  const both = await Promise.all(
    [1, 2].map(async () =>
      startProgram({ ...common, REDIS_URL: redisUrl, STATE_DIR: await makeStateDirectory() }),
    ),
  );
  const asking = both.map(({ output }) => createAsking(urlOf(output()), 4));
  const passedAtMs: number[] = [];
  const fromMs = Date.now();
  const seconds = 130;
  await Promise.all(
    asking.map(async ({ ask }, at) => {
      while (Date.now() - fromMs < seconds * 1_000) {
        const { status, atMs } = await ask("/key", key);
        if (status === 200) passedAtMs.push(atMs);
        else if (status !== 429) throw new Error(`answered ${status}`);
        // At any phase: bursts at first, then a little apart and out of step.
        await new Promise((resolve) => setTimeout(resolve, 20 + 13 * at));
      }
    }),
  );
  for (const { close } of asking) close();
  const sorted = passedAtMs.toSorted((a, b) => a - b);
  // An answer takes a while: two at the ends of a window may be a little nearer to each other than they were counted.
  const most = Math.max(
    ...sorted.map((at, from) => sorted.slice(from).filter((other) => other < at + WINDOW_MS - 100).length),
  );
  const whole = Math.floor((seconds * 1_000) / WINDOW_MS);
  return {
    most,
    passed: sorted.length,
    seconds,
    isExact: most === LIMIT && sorted.length >= LIMIT * whole && sorted.length <= LIMIT * (whole + 1),
  };
}
