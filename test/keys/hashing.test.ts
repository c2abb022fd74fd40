import { expect, test } from "@jest/globals";
import { TooMuchAsked } from "../../src/errors.ts";
import { createHashing } from "../../src/keys/hashing.ts";

test("of many new keys that are hashed at once the last are to be asked for again, and the others are made", async () => {
  const hashing = createHashing(4);
  const made = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => hashing.hash(`key ${n}`)));
  const refused = made.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(refused.length).toBeGreaterThan(5);
  for (const why of refused) expect(why).toBeInstanceOf(TooMuchAsked);
  const hashes = made.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  expect(hashes.length).toBeGreaterThan(1);
  expect(await hashing.matches("key 0", hashes[0] as string, "a")).toBe(true);
  expect(await hashing.hash("another")).toMatch(/^\$2b\$04\$/);
});
