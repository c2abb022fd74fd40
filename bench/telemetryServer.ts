/** The API of a small organisation, of which all is measured or nothing; says on its channel where it is, and how much processor it took. */
import { createMemoryCache } from "../adapters/memory/index.ts";
import { createLog } from "../src/log.ts";
import { watchedCache } from "../src/telemetry/cache.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { NO_TELEMETRY } from "../src/telemetry/telemetry.ts";
import { NO_TRACES } from "../src/telemetry/traces.ts";
import { issueTestKey } from "../test/support/api/client.ts";
import { createCountsSource } from "../test/support/countsSource.ts";
import { openTestApp } from "../test/support/testApp.ts";

const isMeasured = process.argv[2] === "measured";
const log = createLog("silent");
const metrics = createMetrics(log);
const telemetry = isMeasured ? { metrics, traces: NO_TRACES } : NO_TELEMETRY;
const opened = await openTestApp({
  logs: createCountsSource({}),
  cache: watchedCache(createMemoryCache({ now: Date.now }), telemetry.metrics),
  telemetry,
  api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 100_000_000 },
});
const [tenant] = (await opened.app.directory.tenants(undefined, 1)) as [never];
const key = await issueTestKey(tenant, "bench", ["read:anomalies"]);

process.on("message", (asked) => {
  if (asked === "cpu") process.send?.({ cpuUs: process.cpuUsage().user + process.cpuUsage().system });
  else void opened.close().then(() => process.exit(0));
});
process.send?.({ url: opened.apiUrl, key });
