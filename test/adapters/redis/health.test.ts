import { afterAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { createRedisCache } from "../../../adapters/redis/index.ts";
import { cacheCheck } from "../../../src/doctor/cache.ts";
import { runChecks } from "../../../src/doctor/check.ts";
import { readinessProbes } from "../../../src/doctor/readiness.ts";
import { createLog } from "../../../src/log.ts";
import { until } from "../../support/eventually.ts";
import { startTestRedis } from "../../support/redis.ts";
import { wireTo } from "./wire.ts";

// One that others use is not set otherwise.
const redis = process.env.TEST_REDIS_URL ? undefined : await startTestRedis();
const whenThereIsRedis = redis ? describe : describe.skip;
afterAll(() => redis?.stop());

whenThereIsRedis("doctor, of a Redis", () => {
  const url = redis?.url ?? "";

  test("says that it refuses what is new, or is full, and how to set it otherwise", async () => {
    const admin = new Redis(url);
    const cache = createRedisCache({ url, log: createLog("silent") });
    const look = () => runChecks([cacheCheck(cache)], 5_000);
    await admin.config("SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru");
    expect(await look()).toEqual([
      {
        name: "cache",
        state: "well",
        finding: expect.stringMatching(/^Redis [78]\.\d+\.\d+ answers in \d+ ms$/),
      },
    ]);
    await admin.config("SET", "maxmemory-policy", "noeviction");
    expect((await look())[0]).toEqual({
      ...{ name: "cache", state: "warning" },
      finding: expect.stringContaining("maxmemory-policy noeviction"),
      fix: "Run: redis-cli config set maxmemory-policy allkeys-lru",
    });
    const used = Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]);
    await admin.config("SET", "maxmemory", `${Math.round(used * 1.02)}`, "maxmemory-policy", "allkeys-lru");
    expect((await look())[0]).toMatchObject({
      finding: expect.stringMatching(/^Redis uses \d+ % of its memory\.$/),
      fix: expect.stringMatching(/^Raise maxmemory/),
    });
    await admin.config("SET", "maxmemory", "1gb");
    await Promise.all([admin.quit(), cache.close()]);
  });

  test("says that it is slow to answer, and nothing of one busy moment", async () => {
    const wire = await wireTo(url);
    const cache = createRedisCache({ url: `redis://127.0.0.1:${wire.port}`, log: createLog("silent") });
    const look = async () =>
      (await runChecks([cacheCheck(cache)], 5_000)).map(({ finding }) => finding).join();
    await until(async () => /answers/.test(await look()));
    wire.slow(400, 150, 400);
    const [, ms] = /^Redis takes (\d+) ms to answer, and/.exec(await look()) ?? [];
    expect(Number(ms)).toBeGreaterThanOrEqual(149);
    expect(Number(ms)).toBeLessThan(400);
    wire.slow(300);
    expect(await look()).toMatch(/^Redis \S+ answers in \d+ ms$/);
    await cache.close();
    await wire.close();
  });

  test("that went away is a failure until it is back, and so says readiness", async () => {
    const wire = await wireTo(url);
    const cache = createRedisCache({
      url: `redis://127.0.0.1:${wire.port}`,
      log: createLog("silent"),
    });
    const database = { directory: undefined as never };
    const probe = readinessProbes({ databaseUrl: "", database, cache }).find(({ name }) => name === "cache");
    expect(await probe?.run()).toBeUndefined();
    await wire.cut();
    await until(async () => (await probe?.run())?.startsWith("Redis does not answer: ") === true);
    expect((await runChecks([cacheCheck(cache)], 5_000))[0]).toEqual({
      ...{ name: "cache", state: "failure" },
      finding: "Redis does not answer: nothing is cached, limits are kept per process.",
      fix: "Start Redis, or correct REDIS_URL; LogHunter finds it again by itself.",
    });
    await wire.mend();
    await until(async () => (await probe?.run()) === undefined);
    await cache.close();
    await wire.close();
  });
});
