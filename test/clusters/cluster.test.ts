import { expect, test } from "@jest/globals";
import { createClusterer } from "../../src/clusters/cluster.ts";

test.each([
  'config "password": "kestrelmangoxaac"',
  "<password>kestrelmangoxaac</password>",
  "{'password': 'kestrelmangoxaac'}",
  "'password' => 'kestrelmangoxaac'",
  '{"name":"DB_PASSWORD","value":"kestrelmangoxaac"}',
])("neither sample nor template of %s holds the secret", (text) => {
  const clusterer = createClusterer();
  clusterer.add({ atNs: 1n, service: "app", namespace: "", level: "ERROR", text: `ERROR loaded ${text}` });

  expect(JSON.stringify(clusterer.clusters())).not.toContain("kestrelmangoxaac");
});
