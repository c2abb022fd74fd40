import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { clustersToKeep, gatherEvidence, NOTHING_KEPT } from "../../src/evidence/gather.ts";
import { planReading } from "../../src/evidence/readingPlan.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { clusterAt, HOUR } from "../support/incident.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";

const MINUTE = 60_000;

function gather(lines: readonly LogLine[], window = HOUR, namespace = "") {
  const question = { org: "acme", redaction: createRedaction({}), service: "checkout", namespace, window };
  return gatherEvidence(question, createLinesSource(lines));
}

/** A line every so often, over a part of the two hours that are read for an hour's question. */
function every(everyMs: number, text: string, more: Partial<LogLine> = {}, { from = -60, to = 60 } = {}) {
  const lines: LogLine[] = [];
  for (let atMs = HOUR.fromMs + from * MINUTE; atMs < HOUR.fromMs + to * MINUTE; atMs += everyMs)
    lines.push(lineAt(atMs, text, more));
  return lines;
}

test("the deploy before it began is in the evidence, however many came after it", async () => {
  const onsetMs = HOUR.fromMs + 20 * MINUTE;
  const lines = every(1_000, "too many clients", {}, { from: 20 });
  const deploys = [
    { service: "checkout", namespace: "", version: "v2", atMs: onsetMs - 3 * MINUTE },
    ...Array.from({ length: 30 }, (_, at) => ({
      service: `s${at}`,
      namespace: "",
      version: "v1",
      atMs: onsetMs + (at + 1) * MINUTE,
    })),
  ];
  const question = {
    org: "acme",
    redaction: createRedaction({}),
    service: "checkout",
    namespace: "",
    window: HOUR,
  };
  const kept = { ...NOTHING_KEPT, deploys: async () => deploys };
  const { pack } = await gatherEvidence(question, createLinesSource(lines), kept);

  expect(pack.deploys).toHaveLength(10);
  expect(pack.deploys[0]).toMatchObject({ service: "checkout", version: "v2" });
});

describe("more lines than can be read", () => {
  test("of a loud service do not crowd out the asked one", async () => {
    const loud = every(20, "mail bounced", { service: "mailer" });
    const own = every(1_000, "too many clients", {}, { from: 50 });
    const { pack } = await gather([...loud, ...own]);

    expect(loud.length).toBeGreaterThan(300_000);
    expect(pack.linesRead).toBeLessThan(60_000);
    expect(pack.linesThere).toBe(loud.length + own.length);
    expect(pack.sampled).toEqual(["mailer"]);
    expect(pack.clusters[0]).toMatchObject({ sample: "too many clients", count: 600, isNew: true });
    expect(Math.abs((pack.onsetMs ?? 0) - (HOUR.fromMs + 50 * MINUTE))).toBeLessThan(2_000);
  });

  test("of the asked service itself still show when it began, and about how often", async () => {
    const before = every(5_000, "disk slow", {}, { to: 40 });
    const incident = every(6, "no space left on device", {}, { from: 40 });
    const { pack } = await gather([...before, ...incident]);

    const [first] = pack.clusters;
    expect(first).toMatchObject({ sample: "no space left on device", isNew: true });
    expect(Math.abs((first?.onsetMs ?? 0) - (HOUR.fromMs + 40 * MINUTE))).toBeLessThan(MINUTE);
    expect((first?.count ?? 0) / incident.length).toBeGreaterThan(0.95);
    expect((first?.count ?? 0) / incident.length).toBeLessThan(1.05);
    const rose = first?.series.findIndex((count) => count > 0) ?? 0;
    expect(first?.series.slice(rose + 1).every((count) => count > 9_000 && count < 11_000)).toBe(true);
  });

  test("what was steady all the time does not rise where reading stopped", async () => {
    const steady = [...every(100, "disk slow"), ...every(110, "mail bounced")];
    const { pack } = await gather(steady);

    expect(pack.sampled).toEqual(["checkout"]);
    expect(pack.onsetMs).toBeUndefined();
    for (const cluster of pack.clusters) {
      expect(cluster.isNew).toBe(false);
      expect(cluster.series.every((count) => count > 450 && count < 700)).toBe(true);
    }
  });

  test("what rose among steady ones is found, whichever service floods", async () => {
    const steady = [...every(100, "disk slow"), ...every(110, "mail bounced")];
    const flood = every(50, "served late", { service: "gateway" });
    const burst = every(500, "too many clients", {}, { from: 55 });
    const { pack } = await gather([...steady, ...flood, ...burst]);

    expect(pack.clusters[0]).toMatchObject({ sample: "too many clients", isNew: true });
  });

  test("a flood within seconds still has a step", async () => {
    const flood = Array.from({ length: 60_000 }, (_, i) =>
      lineAt(HOUR.toMs - 1 - Math.floor(i / 10), "flood"),
    );
    const { pack } = await gather(flood);

    expect(pack.errors.counts).toEqual([60_000]);
    expect(pack.clusters[0]?.series).toEqual([60_000]);
  });

  test("let other work have its turn while they are read", async () => {
    const lines = every(100, "kind");
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await gather(lines.map((line, i) => ({ ...line, text: `order ${i} has no ${"abcdefgh"[i % 8]}${i}x` })));
    clearInterval(ticking);

    expect(turns).toBeGreaterThan(20);
  });
});

