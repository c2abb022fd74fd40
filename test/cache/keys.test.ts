import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Cache, TenantKey } from "../../src/cache/cache.ts";
import { cacheFor } from "../../src/cache/keys.ts";

const TENANT = "0f3c1c5e-6c1f-4f0e-9b57-0d3b2f6f0a11";
const OTHER = "7a0d3f0e-0b42-4a0c-8a51-5b8b0c9d2e22";
const KEY_ID = "b5d9d7a0-3a4f-4c55-8d0e-1f2e3d4c5b66";

describe("the cache of one tenant", () => {
  test.each<[TenantKey, string]>([
    [{ kind: "lokiQuery", hash: "9f86d081" }, `${TENANT}:loki:query:9f86d081`],
    [{ kind: "baseline", service: "payments-api" }, `${TENANT}:baseline:${TENANT}:payments-api`],
    [{ kind: "ratelimit", apiKeyId: KEY_ID }, `${TENANT}:ratelimit:${KEY_ID}`],
    [{ kind: "job", jobId: "analyze-17" }, `${TENANT}:job:analyze-17`],
  ])("writes the key of %j as the data architecture lays it down", async (key, whole) => {
    expect(await wholeKey(TENANT, key)).toBe(whole);
  });

  test("passes everything on, under the whole key", async () => {
    const seen: unknown[][] = [];
    const tenantCache = cacheFor(recording(seen), TENANT);
    const key: TenantKey = { kind: "job", jobId: "a" };
    expect(await tenantCache.get(key)).toBe("value");
    await tenantCache.set(key, "v", 5);
    await tenantCache.delete(key);
    expect(await tenantCache.take(key, 3, 60)).toEqual({ allowed: true, remaining: 2 });
    const whole = `${TENANT}:job:a`;
    expect(seen).toEqual([
      ["get", whole],
      ["set", whole, "v", 5],
      ["delete", whole],
      ["take", whole, 3, 60],
    ]);
  });

  test.each(["", "acme", `${TENANT}:x`, `${TENANT} `, "*", `{${TENANT}}`])(
    "is not made for %j",
    (tenantId) => {
      expect(() => cacheFor(recording([]), tenantId)).toThrow("must be a uuid");
    },
  );

  test("is the same one whatever the case of the tenant's id", async () => {
    expect(await wholeKey(TENANT.toUpperCase(), { kind: "job", jobId: "a" })).toBe(`${TENANT}:job:a`);
  });

  test("refuses a raw API key in the place of its id, and does not repeat it", async () => {
    const refused = wholeKey(TENANT, { kind: "ratelimit", apiKeyId: "lh_live_s3cr3t" });
    await expect(refused).rejects.toThrow("must be a uuid");
    await expect(refused).rejects.not.toThrow("s3cr3t");
  });

  test.each<TenantKey>([
    { kind: "lokiQuery", hash: "a:b" },
    { kind: "lokiQuery", hash: "" },
    { kind: "job", jobId: "a:b" },
    { kind: "job", jobId: "a\r\nDEL b" },
  ])("refuses the part that could be read as two: %j", async (key) => {
    await expect(wholeKey(TENANT, key)).rejects.toThrow("letters, digits");
  });

  test("two keys are equal only when tenant, kind and service are", async () => {
    const tenant = fc.constantFrom(TENANT, OTHER);
    const service = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom(":", "%", "3", "A", "u", "d800", "\ud800", "\udc00", "\ufffd", "é", " "),
      }),
      fc.constantFrom(TENANT, `${OTHER}:a`, "loki:query:a", "../a", "a%3Ab", "a:b"),
    );
    await fc.assert(
      fc.asyncProperty(tenant, service, tenant, service, async (t1, s1, t2, s2) => {
        const one = await wholeKey(t1, { kind: "baseline", service: s1 });
        const two = await wholeKey(t2, { kind: "baseline", service: s2 });
        expect(one === two).toBe(t1 === t2 && s1 === s2);
        expect(one.startsWith(`${t1}:baseline:${t1}:`)).toBe(true);
        expect(one).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 500 },
    );
  });
});

async function wholeKey(tenantId: string, key: TenantKey): Promise<string> {
  const seen: unknown[][] = [];
  await cacheFor(recording(seen), tenantId).get(key);
  return String(seen[0]?.[1]);
}

function recording(seen: unknown[][]): Cache {
  return {
    async get(...args) {
      seen.push(["get", ...args]);
      return "value";
    },
    async set(...args) {
      seen.push(["set", ...args]);
    },
    async delete(...args) {
      seen.push(["delete", ...args]);
    },
    async take(...args) {
      seen.push(["take", ...args]);
      return { allowed: true, remaining: 2 };
    },
    health: async () => ({ ok: true, summary: "", warnings: [] }),
    close: async () => undefined,
  };
}
