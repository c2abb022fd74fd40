import { expect, test } from "@jest/globals";
import { createClusterer } from "../../src/clusters/cluster.ts";
import { type Pattern, readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction, type RedactionOptions } from "../../src/logs/redaction.ts";

test.each([
  'config "password": "kestrelmangoxaac"',
  "<password>kestrelmangoxaac</password>",
  "{'password': 'kestrelmangoxaac'}",
  "'password' => 'kestrelmangoxaac'",
  '{"name":"DB_PASSWORD","value":"kestrelmangoxaac"}',
])("neither sample nor template of %s holds the secret", (text) => {
  const clusterer = createClusterer({ redaction: createRedaction({}) });
  clusterer.add({ atNs: 1n, service: "app", namespace: "", level: "ERROR", text: `ERROR loaded ${text}` });

  expect(JSON.stringify(clusterer.clusters())).not.toContain("kestrelmangoxaac");
});

test("fingerprints are the same whatever a tenant hides and shows, and whether secrets have numbers", () => {
  const said = [
    "order refused for CUST-12345678 at desk-acme, mailed noreply@shop.example",
    'ERROR {"msg":"desk-acme says no","password":"kestrelmangoxaac"}',
    "AcmeException: no stock\n    at com.acme.Orders.place(Orders.java:12)",
  ];
  const clustersBy = (options: RedactionOptions) => {
    const clusterer = createClusterer({ redaction: createRedaction(options) });
    for (const text of said) clusterer.add({ atNs: 1n, service: "app", namespace: "", level: "ERROR", text });
    return clusterer.clusters();
  };
  const patterns = (...texts: string[]) => texts.map((text) => readPattern(text) as Pattern);
  const plain = clustersBy({});
  const own = clustersBy({
    extra: patterns("CUST-########", "desk-acme", "AcmeException"),
    allowed: patterns("*@shop.example"),
    isNumbered: true,
  });
  expect(own.map(({ fingerprint }) => fingerprint)).toEqual(plain.map(({ fingerprint }) => fingerprint));
  expect(JSON.stringify(own)).not.toMatch(/CUST-|desk-acme|AcmeException/);
  expect(own[0]?.sample).toContain("noreply@shop.example");
  expect(JSON.stringify(own.map(({ template }) => template))).not.toMatch(/#\d/);
});