describe("the plan of what to read", () => {
  const steps = { fromMs: 0, stepMs: MINUTE, count: 60 };
  const volume = (service: string, counts: number[], level: "ERROR" | "INFO" = "ERROR") => ({
    service,
    namespace: "",
    level,
    fromMs: 0,
    stepMs: MINUTE,
    counts,
  });

  test("reads all at once where it is little, however much of it is no error", () => {
    const volumes = [volume("a", Array(60).fill(10)), volume("a", Array(60).fill(1e6), "INFO")];

    expect(planReading(volumes, "a", steps, 1_000).stretches).toEqual([
      { fromMs: 0, toMs: 60 * MINUTE, limit: 1_000, counted: 600, cut: false },
    ]);
  });

  test("never reads more than the budget and what came since the count, and no moment of a service twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 3_000 }), { minLength: 60, maxLength: 60 }), {
          minLength: 1,
          maxLength: 40,
        }),
        (services) => {
          const volumes = services.map((counts, i) => volume(`s${i}`, counts));
          const plan = planReading(volumes, "s0", steps, 20_000);

          const planned = plan.stretches.reduce((sum, one) => sum + Math.min(one.limit, one.counted), 0);
          expect(planned).toBeLessThanOrEqual(20_000 + plan.stretches.length);
          expect(plan.stretches.length).toBeLessThanOrEqual(20 * 15 + 1);
          for (const name of plan.sampled) {
            const own = plan.stretches.filter((one) => one.services?.includes(name));
            expect(own[0]?.fromMs).toBe(0);
            expect(own.at(-1)?.toMs).toBe(60 * MINUTE);
            for (const [i, one] of own.slice(1).entries()) expect(one.fromMs).toBe(own[i]?.toMs);
          }
        },
      ),
    );
  });

  test("gives the asked service half, and quiet ones all", () => {
    const volumes = [
      volume("asked", Array(60).fill(5_000)),
      volume("loud", Array(60).fill(9_000)),
      volume("quiet", Array(60).fill(5)),
    ];
    const plan = planReading(volumes, "asked", steps, 20_000);
    const read = (service: string) =>
      plan.stretches
        .filter((one) => one.services?.includes(service))
        .reduce((sum, one) => sum + Math.min(one.limit, one.counted), 0);

    expect(read("asked")).toBeGreaterThan(9_900);
    expect(read("quiet")).toBe(300);
    expect(read("loud")).toBeGreaterThan(9_500);
    expect(plan.sampled).toEqual(["asked", "loud"]);
  });
});

describe("more kinds than can be told apart", () => {
  const letters = (n: number) =>
    n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));

  test("are counted, and only the pack's and the most frequent are kept", async () => {
    const kinds = Array.from({ length: 8_000 }, (_, i) =>
      lineAt(HOUR.toMs - 1 - i * 400, `kind of ${letters(i + 1_000_000)}`),
    );
    const { pack, clusters } = await gather(kinds);

    expect(pack.kindsNotCompared).toBe(7_000);
    expect(pack.clusters.length + pack.clustersLeftOut).toBe(8_000);
    expect(clusters.length).toBeLessThanOrEqual(pack.clusters.length + 500);
  });

  test("of one service leave room for those of the others", async () => {
    const distinct = Array.from({ length: 30_000 }, (_, i) =>
      lineAt(HOUR.toMs - 1 - i * 100, `kind of ${letters(i + 1_000_000)}`, {
        service: "mailer",
      }),
    );
    const { pack } = await gather([...distinct, ...every(1_000, "too many clients", {}, { from: 50 })]);

    expect(pack.clusters[0]).toMatchObject({ service: "checkout", count: 600 });
  });

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
