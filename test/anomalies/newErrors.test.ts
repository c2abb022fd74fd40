import { describe, expect, test } from "@jest/globals";
import type { Circumstances } from "../../src/anomalies/circumstances.ts";
import { USUAL_RULES } from "../../src/anomalies/episode.ts";
import { type KindsRead, NewErrors } from "../../src/anomalies/newErrors.ts";
import type { Cluster } from "../../src/clusters/cluster.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);

const circumstances: Circumstances = {
  rules: () => USUAL_RULES,
  isMaintained: () => false,
  weighed: (_ref, _minuteMs, finding) => finding,
};
const ABOUT = { circumstances, isYoung: () => false, isTold: () => false, before: async () => 0 };

/** So many lines of a kind, evenly over the minute that ends then. */
function linesOf(fingerprint: string, count: number, endMs: number, more: Partial<Cluster> = {}): Cluster {
  return {
    service: "checkout",
    namespace: "shop",
    fingerprint,
    template: "no route to <*>",
    level: "ERROR",
    timesMs: Array.from({ length: count }, (_, at) => endMs - MINUTE + Math.floor((at * MINUTE) / count)),
    count,
    sample: "no route to orders-db",
    ...more,
  };
}

/** Minutes one after the other, with the lines of each. */
async function readAll(
  kinds: NewErrors,
  minutes: ((endMs: number) => Cluster[])[],
  about: Partial<typeof ABOUT> = {},
): Promise<KindsRead[]> {
  const reads: KindsRead[] = [];
  for (const [at, clusters] of minutes.entries()) {
    const toMs = NOON + at * MINUTE;
    reads.push(await kinds.read(clusters(toMs), { fromMs: toMs - MINUTE, toMs }, { ...ABOUT, ...about }));
  }
  return reads;
}

const kindsOf = (reads: KindsRead[]) => reads.map(({ changes }) => changes.map(({ kind }) => kind).join());
const three = (endMs: number) => [linesOf("v1:a", 3, endMs)];
const none = () => [];

describe("a kind of error that was never seen", () => {
  test("is told when it comes again in another minute, once, and ends when it has not come for ten", async () => {
    const kinds = new NewErrors(NOON - 2 * DAY, [], []);
    const reads = await readAll(kinds, [three, three, three, ...Array.from({ length: 11 }, () => none)]);
    expect(kindsOf(reads)).toEqual([
      "",
      "opens",
      "goes on",
      ...Array.from({ length: 9 }, () => ""),
      "ends",
      "",
    ]);
    expect(reads[1]?.changes[0]?.episode).toMatchObject({
      metric: "new_error",
      fingerprint: "v1:a",
      startedAtMs: NOON - MINUTE,
      detectedAtMs: NOON + MINUTE,
      severity: "LOW",
      observedValue: 3,
    });
  });

  test("is worse the more there is of it, and where the program gave up", async () => {
    const severityOf = async (count: number, level: "ERROR" | "FATAL") => {
      const many = (endMs: number) => [linesOf("v1:a", count, endMs, { level })];
      const reads = await readAll(new NewErrors(NOON - 2 * DAY, [], []), [many, many]);
      return reads[1]?.changes[0]?.episode.severity;
    };
    expect(await severityOf(3, "ERROR")).toBe("LOW");
    expect(await severityOf(100, "ERROR")).toBe("MEDIUM");
    expect(await severityOf(3, "FATAL")).toBe("MEDIUM");
    expect(await severityOf(300, "FATAL")).toBe("HIGH");
  });

  test("is nothing when it comes once, or twice in an hour and a half", async () => {
    const kinds = new NewErrors(NOON - 2 * DAY, [], []);
    const pause = Array.from({ length: 90 }, () => none);
    expect(kindsOf(await readAll(kinds, [three, ...pause, three, three])).join("")).toBe("");
  });

  test("is nothing while kinds are learnt, of a young service, or where the rate of errors tells it", async () => {
    const twice = [three, three];
    expect(kindsOf(await readAll(new NewErrors(NOON - DAY / 2, [], []), twice)).join("")).toBe("");
    const old = () => new NewErrors(NOON - 2 * DAY, [], []);
    expect(kindsOf(await readAll(old(), twice, { isYoung: () => true })).join("")).toBe("");
    expect(kindsOf(await readAll(old(), twice, { isTold: () => true })).join("")).toBe("");
  });

  test("is no news from a service that has new ones all the time", async () => {
    const severities = async (before: number) =>
      kindsOf(
        await readAll(new NewErrors(NOON - 2 * DAY, [], []), [three, three], { before: async () => before }),
      );
    expect(await severities(0)).toEqual(["", "opens"]);
    expect(await severities(3)).toEqual(["", ""]);
  });

  test("of which there are a hundred after a deploy is told a few times, not a hundred", async () => {
    const many = (endMs: number) => Array.from({ length: 100 }, (_, at) => linesOf(`v1:${at}`, 3, endMs));
    const reads = await readAll(new NewErrors(NOON - 2 * DAY, [], []), [many, many]);
    const opened = reads.flatMap(({ changes }) => changes.filter(({ kind }) => kind === "opens"));
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.length).toBeLessThanOrEqual(3);
  });
});

