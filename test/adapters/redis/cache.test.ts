import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { createRedisCache, type RedisCacheOptions } from "../../../adapters/redis/index.ts";
import type { Cache } from "../../../src/cache/cache.ts";
import { createLog } from "../../../src/log.ts";
import { cacheContract } from "../../contract/cache.ts";
import { eventually, until } from "../../support/eventually.ts";
import { startTestRedis } from "../../support/redis.ts";
import { type Wire, wireTo } from "./wire.ts";

const redis = await startTestRedis();
const whenThereIsRedis = redis ? describe : describe.skip;
const redisUrl = redis?.url ?? "";
afterAll(() => redis?.stop());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** A busy machine is no Redis that hangs. */
const PATIENT = { commandTimeoutMs: 20_000, connectTimeoutMs: 20_000 };
const newKey = () => `test:${randomUUID()}`;

whenThereIsRedis("the redis cache", () => {
  cacheContract(async () => {
    let nowMs = 1_000_000;
    return {
      cache: createRedisCache({ ...PATIENT, url: redisUrl, log: createLog("silent"), now: () => nowMs }),
      wait: (ms) => pause(ms).then(() => undefined),
      advance(ms) {
        nowMs += ms;
      },
    };
  });
});

whenThereIsRedis("the redis cache by Redis's own clock", () => {
  test("holds two processes that hammer it to one limit at every phase, and gives every place there is", async () => {
    const [one, two] = [open(), open()];
    const key = newKey();
    const allowed: { askedAtMs: number; answeredAtMs: number }[] = [];
    const refused: typeof allowed = [];
    const until = performance.now() + 1_500;
    async function hammer(cache: Cache): Promise<void> {
      // On a slow machine until there is enough to look at.
      const isEnough = () => allowed.length > 10 && refused.length > 0;
      while (performance.now() < until || (performance.now() < until + 20_000 && !isEnough())) {
        const askedAtMs = performance.now();
        const take = await cache.take(key, 10, 300);
        (take.allowed ? allowed : refused).push({ askedAtMs, answeredAtMs: performance.now() });
        if (!take.allowed) await pause(Math.min(take.retryAfterMs, 20));
      }
    }
    await Promise.all([hammer(one), hammer(two)]);
    // Each was allowed somewhere between its question and its answer: eleven that began and ended within one
    // window are one too many, however slow this machine is today.
    const tooMany = allowed.filter(({ askedAtMs }) => {
      const within = allowed.filter((a) => a.askedAtMs >= askedAtMs && a.answeredAtMs < askedAtMs + 300);
      return within.length > 10;
    });
    expect(tooMany).toEqual([]);
    // And one was refused without need where no ten can have been allowed in the window before it.
    const tooFew = refused.filter(({ askedAtMs, answeredAtMs }) => {
      const within = allowed.filter((a) => a.answeredAtMs > askedAtMs - 301 && a.askedAtMs < answeredAtMs);
      return within.length < 10;
    });
    expect(tooFew).toEqual([]);
    expect(allowed.length).toBeGreaterThan(10);
  });

  test("says when the next place is free: not a moment too early", async () => {
    const cache = open();
    const { key, retryAfterMs, tookMs } = await eventually(async () => {
      const key = newKey();
      const askedAtMs = performance.now();
      await cache.take(key, 1, 250);
      const refused = await cache.take(key, 1, 250);
      // On a busy machine the window may be over when it is asked again.
      return refused.allowed
        ? undefined
        : { key, retryAfterMs: refused.retryAfterMs, tookMs: performance.now() - askedAtMs };
    });
    expect(retryAfterMs).toBeGreaterThanOrEqual(250 - Math.ceil(tookMs));
    expect(retryAfterMs).toBeLessThanOrEqual(250);
    await pause(retryAfterMs + 2);
    expect(await cache.take(key, 1, 250)).toEqual({ allowed: true, remaining: 0 });
  });

  test("leaves nothing behind: values and windows die by themselves", async () => {
    const cache = open();
    const [value, window] = [newKey(), newKey()];
    const fromMs = performance.now();
    await cache.set(value, "v", 60_000);
    await cache.take(window, 5, 60_000);
    const peek = new Redis(redisUrl);
    closers.push(async () => peek.disconnect());
    for (const key of [value, window]) {
      const leftMs = await peek.pttl(key);
      expect(leftMs).toBeGreaterThanOrEqual(59_998 - Math.ceil(performance.now() - fromMs));
      expect(leftMs).toBeLessThanOrEqual(60_000);
    }
    expect(await peek.del(value, window)).toBe(2);
  });

  test("a Redis that was emptied, scripts and all, is only emptier", async () => {
    const cache = open();
    const key = newKey();
    await cache.take(key, 1, 60_000);
    const admin = new Redis(redisUrl);
    closers.push(async () => admin.disconnect());
    await admin.del(key);
    await admin.script("FLUSH");
    expect(await cache.take(key, 1, 60_000)).toEqual({ allowed: true, remaining: 0 });
  });
});

