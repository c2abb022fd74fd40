import { afterEach, expect, jest, test } from "@jest/globals";
import { readEnvironment } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { openCache } from "../../src/main/stores.ts";

afterEach(() => void jest.restoreAllMocks());

test("a machine's clock that is set back an hour keeps no key from its requests, nor what is cached alive for longer", async () => {
  const clock = Date.now;
  let setBackMs = 0;
  jest.spyOn(Date, "now").mockImplementation(() => clock() - setBackMs);
  const cache = openCache(readEnvironment({}), createLog("silent"), { count: () => undefined } as never);
  await cache.take("key", 1, 50);
  await cache.set("answer", "old", 50);
  setBackMs = 3_600_000;
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(await cache.take("key", 1, 50)).toEqual({ allowed: true, remaining: 0 });
  expect(await cache.get("answer")).toBeUndefined();
  await cache.close();
});
