import { describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../../adapters/memory/index.ts";
import { cacheContract } from "../../contract/cache.ts";

cacheContract(async () => {
  let nowMs = 0;
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { cache: createMemoryCache({ now: () => nowMs }), advance, wait: async (ms) => advance(ms) };
});

describe("the memory cache is bounded", () => {
  test("the value that was untouched longest goes first", async () => {
    const cache = createMemoryCache({ now: () => 0, maxEntries: 2 });
    await cache.set("a", "1", 1_000);
    await cache.set("b", "2", 1_000);
    await cache.get("a");
    await cache.set("c", "3", 1_000);
    expect([await cache.get("a"), await cache.get("b"), await cache.get("c")]).toEqual(["1", undefined, "3"]);
  });

  test("so does the window, and a full cache of values leaves windows alone", async () => {
    const cache = createMemoryCache({ now: () => 0, maxEntries: 2 });
    await cache.take("a", 1, 1_000);
    await cache.take("b", 1, 1_000);
    for (const key of ["x", "y", "z"]) await cache.set(key, "", 1_000);
    expect((await cache.take("a", 1, 1_000)).allowed).toBe(false);
    await cache.take("c", 1, 1_000);
    expect((await cache.take("a", 1, 1_000)).allowed).toBe(false);
    expect((await cache.take("b", 1, 1_000)).allowed).toBe(true);
  });

  test("what has died is not held until ten thousand others came: answers of Loki live a minute and can be half a megabyte", async () => {
    let nowMs = 0;
    const cache = createMemoryCache({ now: () => nowMs });
    await cache.set("kept", "job", 600_000);
    for (let minute = 0; minute < 500; minute++) {
      await cache.set(`lines of minute ${minute}`, "x".repeat(1_000), 60_000);
      nowMs += 60_000;
    }
    expect((await cache.health()).summary).toBe("in this process's memory, 1 of at most 10000 values");
    await cache.set("kept", "job", 600_000);
    nowMs += 300_000;
    await cache.set("new", "", 1_000);
    expect(await cache.get("kept")).toBe("job");
  });

  test("a clock that steps back gives no places away", async () => {
    let nowMs = 10_000;
    const cache = createMemoryCache({ now: () => nowMs });
    await cache.take("a", 1, 1_000);
    nowMs = 0;
    expect(await cache.take("a", 1, 1_000)).toEqual({ allowed: false, retryAfterMs: 1_000 });
  });
});
