import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Cache } from "../../src/cache/cache.ts";

/** A cache under test. Several may share a server: each test uses keys of its own. */
export interface CacheUnderTest {
  cache: Cache;
  /** Lets `ms` pass for the values' lives. */
  wait(ms: number): Promise<void>;
  /** Moves the clock that takes are timed with, in whole milliseconds. */
  advance(ms: number): void;
}

/** What every cache does: run it once an adapter. */
export function cacheContract(open: () => Promise<CacheUnderTest>): void {
  let under: CacheUnderTest;
  beforeAll(async () => {
    under = await open();
  });
  afterAll(async () => {
    await under.cache.close();
  });
  const newKey = () => `test:${randomUUID()}`;

  describe("values", () => {
    test("what was set is read back, whatever its characters", async () => {
      const key = newKey();
      const value = 'ünï "quoted"\r\n\0 🐘';
      await under.cache.set(key, value, 60_000);
      expect(await under.cache.get(key)).toBe(value);
    });

    test("an empty text is a value; what was never set is not", async () => {
      const key = newKey();
      await under.cache.set(key, "", 60_000);
      expect(await under.cache.get(key)).toBe("");
      expect(await under.cache.get(newKey())).toBeUndefined();
    });

    test("a value is gone when its life is over, and setting it again begins a new life", async () => {
      const key = newKey();
      await under.cache.set(key, "first", 60);
      await under.cache.set(key, "second", 60_000);
      const short = newKey();
      await under.cache.set(short, "short", 60);
      await under.wait(80);
      expect(await under.cache.get(key)).toBe("second");
      expect(await under.cache.get(short)).toBeUndefined();
    });

    test("what is deleted is gone; deleting what is not there is no error", async () => {
      const key = newKey();
      await under.cache.set(key, "value", 60_000);
      await under.cache.delete(key);
      expect(await under.cache.get(key)).toBeUndefined();
      await under.cache.delete(key);
    });

    test.each([0, -1, 1.5, Number.NaN])("a life of %p ms is a mistake of the caller", async (ttlMs) => {
      await expect(under.cache.set(newKey(), "value", ttlMs)).rejects.toThrow(RangeError);
    });
  });

  describe("sliding windows", () => {
    test("a window gives its places, counts them down, and then says exactly when the next is free", async () => {
      const key = newKey();
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: true, remaining: 1 });
      under.advance(3_000);
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: true, remaining: 0 });
      under.advance(1_000);
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: false, retryAfterMs: 6_000 });
      under.advance(5_999);
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: false, retryAfterMs: 1 });
      under.advance(1);
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: true, remaining: 0 });
      expect(await under.cache.take(key, 2, 10_000)).toEqual({ allowed: false, retryAfterMs: 3_000 });
    });

    test("a refused take does not count: who keeps knocking is let in as soon as who waits", async () => {
      const key = newKey();
      await under.cache.take(key, 1, 10_000);
      for (let knock = 1; knock < 10; knock++) {
        under.advance(1_000);
        expect(await under.cache.take(key, 1, 10_000)).toEqual({
          allowed: false,
          retryAfterMs: 10_000 - knock * 1_000,
        });
      }
      under.advance(1_000);
      expect(await under.cache.take(key, 1, 10_000)).toEqual({ allowed: true, remaining: 0 });
    });

    test("keys do not share a window", async () => {
      expect(await under.cache.take(newKey(), 1, 10_000)).toMatchObject({ allowed: true });
      expect(await under.cache.take(newKey(), 1, 10_000)).toMatchObject({ allowed: true });
    });

    test("a limit that was lowered holds at once, and its wait is exact", async () => {
      const key = newKey();
      for (let place = 0; place < 3; place++) {
        await under.cache.take(key, 3, 10_000);
        under.advance(1_000);
      }
      // Taken at 0, 1 and 2 s, now it is 3 s: for one place in all, the one of 2 s must leave.
      expect(await under.cache.take(key, 1, 10_000)).toEqual({ allowed: false, retryAfterMs: 9_000 });
    });

    test("of many takes at one moment no more than the limit are allowed", async () => {
      const key = newKey();
      const takes = await Promise.all(Array.from({ length: 50 }, () => under.cache.take(key, 10, 10_000)));
      expect(takes.filter((take) => take.allowed)).toHaveLength(10);
    });

    // A fixed window, which is what the known libraries keep, lets 19 of 10 pass here: one at its start, nine
    // at its end, ten right after.
    test.each([0, 1, 2_500, 5_000, 9_999])(
      "around a boundary at phase %p no 10 s hold more than 10",
      async (phaseMs) => {
        const key = newKey();
        under.advance(phaseMs);
        const allowedAt: number[] = [];
        let at = 0;
        for (const [count, thenMs] of [
          [1, 9_990],
          [9, 10],
          [10, 5],
          [10, 0],
        ] as const) {
          for (let i = 0; i < count; i++) {
            if ((await under.cache.take(key, 10, 10_000)).allowed) allowedAt.push(at);
          }
          under.advance(thenMs);
          at += thenMs;
        }
        expect(fullestWindow(allowedAt, 10_000)).toBe(10);
      },
    );

    test("whenever takes come, no window holds more than its limit, and none is refused without need", async () => {
      const gaps = fc.array(
        fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ max: 12_000, min: 0 })),
        {
          minLength: 5,
          maxLength: 60,
        },
      );
      await fc.assert(
        fc.asyncProperty(
          gaps,
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 10_000 }),
          async (gapsMs, limit, windowMs) => {
            const key = newKey();
            // Redis drops the key by its own clock: a window shorter than the test's takes would be dropped early.
            const scaledMs = windowMs + 5_000;
            const allowedAt: number[] = [];
            let at = 0;
            for (const gapMs of gapsMs) {
              under.advance(gapMs);
              at += gapMs;
              const held = allowedAt.filter((taken) => taken > at - scaledMs);
              const take = await under.cache.take(key, limit, scaledMs);
              expect(take).toEqual(
                held.length < limit
                  ? { allowed: true, remaining: limit - held.length - 1 }
                  : { allowed: false, retryAfterMs: Number(held[0]) + scaledMs - at },
              );
              if (take.allowed) allowedAt.push(at);
            }
            if (allowedAt.length > 0) expect(fullestWindow(allowedAt, scaledMs)).toBeLessThanOrEqual(limit);
          },
        ),
        { numRuns: 60 },
      );
    });

    test.each([
      [0, 1_000],
      [1.5, 1_000],
      [1, 0],
      [1, Number.NaN],
    ])("a limit of %p in %p ms is a mistake of the caller", async (limit, windowMs) => {
      await expect(under.cache.take(newKey(), limit, windowMs)).rejects.toThrow(RangeError);
    });
  });

  test("it says in a sentence that it is well", async () => {
    expect(await under.cache.health()).toEqual({
      ok: true,
      summary: expect.stringMatching(/\w+/),
      warnings: expect.any(Array),
    });
  });
}

/** The most moments that lie within less than `windowMs` of each other. */
function fullestWindow(momentsMs: number[], windowMs: number): number {
  return Math.max(
    ...momentsMs.map((start) => momentsMs.filter((at) => at >= start && at < start + windowMs).length),
  );
}
