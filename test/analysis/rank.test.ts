import { describe, expect, test } from "@jest/globals";
import { rankClusters } from "../../src/analysis/rank.ts";
import { clusterAt, HOUR } from "../support/incident.ts";

const rank = (clusters: Parameters<typeof rankClusters>[0], asked = "checkout") =>
  rankClusters(clusters, asked, HOUR.fromMs, HOUR.toMs);
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
