import { describe, expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { gatherEvidence } from "../../src/evidence/gather.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGAN_MS = NOW_MS - 10 * MINUTE;

function every(
  service: string,
  level: "INFO" | "WARN" | "ERROR",
  text: string,
  [fromMs, toMs]: readonly [number, number],
  stepMs: number,
): LogLine[] {
  const lines: LogLine[] = [];
  for (let at = fromMs; at < toMs; at += stepMs) lines.push(lineAt(at, text, { service, level }));
  return lines;
}
const ALWAYS = [NOW_MS - 26 * HOUR, NOW_MS] as const;
const ordinary = [
  ...every("checkout", "INFO", "order placed", ALWAYS, 30_000),
  ...every("cache", "INFO", "hit rate fine", ALWAYS, 40_000),
  ...every("mailer", "ERROR", "SMTP 450 mailbox unavailable", ALWAYS, 60_000),
];

async function gather(lines: readonly LogLine[], service = "checkout") {
  const { pack } = await gatherEvidence(
    {
      org: "acme",
      redaction: createRedaction({ isNumbered: true }),
      service,
      namespace: "",
      window: { fromMs: NOW_MS - 30 * MINUTE, toMs: NOW_MS },
    },
    createLinesSource(lines),
  );
  return { pack, answer: analyseBuiltin(pack) };
}

describe("what was done to a service", () => {
  const failing = every("cache", "ERROR", "lookup failed: unknown shard", [BEGAN_MS, NOW_MS], 3_000);

  test("just before it failed is evidence, and part of the cause", async () => {
    const reloaded = lineAt(BEGAN_MS - 5_000, "Configuration reloaded, 12 shards", {
      service: "cache",
      level: "INFO",
    });
    const { pack, answer } = await gather([...ordinary, ...failing, reloaded], "cache");

    expect(pack.events).toMatchObject([{ service: "cache", kind: "configuration", atMs: BEGAN_MS - 5_000 }]);
    expect(answer.rootCause).toContain("5 s after its configuration changed");
    const number = pack.clusters.length + (pack.drops ?? []).length + pack.quieter.length + 1;
    expect(answer.cites).toContain(number);
  });

  test.each([
    "flag new-tax-engine switched to 100% by ops",
    "running migration 20260511_add_channel: ALTER TABLE orders",
  ])("is evidence where it is %s", async (text) => {
    const done = lineAt(BEGAN_MS - 5_000, text, { service: "flags", level: "INFO" });
    const { pack } = await gather([...ordinary, ...failing, done], "cache");

    expect(pack.events).toMatchObject([{ service: "flags", kind: "configuration" }]);
  });

  test("is none where it is done all the time", async () => {
    const reloads = every("cache", "INFO", "configuration reloaded", ALWAYS, 60_000);
    const { pack, answer } = await gather([...ordinary, ...failing, ...reloads], "cache");

    expect(pack.events).toEqual([]);
    expect(answer.rootCause).not.toContain("configuration changed");
  });
});

describe("what a service stopped saying", () => {
  const captured = every("payments", "INFO", "payment captured", [NOW_MS - 26 * HOUR, BEGAN_MS], 5_000);
  const asked = every("payments", "INFO", "payment asked for", ALWAYS, 5_000);

  test("is put forward with little confidence, where no error says anything", async () => {
    const { pack, answer } = await gather([...ordinary, ...captured, ...asked], "payments");

    expect(pack.drops?.[0]).toMatchObject({ service: "payments", template: "payment captured" });
    expect(answer.rootCause).toBe('payments says "payment captured" no longer.');
    expect(answer.confidence).toBeLessThanOrEqual(0.3);
    expect(answer.lookAt).toBeDefined();
  });

  test("is nothing where all is said as always", async () => {
    const { pack } = await gather([...ordinary, ...asked], "payments");

    expect(pack.drops).toEqual([]);
  });
});

describe("another time to compare with", () => {
  test("is the day before, and tells of what was sick before anybody looked", async () => {
    // For longer than is looked back, and not yesterday.
    const sick = every("checkout", "ERROR", "could not reserve stock", [NOW_MS - 3 * HOUR, NOW_MS], 10_000);
    const { pack } = await gather([...ordinary, ...sick]);

    expect(pack.earlier?.toMs).toBe(NOW_MS - 24 * HOUR);
    const cluster = pack.clusters.find(({ service }) => service === "checkout");
    expect(cluster?.onsetMs).toBeDefined();
  });

  test("does not make a rise of what was as loud then", async () => {
    const { pack } = await gather(ordinary);

    expect(pack.clusters.find(({ service }) => service === "mailer")?.onsetMs).toBeUndefined();
  });

  test("is an hour before where the log is younger, and none where there is nothing", async () => {
    const young = ordinary.filter(({ atNs }) => Number(atNs / 1_000_000n) >= NOW_MS - 3 * HOUR);
    const { pack } = await gather(young);
    expect(pack.earlier?.toMs).toBe(NOW_MS - HOUR);

    const brandNew = ordinary.filter(({ atNs }) => Number(atNs / 1_000_000n) >= NOW_MS - 20 * MINUTE);
    expect((await gather(brandNew)).pack.earlier).toBeUndefined();
  });
});

test("beside the first line of what rose stands what its service wrote before and after it, without secrets", async () => {
  const lines = [
    ...ordinary,
    lineAt(BEGAN_MS - 2_000, "opening pool for ann@example.com", { service: "checkout", level: "INFO" }),
    ...every("checkout", "ERROR", "pool exhausted", [BEGAN_MS, NOW_MS], 4_000),
    lineAt(BEGAN_MS + 1_000, "retrying", { service: "checkout", level: "WARN" }),
  ];
  const { pack } = await gather(lines);

  const around = pack.clusters[0]?.around?.map(({ text }) => text) ?? [];
  expect(around).toContain("retrying");
  expect(around.join()).toContain("opening pool for <redacted:email");
  expect(around.length).toBeLessThanOrEqual(6);
});
