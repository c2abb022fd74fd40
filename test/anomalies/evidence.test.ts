import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Episode } from "../../src/anomalies/episode.ts";
import { readEvidence } from "../../src/anomalies/evidence.ts";
import { createFingerprintPool, type FingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const BEGAN = Date.parse("2026-11-28T22:00:00Z");
const EPISODE: Episode = {
  service: "checkout",
  namespace: "",
  metric: "error_rate",
  fingerprint: "",
  direction: "up",
  startedAtMs: BEGAN,
  detectedAtMs: BEGAN + MINUTE,
  lastOddAtMs: BEGAN + 5 * MINUTE,
  severity: "HIGH",
  score: 3,
  baselineValue: 0.04,
  observedValue: 30,
  usualLow: 0,
  usualHigh: 1,
  conditions: [{ name: "minutes seen", value: 30, limit: 15, holds: true }],
};

let t: TestTenants;
let fingerprints: FingerprintPool;
beforeAll(async () => {
  t = await openTestTenants();
  fingerprints = createFingerprintPool({ threads: 0 });
});
afterAll(async () => {
  await fingerprints.close();
  await t.close();
});

async function evidenceOf(episode: Episode) {
  const kind = (text: string, fromMs: number) =>
    Array.from({ length: 60 }, (_, n) => lineAt(fromMs + n * 4_000, `${text} ${n}`));
  const logs = createLinesSource([
    ...kind("connect timed out to mail, try", BEGAN - 20_000),
    ...kind("giving up on job", BEGAN + 10_000),
  ]);
  const band = () => ({ expected: 5, low: 0, high: 34.2 });
  return readEvidence({ logs, fingerprints, band }, t.a.scope, episode, BEGAN + 5 * MINUTE);
}

test("what began within a minute is new alike, on both sides of where the minute begins", async () => {
  const { clusters } = await evidenceOf(EPISODE);
  expect(clusters.map(({ isNew }) => isNew)).toEqual([true, true]);
});

test("in its first hours what is usual of a service is what its alert says, without the incident itself", async () => {
  expect(new Set((await evidenceOf(EPISODE)).chart.band?.high)).toEqual(new Set([1]));
  const learnt = { ...EPISODE, conditions: [] };
  expect(new Set((await evidenceOf(learnt)).chart.band?.high)).toEqual(new Set([34.2]));
});

test("what went on as ever is neither new nor grown, and how often the others come is told, however many lines there are", async () => {
  const service = "loud";
  const lines: LogLine[] = [];
  for (let at = BEGAN - 90 * MINUTE; at < BEGAN + 10 * MINUTE; at += 1_000)
    lines.push(lineAt(at, "mail bounced", { service }));
  for (let at = BEGAN; at < BEGAN + 10 * MINUTE; at += 50)
    lines.push(lineAt(at, "too many clients", { service }));
  const logs = createLinesSource(lines);
  const episode = { ...EPISODE, service, lastOddAtMs: BEGAN + 10 * MINUTE };
  const { clusters } = await readEvidence({ logs, fingerprints }, t.a.scope, episode, BEGAN + 10 * MINUTE);
  expect(clusters.map(({ template }) => template)).toEqual(["too many clients"]);
  const [grown] = clusters;
  expect((grown?.since ?? 0) / 1_200).toBeCloseTo(1, 1);
  expect((grown?.count ?? 0) / 12_000).toBeCloseTo(1, 1);
});
