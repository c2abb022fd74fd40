import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LokiSource } from "../../../adapters/loki/index.ts";
import { createMemoryCache } from "../../../adapters/memory/index.ts";
import { cacheFor } from "../../../src/cache/keys.ts";
import type { LineQuery, LogLine } from "../../../src/logs/source.ts";
import { collect } from "../../contract/logSourceModel.ts";
import { type StandInLine, type StandInLoki, startStandInLoki } from "../../support/loki/standIn.ts";
import { openTestLoki } from "./open.ts";

const HOUR_MS = 3_600_000;
/** Not on the hour, so that slices begin and end in the middle of one. */
const START_MS = Date.UTC(2026, 10, 24, 3, 20);
const START_NS = BigInt(START_MS) * 1_000_000n;
const now = () => START_MS + 30 * HOUR_MS;

let server: StandInLoki;
let source: LokiSource;
afterEach(async () => {
  await source.close();
  await server.close();
});

async function open(
  lines: readonly StandInLine[],
  maxEntries = 5_000,
  more: Parameters<typeof openTestLoki>[1] = {},
) {
  server = await startStandInLoki({ tenants: { acme: lines }, limits: { maxEntries } });
  source = await openTestLoki(server.url, { now, ...more });
}

function lineAt(ns: bigint, text: string, service = "checkout", level = "error"): StandInLine {
  return { atNs: START_NS + ns, text, labels: { service_name: service, namespace: "shop", level } };
}

const read = (query: Partial<LineQuery> = {}): Promise<LogLine[]> =>
  collect(
    source.lines("acme", {
      fromMs: START_MS,
      toMs: START_MS + HOUR_MS,
      order: "oldest first",
      limit: 100_000,
      ...query,
    }),
  );
const asked = () => server.requests.filter(({ path }) => path.endsWith("/query_range"));
const logQueries = () => asked().filter(({ params }) => !params.get("query")?.startsWith("sum"));

describe("the next hour", () => {
  const HOUR_NS = 3_600_000_000_000n;
  /** Twenty lines of each hour on the clock. */
  const ofHours = (hours: number) =>
    Array.from({ length: hours * 20 }, (_, i) =>
      lineAt(BigInt(Math.floor(i / 20)) * HOUR_NS + BigInt(i), `line ${i}`),
    );
  const threeHours = { fromMs: START_MS, toMs: START_MS + 3 * HOUR_MS, order: "oldest first" } as const;

  test("is asked for while this one is worked on, and no other before it is worked on itself", async () => {
    await open(ofHours(3));
    const taken = source.lines("acme", { ...threeHours, limit: 100 })[Symbol.asyncIterator]();
    await taken.next();
    await taken.next();
    for (let tries = 0; logQueries().length < 2 && tries < 400; tries++) await sleep(5);
    expect(logQueries()).toHaveLength(2);
    await sleep(100);
    expect(logQueries()).toHaveLength(2);
    await taken.return?.();
  });

  test("is not asked for when this one has all that was wanted", async () => {
    await open(ofHours(3));
    expect(await read({ ...threeHours, limit: 20 })).toHaveLength(20);
    await sleep(100);
    expect(logQueries()).toHaveLength(1);
  });
});