test("what is known is no news, warnings are none, and what was met is kept for whoever scans next", async () => {
  const known = { service: "checkout", namespace: "shop", fingerprint: "v1:a", lastSeenMs: NOON - 3 * DAY };
  const kinds = new NewErrors(NOON - 9 * DAY, [known], []);
  const both = (endMs: number) => [
    linesOf("v1:a", 9, endMs),
    linesOf("v1:warning", 9, endMs, { level: "WARN" }),
  ];
  const reads = await readAll(kinds, [both, both, both]);
  expect(kindsOf(reads).join("")).toBe("");
  expect(reads.map(({ toKeep }) => toKeep.map(({ fingerprint }) => fingerprint))).toEqual([
    ["v1:a", "v1:warning"],
    [],
    [],
  ]);
});

describe("whoever scans next", () => {
  const next = (reads: KindsRead[]) =>
    new NewErrors(
      NOON - 9 * DAY,
      reads.flatMap(({ toKeep }) => toKeep.map((cluster) => ({ ...cluster, lastSeenMs: NOON }))),
      [],
    );

  test("still finds new what was seen too seldom to be told", async () => {
    const first = await readAll(new NewErrors(NOON - 9 * DAY, [], []), [three]);
    expect(kindsOf(await readAll(next(first), [three, three]))).toEqual(["", "opens"]);
  });

  test("knows what did not come often enough in its hour, and what the rate of errors has told", async () => {
    const hour = Array.from({ length: 61 }, () => none);
    const seldom = await readAll(new NewErrors(NOON - 9 * DAY, [], []), [three, ...hour]);
    expect(kindsOf(await readAll(next(seldom), [three, three])).join("")).toBe("");
    const told = await readAll(new NewErrors(NOON - 9 * DAY, [], []), [three, three], { isTold: () => true });
    expect(kindsOf(await readAll(next(told), [three, three])).join("")).toBe("");
  });

  test("knows it by the name under which it is kept", async () => {
    const named = (endMs: number) => [linesOf("v1:a", 3, endMs, { service: `a\0\ud800${"x".repeat(400)}` })];
    const reads = await readAll(new NewErrors(NOON - 9 * DAY, [], []), [named, named]);
    const opened = reads[1]?.changes[0]?.episode;
    expect(opened?.service).toBe(`a\ufffd\ufffd${"x".repeat(297)}`);
    expect(kindsOf(await readAll(next(reads), [named, named])).join("")).toBe("");
  });
});

test("a kind that nobody has seen for four weeks is new again, also in a process as old as that", async () => {
  const kinds = new NewErrors(NOON - 40 * DAY, [], []);
  await kinds.read([linesOf("v1:a", 3, NOON - 29 * DAY)], minuteAt(NOON - 29 * DAY), {
    ...ABOUT,
    isYoung: () => true,
  });
  expect(kindsOf(await readAll(kinds, [three, three]))).toEqual(["", "opens"]);
});

test("whoever writes a new kind with every line does not fill the memory, and the newest are known", async () => {
  const kinds = new NewErrors(NOON - 9 * DAY, [], []);
  const all = Array.from({ length: 60_000 }, (_, at) => linesOf(`v1:${at}`, 1, NOON));
  await kinds.read(all, minuteAt(NOON), { ...ABOUT, isYoung: () => true });
  expect(kinds.known).toBe(50_000);
  const again = (at: number) => (endMs: number) => [linesOf(`v1:${at}`, 3, endMs)];
  expect(kindsOf(await readAll(kinds, [none, again(59_999), again(59_999)])).join("")).toBe("");
});

function minuteAt(toMs: number) {
  return { fromMs: toMs - MINUTE, toMs };
}
