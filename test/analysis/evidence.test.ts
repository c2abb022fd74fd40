import { describe, expect, test } from "@jest/globals";
import { clustersToKeep, gatherEvidence } from "../../src/analysis/evidence.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { clusterAt, HOUR } from "../support/incident.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";

const MINUTE = 60_000;

function gather(lines: readonly LogLine[], window = HOUR, namespace = "") {
  const question = { org: "acme", service: "checkout", namespace, window };
  return gatherEvidence(question, createLinesSource(lines), async () => []);
}

describe("at the limit of lines", () => {
  const steady = Array.from({ length: 70_000 }, (_, i) =>
    lineAt(HOUR.toMs - 1 - i * 100, ["disk slow", "mail bounced"][i % 2] as string),
  );

  test("what was steady all the time does not rise where reading stopped", async () => {
    const { pack } = await gather(steady);

    expect(pack.truncated).toBe(true);
    expect(pack.lookbackFromMs).toBe(HOUR.toMs - 1 - 49_999 * 100);
    expect(pack.onsetMs).toBeUndefined();
    expect(pack.clusters.map((cluster) => cluster.isNew)).toEqual([false, false]);
    expect(pack.errors.fromMs).toBeGreaterThanOrEqual(pack.lookbackFromMs);
    for (const cluster of pack.clusters) expect(cluster.series.every((count) => count > 0)).toBe(true);
  }, 30_000);

  test("what did rise within the part that was read is still found", async () => {
    const burst = Array.from({ length: 600 }, (_, i) => lineAt(HOUR.toMs - 1 - i * 500, "too many clients"));
    const { pack } = await gather([...steady, ...burst]);

    expect(pack.clusters[0]).toMatchObject({ sample: "too many clients", isNew: true });
  }, 30_000);

  test("a part of seconds still has a step", async () => {
    const flood = Array.from({ length: 60_000 }, (_, i) =>
      lineAt(HOUR.toMs - 1 - Math.floor(i / 10), "flood"),
    );
    const { pack } = await gather(flood);

    expect(pack.errors.counts).toEqual([60_000]);
    expect(pack.clusters[0]?.series).toEqual([50_000]);
  }, 30_000);
});

describe("more kinds than can be told apart", () => {
  test("are counted, and only the pack's and the most frequent are kept", async () => {
    const letters = (n: number) =>
      n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
    const kinds = Array.from({ length: 8_000 }, (_, i) =>
      lineAt(HOUR.toMs - 1 - i * 400, `kind of ${letters(i + 1_000_000)}`),
    );
    const { pack, clusters } = await gather(kinds);

    expect(pack.kindsNotCompared).toBe(3_000);
    expect(pack.clusters.length + pack.clustersLeftOut).toBe(8_000);
    expect(clusters.length).toBeLessThanOrEqual(pack.clusters.length + 500);
  }, 30_000);

  test("those of the pack are kept however rare", async () => {
    const { pack } = await gather([lineAt(HOUR.toMs - MINUTE, "rare")]);
    const rare = {
      ...clusterAt("checkout", "rare", { from: 59, everyMs: MINUTE }),
      fingerprint: pack.clusters[0]?.fingerprint ?? "",
    };
    const loud = Array.from({ length: 900 }, (_, i) => ({
      ...clusterAt("checkout", `loud ${i}`, { from: 0, everyMs: 10 * MINUTE }),
      fingerprint: `v1:${i}`,
    }));

    const kept = clustersToKeep(pack, [...loud, rare]);

    expect(kept).toContain(rare);
    expect(kept).toHaveLength(501);
  });
});

test("of the services that fell quiet the five that fell most are kept", async () => {
  const onsetMs = HOUR.toMs - 20 * MINUTE;
  const quiet = Array.from({ length: 9 }, (_, s) =>
    Array.from({ length: 100 * 10 }, (_, i) =>
      lineAt(onsetMs - 1 - i * 6_000, "served", { service: `web-${s}`, level: "INFO" }),
    ),
  ).flat();
  const burst = Array.from({ length: 200 }, (_, i) => lineAt(onsetMs + i * 5_000, "too many clients"));
  const { pack } = await gather([...quiet, ...burst]);

  expect(pack.quieter).toHaveLength(5);
});

test("a service without a namespace is not mixed with its namesake that has one", async () => {
  const lines = Array.from({ length: 50 }, (_, i) => [
    lineAt(HOUR.toMs - 1 - i * 1_000, "ours"),
    lineAt(HOUR.toMs - 1 - i * 1_000, "theirs", { namespace: "other" }),
  ]).flat();

  expect((await gather(lines)).pack.clusters.map((cluster) => cluster.sample)).toEqual(["ours"]);
  expect((await gather(lines, HOUR, "other")).pack.clusters.map((cluster) => cluster.sample)).toEqual([
    "theirs",
  ]);
});