whenThereIsRedis("a Redis that goes away", () => {
  test("forgets, and counts takes in this process, going on from those it had allowed", async () => {
    const wire = await openWire();
    const { cache, lines } = openThrough(wire);
    const [key, other] = [newKey(), newKey()];
    await cache.set(key, "value", 60_000);
    expect(await cache.take(other, 3, 60_000)).toEqual({ allowed: true, remaining: 2 });
    await wire.cut();

    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, "lost", 60_000);
    await cache.delete(key);
    expect(await cache.take(other, 3, 60_000)).toEqual({ allowed: true, remaining: 1 });
    expect(await cache.take(other, 3, 60_000)).toEqual({ allowed: true, remaining: 0 });
    expect(await cache.take(other, 3, 60_000)).toMatchObject({ allowed: false });
    expect(await cache.health()).toMatchObject({
      ok: false,
      summary: expect.stringContaining("does not answer"),
    });

    await wire.mend();
    await until(async () => (await cache.health()).ok);
    expect(await cache.get(key)).toBe("value");
    expect(lines.map((line) => line.msg)).toEqual([
      "redis is away; nothing is cached and limits are kept per process",
      "redis is back",
    ]);
  });

  test("each outage is said once, however long and however many ask", async () => {
    const wire = await openWire();
    const { cache, lines } = openThrough(wire);
    await cache.health();
    for (let outage = 1; outage <= 2; outage++) {
      await wire.cut();
      for (let i = 0; i < 20; i++) await cache.get(newKey());
      await pause(250); // some attempts to connect fail
      await wire.mend();
      await until(async () => (await cache.health()).ok);
      expect(lines.filter((line) => line.level === "warn")).toHaveLength(outage);
      expect(lines.filter((line) => line.level === "info")).toHaveLength(outage);
    }
  });

  test("a Redis that hangs holds a caller for one time-out, and the next not at all", async () => {
    const wire = await openWire();
    const { cache } = openThrough(wire, { commandTimeoutMs: 1_000 });
    await cache.health();
    wire.freeze();
    expect(await took(() => Promise.all([1, 2, 3].map(() => cache.get(newKey()))))).toBeLessThan(1_900);
    expect(await took(() => cache.get(newKey()))).toBeLessThan(900);
    expect(await took(() => cache.take(newKey(), 1, 1_000))).toBeLessThan(900);
    await wire.mend();
    await until(async () => (await cache.health()).ok);
  });

  test("one that was never there delays the first question by no more than the first attempt, and close by nothing", async () => {
    const wire = await openWire();
    await wire.cut();
    const { cache } = openThrough(wire, { commandTimeoutMs: 2_000, connectTimeoutMs: 5_000 });
    expect(await took(() => cache.get(newKey()))).toBeLessThan(1_900);
    expect(await cache.take(newKey(), 1, 1_000)).toEqual({ allowed: true, remaining: 0 });
    expect(await took(() => cache.close())).toBeLessThan(1_900);
  });

  test("one that takes the connection and never speaks is away as well", async () => {
    const wire = await openWire();
    wire.freeze();
    const { cache } = openThrough(wire, { commandTimeoutMs: 1_000, connectTimeoutMs: 1_000 });
    expect(await took(() => cache.get(newKey()))).toBeLessThan(2_900);
    expect(await took(() => cache.get(newKey()))).toBeLessThan(900);
    expect(await took(() => cache.close())).toBeLessThan(1_900);
  });

  test("a refused command is not an outage: it is said once, without what was in it", async () => {
    const wire = await openWire();
    const { cache, lines } = openThrough(wire);
    const key = newKey();
    await cache.take(key, 1, 60_000);
    for (let i = 0; i < 3; i++) expect(await cache.get(key)).toBeUndefined(); // WRONGTYPE: it is a window
    expect(lines.map((line) => line.msg)).toEqual(["redis refuses a command; going on without it"]);
    expect(JSON.stringify(lines)).not.toContain(key);
  });

  test("its password is in no log line and no summary", async () => {
    const wire = await openWire();
    const { cache, lines } = openThrough(wire, { url: `redis://user:hunter2secret@127.0.0.1:${wire.port}` });
    await cache.get(newKey());
    const health = await cache.health();
    await pause(50);
    expect(health.ok).toBe(false);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify([lines, health])).not.toContain("hunter2secret");
  });
});

const openssl = hasOpenssl();
(redis && openssl ? describe : describe.skip)("a Redis behind TLS", () => {
  test("is reached by rediss:// when its certificate is trusted, and is away when not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loghunter-tls-"));
    closers.push(async () => rmSync(folder, { recursive: true }));
    const files = { key: join(folder, "key.pem"), cert: join(folder, "cert.pem") };
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const out = ["-keyout", files.key, "-out", files.cert, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...ec, ...out, ...subject], { stdio: "ignore" });
    const [key, cert] = [readFileSync(files.key, "utf8"), readFileSync(files.cert, "utf8")];

    const wire = await wireTo(redisUrl, { key, cert });
    closers.push(wire.close);
    const url = `rediss://localhost:${wire.port}`;
    const trusting = openThrough(wire, { url, ca: cert });
    expect((await trusting.cache.health()).ok).toBe(true);
    const doubting = openThrough(wire, { url });
    expect((await doubting.cache.health()).ok).toBe(false);
    expect(JSON.stringify(doubting.lines)).toContain("self-signed certificate");
  });
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});

function open(options: Partial<RedisCacheOptions> = {}): Cache {
  const cache = createRedisCache({ ...PATIENT, url: redisUrl, log: createLog("silent"), ...options });
  closers.push(() => cache.close());
  return cache;
}

async function openWire(): Promise<Wire> {
  const wire = await wireTo(redisUrl);
  closers.push(wire.close);
  return wire;
}

interface Line {
  level: string;
  msg: string;
}

function openThrough(wire: Wire, options: Partial<RedisCacheOptions> = {}): { cache: Cache; lines: Line[] } {
  const lines: Line[] = [];
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const url = `redis://127.0.0.1:${wire.port}`;
  return { cache: open({ url, log: createLog("debug", to), ...options }), lines };
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
