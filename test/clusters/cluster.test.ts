import { expect, test } from "@jest/globals";
import { createClusterer } from "../../src/clusters/cluster.ts";
import { createFingerprintPool, type FingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { type Pattern, readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction, type RedactionOptions } from "../../src/logs/redaction.ts";
import type { LogLine } from "../../src/logs/source.ts";

test.each([
  'config "password": "kestrelmangoxaac"',
  "<password>kestrelmangoxaac</password>",
  "{'password': 'kestrelmangoxaac'}",
  "'password' => 'kestrelmangoxaac'",
  '{"name":"DB_PASSWORD","value":"kestrelmangoxaac"}',
])("neither sample nor template of %s holds the secret", async (text) => {
  const clusters = await clustersOf([`ERROR loaded ${text}`]);
  expect(JSON.stringify(clusters)).not.toContain("kestrelmangoxaac");
});

test("fingerprints are the same whatever a tenant hides and shows, and whether secrets have numbers", async () => {
  const said = [
    "order refused for CUST-12345678 at desk-acme, mailed noreply@shop.example",
    'ERROR {"msg":"desk-acme says no","password":"kestrelmangoxaac"}',
    "AcmeException: no stock\n    at com.acme.Orders.place(Orders.java:12)",
  ];
  const patterns = (...texts: string[]) => texts.map((text) => readPattern(text) as Pattern);
  const plain = await clustersOf(said);
  const own = await clustersOf(said, {
    extra: patterns("CUST-########", "desk-acme", "AcmeException"),
    allowed: patterns("*@shop.example"),
    isNumbered: true,
  });
  expect(own.map(({ fingerprint }) => fingerprint)).toEqual(plain.map(({ fingerprint }) => fingerprint));
  expect(JSON.stringify(own)).not.toMatch(/CUST-|desk-acme|AcmeException/);
  expect(own[0]?.sample).toContain("noreply@shop.example");
  expect(JSON.stringify(own.map(({ template }) => template))).not.toMatch(/#\d/);
});

test("lines are the same clusters with threads and without, in batches and alone", async () => {
  const said = Array.from(
    { length: 5_000 },
    (_, i) => `order ${i} ${i % 3 === 0 ? "refused" : "lost"}: ${"x".repeat(i % 40)}`,
  );
  const fingerprints = createFingerprintPool({ threads: 1 });
  const [threaded, alone] = [await clustersOf(said, {}, fingerprints), await clustersOf(said)];
  await fingerprints.close();
  expect(threaded).toEqual(alone);
  expect(alone.map(({ count }) => count).reduce((a, b) => a + b)).toBe(5_000);
});

async function clustersOf(
  said: readonly string[],
  options: RedactionOptions = {},
  fingerprints?: FingerprintPool,
) {
  const clusterer = createClusterer({
    redaction: createRedaction(options),
    ...(fingerprints && { fingerprints }),
  });
  await clusterer.addAll(linesOf(said));
  return clusterer.clusters();
}

async function* linesOf(said: readonly string[]): AsyncGenerator<LogLine> {
  for (const text of said) yield { atNs: 1n, service: "app", namespace: "", level: "ERROR", text };
}