describe("pages", () => {
  test("of any lines, in any order, by any page size, give each line once and in order", async () => {
    /** Few instants, so that lines tie within and across pages; some hours apart, so that there are slices. */
    const anyNs = fc.oneof(
      fc.integer({ min: 0, max: 5 }).map(BigInt),
      fc.integer({ min: 0, max: 4 }).map((hours) => BigInt(hours) * 3_600_000_000_000n),
      fc.integer({ min: 0, max: 4 * 3_600_000 }).map((ms) => BigInt(ms) * 1_000_000n),
    );
    const anyLines = fc.array(
      fc.tuple(anyNs, fc.constantFrom("a", "b", "c"), fc.constantFrom("error", "info")),
      {
        maxLength: 60,
      },
    );
    const anyQuery = fc.record({
      order: fc.constantFrom<LineQuery["order"][]>("oldest first", "newest first"),
      limit: fc.integer({ min: 1, max: 80 }),
      hours: fc.integer({ min: 1, max: 6 }),
      levels: fc.constantFrom(undefined, ["ERROR"] as const),
      services: fc.constantFrom(undefined, ["a"], ["a", "c"]),
    });
    let reads = 0;
    const opened = await Promise.all(
      [3, 5, 12].map(async (maxEntries) => {
        const standIn = await startStandInLoki({ limits: { maxEntries } });
        return { standIn, loki: await openTestLoki(standIn.url, { now }) };
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        anyLines,
        fc.constantFrom(...opened),
        fc.array(anyQuery, { minLength: 12, maxLength: 12 }),
        async (given, { standIn, loki }, queries) => {
          const lines = given.map(([ns, service, level], i) => lineAt(ns, `line ${i}`, service, level));
          const org = `run-${reads}`;
          standIn.push(org, lines);
          for (const { order, limit, hours, levels, services } of queries) {
            reads++;
            const toMs = START_MS + hours * HOUR_MS;
            const found = await collect(
              loki.lines(org, {
                fromMs: START_MS,
                toMs,
                order,
                limit,
                ...(levels && { levels }),
                ...(services && { services }),
              }),
            );
            const wanted = lines.filter(
              ({ atNs, labels }) =>
                atNs < BigInt(toMs) * 1_000_000n &&
                (levels === undefined || labels.level === "error") &&
                (services === undefined || services.some((service) => service === labels.service_name)),
            );
            const times = wanted.map(({ atNs }) => atNs).sort((a, b) => (a < b ? -1 : Number(a > b)));
            if (order === "newest first") times.reverse();
            // Which of several lines of one instant come first is nobody's promise; that each comes once is.
            expect(found.map(({ atNs }) => atNs)).toEqual(times.slice(0, limit));
            expect(new Set(found.map(({ text }) => text)).size).toBe(found.length);
            const texts = new Set(wanted.map(({ text }) => text));
            for (const { text } of found) expect(texts.has(text)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(reads).toBeGreaterThanOrEqual(2_400);
    for (const { standIn, loki } of opened) {
      await loki.close();
      await standIn.close();
    }
    await open([]);
  }, 300_000);

  test("of one instant that holds more than a page are read stream by stream", async () => {
    const tie = Array.from({ length: 40 }, (_, i) => lineAt(7n, `tie ${i}`, `s${i % 10}`));
    await open([lineAt(0n, "before"), ...tie, lineAt(9n, "after")], 5);
    const notes: string[] = [];

    for (const order of ["oldest first", "newest first"] as const) {
      const found = await read({ order, onNote: (note) => notes.push(note) });
      expect(found.map(({ text }) => text).sort()).toEqual(
        ["after", "before", ...tie.map(({ text }) => text)].sort(),
      );
      expect(found[order === "oldest first" ? 0 : 41]?.text).toBe("before");
    }
    expect(notes).toEqual([]);
  });

  test("of one stream that writes more in one instant than a page holds are said to be missing, and passed", async () => {
    const tie = Array.from({ length: 40 }, (_, i) => lineAt(7n, `tie ${i}`));
    await open([lineAt(0n, "before"), ...tie, lineAt(9n, "after")], 5);
    const notes: string[] = [];

    const found = await read({ onNote: (note) => notes.push(note) });

    expect(found.at(0)?.text).toBe("before");
    expect(found.at(-1)?.text).toBe("after");
    expect(found.length).toBeLessThan(42);
    expect(notes).toEqual([
      expect.stringMatching(/More lines stand in one instant .*some of them are missing/),
    ]);
    expect(server.requests.length).toBeLessThan(40);
  });

  test("beyond what is wanted are not asked for", async () => {
    await open(
      Array.from({ length: 500 }, (_, i) => lineAt(BigInt(i) * 1_000_000n, `line ${i}`)),
      100,
    );

    await read({ limit: 100 });
    expect(logQueries()).toHaveLength(1);
    await read({ limit: 150, order: "newest first" });
    expect(
      logQueries()
        .slice(1)
        .map(({ params }) => params.get("limit")),
    ).toEqual(["100", "100", "51"]);
  });
});

describe("long ranges", () => {
  const day = { fromMs: START_MS, toMs: START_MS + 24 * HOUR_MS };

  test("are asked hour by hour on the hour grid, from the end that is wanted, and no further than needed", async () => {
    await open(Array.from({ length: 24 }, (_, i) => lineAt(BigInt(i) * 3_600_000_000_000n, `hour ${i}`)));

    const found = await read({ ...day, order: "newest first", limit: 3, contains: ["hour"] });

    expect(found.map(({ text }) => text)).toEqual(["hour 23", "hour 22", "hour 21"]);
    const widths = logQueries().map(({ params }) =>
      Number(BigInt(params.get("end") ?? 0) - BigInt(params.get("start") ?? 0)),
    );
    expect(Math.max(...widths)).toBeLessThanOrEqual(HOUR_MS * 1e6);
    expect(logQueries().length).toBeLessThanOrEqual(5);
    for (const { params } of logQueries().slice(0, -1))
      expect(BigInt(params.get("start") ?? 0) % 3_600_000_000_000n).toBe(0n);
  });

  test("are surveyed first where that is cheap, and only hours with such lines are read", async () => {
    const noise = Array.from({ length: 24 }, (_, i) =>
      lineAt(BigInt(i) * 3_600_000_000_000n, `fine ${i}`, "checkout", "info"),
    );
    await open([...noise, lineAt(5n * 3_600_000_000_000n, "bad"), lineAt(17n * 3_600_000_000_000n, "worse")]);

    const found = await read({ ...day, levels: ["ERROR"], services: ["checkout"] });

    expect(found.map(({ text }) => text)).toEqual(["bad", "worse"]);
    const metric = asked().length - logQueries().length;
    expect(metric).toBe(1);
    // Two ways to have a level, in two hours.
    expect(logQueries()).toHaveLength(4);
  });
});

test("an error of just now is found by whoever asked about a long time a moment before: what was counted then is kept for a minute", async () => {
  let nowMs = START_MS + 5 * HOUR_MS;
  const cache = cacheFor(createMemoryCache({ now: () => nowMs }), "3f0c2b1e-6a52-4d0b-9f6d-0b1a2c3d4e5f");
  await open([lineAt(0n, "bad")], 5_000, { cacheOf: async () => cache, now: () => nowMs });
  const errors = () => read({ toMs: nowMs, levels: ["ERROR"], services: ["checkout"] });
  expect(await errors()).toHaveLength(1);

  nowMs += 20_000;
  server.push("acme", [lineAt(BigInt(nowMs - START_MS - 5_000) * 1_000_000n, "worse")]);
  expect((await errors()).map(({ text }) => text)).toEqual(["bad", "worse"]);
});

test("a long time is read all the same where Loki's operator lets nobody count", async () => {
  await open([lineAt(0n, "bad"), lineAt(4n * 3_600_000_000_000n, "worse")]);
  const isMetric = ({ params }: { params: URLSearchParams }) =>
    params.get("query")?.startsWith("sum") === true;
  server.fault({
    kind: "status",
    status: 400,
    body: "query blocked by policy",
    times: 99,
    matches: isMetric,
  });

  const found = await read({ toMs: START_MS + 5 * HOUR_MS, levels: ["ERROR"], services: ["checkout"] });

  expect(found.map(({ text }) => text)).toEqual(["bad", "worse"]);
});

test("a Loki that answers for no more than half an hour at once is asked for less", async () => {
  const lines = Array.from({ length: 24 }, (_, i) => lineAt(BigInt(i) * 300_000_000_000n, `line ${i}`));
  server = await startStandInLoki({ tenants: { acme: lines }, limits: { maxQueryLengthMs: 1_800_000 }, now });
  source = await openTestLoki(server.url, { now: () => START_MS + 2 * HOUR_MS });
  const range = { fromMs: START_MS, toMs: START_MS + 2 * HOUR_MS };

  expect(await read(range)).toHaveLength(24);
  const counts = await source.counts("acme", { ...range, stepMs: 300_000 });
  expect(counts[0]?.counts).toEqual(new Array(24).fill(1));
  expect(await source.services("acme", { fromMs: START_MS - 20 * HOUR_MS, toMs: range.toMs })).toHaveLength(
    1,
  );
});

describe("levels", () => {
  test("come from a label, from what Loki detected, or from the text, coloured too", async () => {
    const at = (ns: bigint, text: string, labels = {}, metadata?: Record<string, string>): StandInLine => ({
      atNs: START_NS + ns,
      text,
      labels: { service_name: "checkout", namespace: "shop", ...labels },
      ...(metadata && { metadata }),
    });
    await open([
      at(1n, "by label", { level: "Warning" }),
      at(2n, "by number", { level: "50" }),
      at(3n, "detected", {}, { detected_level: "critical" }),
      at(
        4n,
        "2026-11-24 03:20:00 \u001b[31mERROR\u001b[0m by coloured text",
        {},
        { detected_level: "unknown" },
      ),
      at(5n, "E1124 03:20:00.123456 1 main.go:7] by klog", {}, { detected_level: "unknown" }),
      at(6n, "TypeError: by its beginning", {}, { detected_level: "unknown" }),
      at(7n, "nothing says how bad", {}, { detected_level: "unknown" }),
      at(8n, "label that is no level", { level: "audit" }, { detected_level: "error" }),
      at(9n, "INFO this is about an error", {}, { detected_level: "unknown" }),
    ]);

    expect((await read()).map(({ level }) => level)).toEqual([
      "WARN",
      "ERROR",
      "CRITICAL",
      "ERROR",
      "ERROR",
      "ERROR",
      undefined,
      "ERROR",
      "INFO",
    ]);
    const errors = await read({ levels: ["ERROR"] });
    expect(errors.map(({ atNs }) => Number(atNs - START_NS))).toEqual([2, 4, 5, 6, 8]);
    expect((await read({ levels: ["INFO", "CRITICAL"] })).map(({ atNs }) => Number(atNs - START_NS))).toEqual(
      [3, 9],
    );
  });

  test("of texts are counted too, coloured and in fields", async () => {
    const texts = [
      "2026-11-24 03:20:00 \u001b[31mERROR\u001b[0m x",
      "[2026-11-24T03:20:00Z] WARN x",
      'ts=2026-11-24T03:20:00Z level=error msg="x"',
      "Tue Nov 24 03:20:00 2026 INFO an error is mentioned",
      "nothing",
    ];
    await open(
      texts.map((text, i) => ({
        atNs: START_NS + BigInt(i),
        text,
        labels: { service_name: "checkout" },
        metadata: { detected_level: "unknown" },
      })),
    );

    const counts = await source.counts("acme", { fromMs: START_MS, toMs: START_MS + 60_000, stepMs: 60_000 });

    expect(new Map(counts.map(({ level, counts: [count] }) => [level, count]))).toEqual(
      new Map([
        ["ERROR", 2],
        ["WARN", 1],
        ["INFO", 1],
        [undefined, 1],
      ] as [string | undefined, number][]),
    );
  });

  test("of texts are counted as they are read: by no name of a field, behind a thread, in numbers, and never as another", async () => {
    const texts = [
      '{"error":null,"level":"INFO","message":"done"}',
      '{"trace_id":"a1","severity":"ERROR","message":"boom"}',
      'error="" level=info msg=done',
      '{"time":1795457100000,"level":50,"msg":"pino"}',
      '{"log":"2026-11-24 03:20:00 ERROR boom\\n","stream":"stderr","time":"2026-11-24T03:20:00Z"}',
      "2026-11-24 03:20:00,123 [http-info-1] ERROR c.a.B - logback",
      "Config loaded",
      "fail to connect",
      "the battery has level: 50",
    ];
    await open(
      texts.map((text, i) => ({
        atNs: START_NS + BigInt(i),
        text,
        labels: { service_name: "checkout" },
        metadata: { detected_level: "unknown" },
      })),
    );
    const levelsOf = (levels: (string | undefined)[]) => levels.map((level) => level ?? "none").sort();

    const counts = await source.counts("acme", { fromMs: START_MS, toMs: START_MS + 60_000, stepMs: 60_000 });

    const counted = counts.flatMap(({ level, counts: [count = 0] }) => new Array(count).fill(level));
    expect(levelsOf(counted)).toEqual(levelsOf((await read()).map(({ level }) => level)));
    // An hour whose errors count as something else would not be read for errors.
    expect(await read({ toMs: START_MS + 5 * HOUR_MS, levels: ["ERROR"] })).toHaveLength(4);
  });

  test("an hour of errors that came wrapped by Docker alone is read for errors", async () => {
    const text = '{"log":"ERROR boom\\n","stream":"stderr","time":"2026-11-24T03:20:00Z"}';
    await open([
      { atNs: START_NS, text, labels: { service_name: "checkout" }, metadata: { detected_level: "unknown" } },
    ]);

    expect(await read({ toMs: START_MS + 5 * HOUR_MS, levels: ["ERROR"] })).toHaveLength(1);
  });
});

test("lines of megabytes come cut, by Loki itself", async () => {
  await open([lineAt(1n, `start ${"x".repeat(3_000_000)}`)]);

  const [line] = await read();

  expect(line?.text).toHaveLength(65_536);
  expect(line?.text.startsWith("start xxx")).toBe(true);
});

test("a line whose text stands behind its cut is found by it all the same: Loki has searched all of it", async () => {
  await open([lineAt(1n, `start ${"x".repeat(70_000)} order-4711`), lineAt(2n, "order-4712")]);

  expect((await read({ contains: ["order-4711"] })).map(({ atNs }) => atNs - START_NS)).toEqual([1n]);
});

test("a server before version 3 is read too, which tells nothing of limits, levels and metadata", async () => {
  server = await startStandInLoki({
    tenants: {
      acme: [{ ...lineAt(1n, "ERROR old", "checkout"), labels: { app: "checkout", namespace: "shop" } }],
    },
    version: "2.9.8",
  });
  source = await openTestLoki(server.url, { now });

  expect(await read({ services: ["checkout"], levels: ["ERROR"] })).toMatchObject([
    { text: "ERROR old", level: "ERROR", service: "checkout", namespace: "shop" },
  ]);
  expect((await source.health("acme")).summary).toContain("Loki 2.9.8 at 127.0.0.1");
  expect((await source.health("acme")).summary).toContain("services by the label app");
});

test("what is read and what is counted of the same time are the same, to the nanosecond", async () => {
  const edges = [
    -1n,
    0n,
    1n,
    59_999_999_999n,
    60_000_000_000n,
    60_000_000_001n,
    119_999_999_999n,
    120_000_000_000n,
  ];
  await open(edges.map((ns, i) => lineAt(ns, `edge ${i}`)));
  const range = { fromMs: START_MS, toMs: START_MS + 120_000 };

  const [series] = await source.counts("acme", { ...range, stepMs: 60_000 });
  const lines = await read(range);

  expect(series?.counts).toEqual([3, 3]);
  expect(lines).toHaveLength(6);
});
