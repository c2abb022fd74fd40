import { describe, expect, test } from "@jest/globals";
import type { Cluster } from "../../src/clusters/cluster.ts";
import { Coverage } from "../../src/evidence/coverage.ts";
import { rankClusters } from "../../src/evidence/rank.ts";
import type { Known } from "../../src/evidence/rises.ts";
import { clusterAt, HOUR } from "../support/incident.ts";
import { leastMs } from "../support/leastMs.ts";

const rank = (clusters: Parameters<typeof rankClusters>[0], asked = "checkout") =>
  rankClusters(clusters, asked, knownOf(new Coverage([HOUR])));
function knownOf(covered: Coverage): Known {
  return { fromMs: covered.startMs, covered: () => covered, timesBefore: () => [], growth: () => 1 };
}
const order = (ranking: ReturnType<typeof rank>) => ranking.judged.map(({ cluster }) => cluster.service);

describe("the ranking", () => {
  test("puts what began with the incident before the loudest chronic error", () => {
    const ranking = rank([
      clusterAt("mailer", "SMTP 450 mailbox unavailable", { from: 0, everyMs: 500 }),
      clusterAt("checkout", "could not reserve stock", { from: 50, everyMs: 5_000 }),
    ]);

    expect(order(ranking)).toEqual(["checkout", "mailer"]);
    expect(ranking.judged[1]?.rise).toBeUndefined();
  });

  test("puts the called before the caller when both begin together", () => {
    const ranking = rank([
      clusterAt("gateway", "checkout answered 503", { from: 50.05, everyMs: 1_000 }),
      clusterAt("checkout", "orders-db refused the connection", { from: 50.03, everyMs: 2_000 }),
      clusterAt("orders-db", "sorry, too many clients already", { from: 50, everyMs: 3_000 }, "FATAL"),
    ]);

    expect(order(ranking)).toEqual(["orders-db", "checkout", "gateway"]);
    expect(ranking.judged[0]?.reasons).toContain("named in the errors of checkout");
  });

  test("puts what says why before the louder ones that only failed, also where it is a warning", () => {
    const ranking = rank(
      [
        clusterAt("gateway", "GET /api/v1/orders 502", { from: 50, everyMs: 1_000 }),
        clusterAt("shop", "orders could not be shown", { from: 50, everyMs: 1_500 }),
        clusterAt("orders", "commit failed: server closed", { from: 50, everyMs: 1_200 }),
        clusterAt(
          "db",
          "pg_wal/xlogtemp.7: No space left on device",
          { from: 50.05, everyMs: 15_000 },
          "WARN",
        ),
      ],
      "gateway",
    );

    expect(order(ranking)[0]).toBe("db");
    expect(order(ranking)[3]).toBe("gateway");
  });

  test("puts what the asked service itself says before another's that nothing but the time ties to it", () => {
    const ranking = rank([
      clusterAt("checkout", "coupon rule has no percentage", { from: 50.05, everyMs: 3_000 }),
      clusterAt("backup", "permission denied: /mnt/e", { from: 50, everyMs: 3_000 }),
    ]);

    expect(order(ranking)).toEqual(["checkout", "backup"]);
  });

  test("puts the earlier of two before the one that followed minutes later", () => {
    const ranking = rank(
      [
        clusterAt("auth", "cannot read issuer", { from: 45, everyMs: 3_000 }),
        clusterAt("billing", "invoice job failed", { from: 52, everyMs: 3_000 }),
      ],
      "auth",
    );

    expect(order(ranking)[0]).toBe("auth");
  });

  test("puts the error that was retried before giving up on it, however bad that is, and that alone where it is all there is", () => {
    const givenUp = clusterAt("mailer", "giving up on job 7 after 3 tries", { from: 50.07, everyMs: 1_000 });
    const refused = clusterAt(
      "mailer",
      "smtp: connect ETIMEDOUT 10.0.0.7:25",
      { from: 50, everyMs: 3_000 },
      "WARN",
    );
    const first = (clusters: Cluster[]) => rank(clusters, "mailer").judged[0]?.cluster;

    expect(first([givenUp, refused])).toBe(refused);
    expect(first([givenUp])).toBe(givenUp);
    const withReason = clusterAt("mailer", "gave up after 3 tries: no space left on device", {
      from: 50.07,
      everyMs: 1_000,
    });
    expect(first([withReason, refused])).toBe(withReason);
  });

  test("finds the moment when most of it began", () => {
    const ranking = rank([
      clusterAt("auth", "stray", { from: 10, to: 11, everyMs: 20_000 }),
      clusterAt("checkout", "a", { from: 50, everyMs: 3_000 }),
      clusterAt("payments", "b", { from: 50.2, everyMs: 3_000 }),
      clusterAt("gateway", "c", { from: 50.4, everyMs: 3_000 }),
    ]);

    expect(Math.abs((ranking.onsetMs ?? 0) - (HOUR.fromMs + 50 * 60_000))).toBeLessThan(30_000);
  });

  test("has no onset where nothing rose", () => {
    const ranking = rank([clusterAt("mailer", "SMTP 450", { from: 0, everyMs: 10_000 })]);

    expect(ranking.onsetMs).toBeUndefined();
    expect(ranking.judged[0]?.score).toBeLessThan(0.25);
  });
});

