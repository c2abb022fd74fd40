import { randomUUID } from "node:crypto";
import { Redis, type Result } from "ioredis";
import type { Cache } from "../../src/cache/cache.ts";
import { createSlidingWindows, requirePositive, requireWindow } from "../../src/cache/slidingWindow.ts";
import type { Log } from "../../src/log.ts";
import { quickest } from "../../src/quickest.ts";
import { awayBecause, healthOf, SLOW_MS } from "./health.ts";
import { createOutageLog } from "./outage.ts";
import { TAKE } from "./take.ts";

export interface RedisCacheOptions {
  /** `redis://` or, for TLS, `rediss://`; user, password and database number as usual. Never logged. */
  url: string;
  log: Log;
  /** PEM of a private authority that signed the server's certificate. */
  ca?: string;
  /** A command not answered by then is given up. Redis answers in well under a millisecond. */
  commandTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Told of each question that was not answered: to whoever asks, the cache has just forgotten. */
  failed?: (operation: "get" | "set" | "delete" | "take" | "ping" | "info") => void;
  /** For tests: times takes with this clock, in milliseconds, in place of Redis's own. */
  now?: () => number;
}

/** Windows kept for the time Redis is away: one a key of a live caller, a few hundred bytes each. */
const LOCAL_WINDOWS = 10_000;

/**
 * A cache in Redis. A Redis that is lost, hung or refusing never throws at a caller and never holds one for
 * longer than a command's time-out, once: it forgets everything, and takes are counted by this process
 * alone, starting from those it had allowed, until Redis is back.
 */
export function createRedisCache(options: RedisCacheOptions): Cache {
  const { url, log, ca, commandTimeoutMs = 500, connectTimeoutMs = 2_000, failed, now } = options;
  const redis = new Redis(url, {
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    disconnectTimeout: commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
    // Nothing waits for a Redis that is away: not queued, not sent again.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A replica that was promoted away from us: look for the new primary.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    scripts: { slidingTake: { lua: TAKE, numberOfKeys: 1 } },
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const outage = createOutageLog(log);
  /** A question that was not sent fails for a reason that says nothing of why there is no connection. */
  let connectionError: Error | undefined;
  redis.on("error", (error: Error) => {
    connectionError = error;
    outage.failed(error);
  });
  redis.on("close", () => outage.failed(new Error("the connection closed")));
  redis.on("ready", () => {
    connectionError = undefined;
    outage.over();
  });

  const firstAttempt = new Promise<void>((resolve) => {
    redis.once("ready", resolve).once("close", resolve);
  });
  const local = createSlidingWindows(now ?? (() => performance.now()), LOCAL_WINDOWS);
  const self = randomUUID().slice(0, 8);
  let takes = 0;

  /** What Redis answered, or undefined when it did not. */
  async function ask<T>(
    operation: "get" | "set" | "delete" | "take" | "ping" | "info",
    command: () => Promise<T>,
  ): Promise<{ answer: T } | undefined> {
    try {
      await firstAttempt;
      return { answer: await command() };
    } catch (error) {
      outage.failed(error);
      failed?.(operation);
      // A Redis that hangs keeps its connection: without this each caller would wait out the time-out.
      if (error instanceof Error && error.message === "Command timed out") redis.disconnect(true);
      return undefined;
    }
  }

  return {
    async get(key) {
      return (await ask("get", () => redis.get(key)))?.answer ?? undefined;
    },
    async set(key, value, ttlMs) {
      requirePositive(ttlMs, "a value's life");
      await ask("set", () => redis.set(key, value, "PX", ttlMs));
    },
    async delete(key) {
      await ask("delete", () => redis.del(key));
    },
    async take(key, limit, windowMs) {
      requireWindow(limit, windowMs);
      const moment = now === undefined ? [] : [Math.round(now() * 1_000)];
      const name = `${self}:${takes++}`;
      const asked = await ask("take", () => redis.slidingTake(key, limit, windowMs * 1_000, name, ...moment));
      if (asked === undefined) return local.take(key, limit, windowMs);
      const [allowed, figure] = asked.answer;
      if (allowed === 0) return { allowed: false, retryAfterMs: Math.ceil(figure / 1_000) };
      local.note(key, windowMs);
      return { allowed: true, remaining: figure };
    },
    async health() {
      const { answer, ms } = await quickest(() => ask("ping", () => redis.ping()), SLOW_MS);
      if (answer === undefined) return awayBecause(connectionError);
      // A user may be allowed to do all that a cache does, and not this.
      return healthOf((await ask("info", () => redis.info()))?.answer ?? "", ms);
    },
    async close() {
      outage.mute();
      if (redis.status === "ready") await redis.quit().catch(() => redis.disconnect());
      else redis.disconnect();
    },
  };
}

declare module "ioredis" {
  interface RedisCommander<Context> {
    slidingTake(
      ...args: [string, number, number, string, ...number[]]
    ): Result<[allowed: 0 | 1, figure: number], Context>;
  }
}
