import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type FilesSource, openFiles } from "../../adapters/files/index.ts";
import { createScanner } from "../../src/anomalies/scan.ts";
import { createFingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { createLog } from "../../src/log.ts";
import { readSamples } from "../../src/samples.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const LAG = 5_000;
const CAUSES = new URL("../../samples/causes.json", import.meta.url);

interface Found {
  service: string;
  namespace: string;
  metric: string;
  severity: string;
  started_at: Date;
  detected_at: Date;
}

let t: TestTenants;
let logs: FilesSource;
let nowMs: number;
/** When each incident began, by the namespace of its system, and the service that people ask about. */
let incidents: { namespace: string; asked: string; culprit: string; quietUntilMs: number; onsetMs: number }[];
let recordedFromMs: number;
let recordedToMs: number;

beforeAll(async () => {
  t = await openTestTenants();
  const samples = await readSamples();
  const causes = JSON.parse(await readFile(CAUSES, "utf8")) as Record<
    string,
    { service: string; onset: string; origin?: { onset: string } }
  >;
  incidents = samples.map(({ name, namespace, analyze }) => {
    const { service, onset, origin } = causes[name] as (typeof causes)[string];
    const onsetMs = Date.parse(onset);
    const quietUntilMs = origin === undefined ? onsetMs : Date.parse(origin.onset);
    return { namespace, asked: analyze, culprit: service, quietUntilMs, onsetMs };
  });
  recordedFromMs = Date.parse("2026-11-24T03:27:29Z");
  recordedToMs = Date.parse("2026-11-24T04:00:59Z");
  nowMs = recordedToMs;
  logs = await openFiles({
    paths: samples.map(({ directory, namespace }) => ({ pattern: `${directory}/*.log.gz`, namespace })),
    org: t.a.scope.lokiOrgId,
    now: () => nowMs,
    log: createLog("silent"),
  });
});
afterAll(async () => {
  await logs.close();
  await t.close();
});
beforeEach(async () => {
  for (const table of ["anomaly_events", "anomaly_baselines", "watches"])
    await t.admin.query(`delete from ${table}`);
  await t.admin.query("update workspaces set connected_at = null where tenant_id = $1", [t.b.scope.tenantId]);
});

const fingerprints = createFingerprintPool({ threads: 0 });

function scanner() {
  return createScanner({
    directory: t.directory,
    logs,
    fingerprints,
    announcer: {
      prepare: async () => async () => undefined,
      notify: async () => undefined,
      reach: async () => ({ atMs: 0, shutOut: [], refused: [] }),
    },
    log: createLog("silent"),
    now: () => nowMs,
    owner: randomUUID(),
    lagMs: LAG,
    learnMs: 24 * 60 * MINUTE,
  });
}

async function found(): Promise<Found[]> {
  const { rows } = await t.admin.query<Found>(
    "select service, namespace, metric, severity, started_at, detected_at from anomaly_events order by detected_at",
  );
  return rows;
}

function judge(events: readonly Found[]): void {
  for (const { namespace, asked, culprit, quietUntilMs, onsetMs } of incidents) {
    const own = events.filter((event) => event.namespace === namespace);
    // Nothing in the quiet part.
    expect(own.filter(({ detected_at }) => detected_at.getTime() < quietUntilMs)).toEqual([]);
    for (const service of [asked, culprit]) {
      const first = own.find((event) => event.service === service);
      expect([service, first?.metric]).toEqual([service, "error_rate"]);
      const tookMs = (first?.detected_at.getTime() ?? 0) - onsetMs;
      expect([service, tookMs <= 2 * MINUTE, tookMs]).toEqual([service, true, tookMs]);
      expect([service, first?.severity]).toEqual([service, expect.stringMatching(/HIGH|CRITICAL/)]);
    }
  }
}

describe("the recorded incidents", () => {
  test("are found within two minutes when they are watched, and nothing in the quiet before", async () => {
    const watching = scanner();
    for (nowMs = recordedFromMs + 2 * MINUTE; nowMs < recordedToMs; nowMs += MINUTE) await watching.tick();
    judge(await found());
  });

  test("are found where the watch begins in the middle of them, with when they began", async () => {
    nowMs = recordedToMs - 2 * MINUTE;
    await scanner().tick();
    judge(await found());
  });
});
