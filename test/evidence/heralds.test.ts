import { describe, expect, test } from "@jest/globals";
import { Coverage } from "../../src/evidence/coverage.ts";
import { rankClusters } from "../../src/evidence/rank.ts";
import { clusterAt, HOUR } from "../support/incident.ts";
import { leastMs } from "../support/leastMs.ts";

const known = (earlier: readonly string[] = []) => ({
  fromMs: HOUR.fromMs,
  covered: () => new Coverage([HOUR]),
  timesBefore: ({ service }: { service: string }) => (earlier.includes(service) ? [HOUR.fromMs - 1] : []),
  growth: () => 1,
});
/** One line of a service, so many seconds after (before where negative) the incident began. */
const once = (service: string, text: string, afterSeconds: number) =>
  clusterAt(
    service,
    text,
    { from: 50 + afterSeconds / 60, to: 50 + afterSeconds / 60 + 0.01, everyMs: 60_000 },
    "WARN",
  );
const INCIDENT = [
  clusterAt("vpn-gateway", "tunnel rekey failed", { from: 50, everyMs: 4_000 }),
  clusterAt("branch-sync", "sync failed: network unreachable", { from: 50.05, everyMs: 3_000 }),
  clusterAt("mailer", "SMTP 450 mailbox unavailable", { from: 0, everyMs: 20_000 }),
];
const rankOf = (clusters: Parameters<typeof rankClusters>[0], service: string, earlier?: readonly string[]) =>
  rankClusters(clusters, "branch-sync", known(earlier)).judged.findIndex(
    ({ cluster }) => cluster.service === service,
  );

describe("a line that was written once", () => {
  test("just before an incident is among the first of its evidence", () => {
    const clusters = [...INCIDENT, once("network-connector", "Peer down", -5)];
    const { judged } = rankClusters(clusters, "branch-sync", known());
    const herald = judged.find(({ cluster }) => cluster.service === "network-connector");

    expect(judged.indexOf(herald as never)).toBeLessThan(3);
    expect(herald?.reasons).toContain("written only where it all began");
    expect(herald?.rise).toBeDefined();
  });

  test.each([
    ["minutes before it", -400],
    ["well after it began", 60],
  ])("%s is not", (_, seconds) => {
    const clusters = [...INCIDENT, once("ci-runner", "job 7 failed: lint", seconds)];
    const { judged } = rankClusters(clusters, "branch-sync", known());

    expect(judged.find(({ cluster }) => cluster.service === "ci-runner")?.rise).toBeUndefined();
  });

  test("is none where it was written at another time as well", () => {
    expect(rankOf([...INCIDENT, once("backup", "skipped", -5)], "backup", ["backup"])).toBeGreaterThan(1);
  });

  test("may come again, and a little late, where it says why things fail", () => {
    const again = (service: string, text: string, from: number) =>
      clusterAt(service, text, { from, everyMs: 200_000 }, "WARN");
    const clusters = [
      ...INCIDENT,
      again("kafka-2", "checkpoint failed: No space left on device", 50),
      again("migrator", "still waiting: ALTER TABLE holds AccessExclusiveLock", 50.6),
      again("ci-runner", "job failed: lint", 50),
    ];
    const { judged } = rankClusters(clusters, "branch-sync", known());
    const isHerald = (service: string) =>
      judged
        .find(({ cluster }) => cluster.service === service)
        ?.reasons.includes("written only where it all began");

    expect(isHerald("kafka-2")).toBe(true);
    expect(isHerald("migrator")).toBe(true);
    // What names no known kind of failure is shown behind those that do.
    expect(rankOf(clusters, "ci-runner")).toBeGreaterThan(rankOf(clusters, "kafka-2"));
  });

  test("is nothing where nothing else began", () => {
    const { judged, onsetMs } = rankClusters([once("ci-runner", "job 7 failed", 0)], "ci-runner", known());

    expect(onsetMs).toBeUndefined();
    expect(judged[0]?.rise).toBeUndefined();
  });

  test("counts for less the more of them a system writes all the time", () => {
    const often = Array.from({ length: 60 }, (_, i) => once(`job-${i}`, `run ${i} odd`, i * 45 - 2_900));
    const scoreOf = (clusters: Parameters<typeof rankClusters>[0]) =>
      rankClusters(clusters, "branch-sync", known()).judged.find(
        ({ cluster }) => cluster.service === "network-connector",
      )?.score ?? 0;
    const herald = once("network-connector", "Peer down", -5);

    expect(scoreOf([...INCIDENT, herald, ...often])).toBeLessThan(scoreOf([...INCIDENT, herald]) / 1.5);
  });

  test("is told from twenty thousand others within a second", () => {
    const many = Array.from({ length: 20_000 }, (_, i) =>
      once(`job-${i % 20}`, `run ${i} odd`, (i % 100) / 10),
    );

    expect(leastMs(() => rankClusters([...INCIDENT, ...many], "branch-sync", known()), 1)).toBeLessThan(
      1_000,
    );
  });
});