describe("how few lines are a rise", () => {
  const MINUTE = 60_000;
  const windows = [
    ["1h", 60],
    ["6h", 6 * 60],
    ["1d", 24 * 60],
    ["7d", 7 * 24 * 60],
  ] as const;

  /** As gathered for a window: as much again is read from before it. */
  function rankLate(minutes: number, lines: number, more: Partial<Cluster> = {}) {
    const toMs = HOUR.toMs;
    const timesMs = Array.from({ length: lines }, (_, i) => toMs - 5 * MINUTE + i * 1_000);
    const cluster = { ...clusterAt("checkout", "once", { from: 0, to: 0, everyMs: 1 }), timesMs, ...more };
    const covered = new Coverage([{ fromMs: toMs - 2 * minutes * MINUTE, toMs }]);
    return rankClusters([cluster], "checkout", knownOf(covered));
  }

  test.each(windows)("not one, and not two, in a window of %s", (_, minutes) => {
    expect(rankLate(minutes, 1).onsetMs).toBeUndefined();
    expect(rankLate(minutes, 2).onsetMs).toBeUndefined();
  });

  test.each(windows)("three in a row are one in a window of %s", (_, minutes) => {
    expect(rankLate(minutes, 3).onsetMs).toBeDefined();
  });

  test("one that says FATAL is, where it stands out of a long time", () => {
    expect(rankLate(24 * 60, 1, { level: "FATAL" }).onsetMs).toBeDefined();
  });

  test.each(windows)(
    "none of the lines that come by chance all the time, in a window of %s",
    (_, minutes) => {
      let seed = 7;
      const random = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return seed / 2 ** 31;
      };
      const rising = Array.from({ length: 200 }, () => {
        const span = 2 * minutes * MINUTE;
        const timesMs = Array.from({ length: 40 }, () => HOUR.toMs - random() * span).sort((a, b) => a - b);
        return rankLate(minutes, 0, { timesMs });
      }).filter((ranking) => ranking.onsetMs !== undefined);

      expect(rising.length).toBeLessThanOrEqual(2);
    },
  );
});

test("twenty thousand kinds that rise are ranked at once", () => {
  const clusters = Array.from({ length: 20_000 }, (_, i) => ({
    ...clusterAt(`service-${i}`, `kind ${i} of service-${i + 1}`, {
      from: 50 + (i % 60) / 60,
      to: 52,
      everyMs: 10_000,
    }),
    fingerprint: `v1:${i}`,
  }));
  const startedMs = performance.now();

  const ranking = rank(clusters);

  // 0.1 s outside of jest, where each look at Math is slow; comparing all with all took minutes here.
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect(Math.abs((ranking.onsetMs ?? 0) - (HOUR.fromMs + 50 * 60_000))).toBeLessThan(60_000);
});

test("thousands of kinds that say that tries were given up are ranked at once", () => {
  const clusters = Array.from({ length: 10_000 }, (_, i) => ({
    ...clusterAt(`service-${i % 10}`, `giving up after 5 retries of job ${i}`, {
      from: 59 + (i % 50) / 60,
      to: 60,
      everyMs: 1_000,
    }),
    fingerprint: `v1:${i}`,
  }));

  expect(leastMs(() => rank(clusters), 1)).toBeLessThan(2_000);
});
