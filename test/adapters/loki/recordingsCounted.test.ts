import { afterEach, describe, expect, test } from "@jest/globals";
import type { LokiSource } from "../../../adapters/loki/index.ts";
import { UserError } from "../../../src/errors.ts";
import { readRecording, recordingNames } from "../../support/loki/recordings.ts";
import { openTestLoki } from "./open.ts";
import { resultIn } from "./recordedFacts.ts";
import { type RecordedLoki, startRecordedLoki } from "./recordedLoki.ts";
import { isLogQuery, replay } from "./replay.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The instant that recorded metric queries end at is within this minute. */
const TO_MS = 1_795_457_100_000;

let loki: RecordedLoki;
let source: LokiSource;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function open(answers: Record<string, string>): Promise<void> {
  loki = await startRecordedLoki(answers, TO_MS);
  source = await openTestLoki(loki.url, { now: () => TO_MS });
  opened.push(loki, source);
}
const said = (error: unknown) => (error instanceof UserError ? error.message : `thrown: ${String(error)}`);

interface RecordedSeries {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}
const seriesIn = (name: string) => resultIn(readRecording(name).response.body ?? "") as RecordedSeries[];

describe("counts are the recorded ones, each in the step that its point ends, and nothing where none is", () => {
  test.each([
    ["metric-range-count", MINUTE_MS],
    ["metric-range-count-unaligned", MINUTE_MS],
    ["metric-range-detected-level", 5 * MINUTE_MS],
    ["metric-range-topk", 5 * MINUTE_MS],
    ["metric-range-start-before-aligned", 5 * MINUTE_MS],
  ] as const)("%s", async (name, stepMs) => {
    await open({ "/query_range": name });
    const fromMs = TO_MS - 30 * MINUTE_MS;

    const counts = await source.counts("acme", { fromMs, toMs: TO_MS, stepMs });

    const steps = (TO_MS - fromMs) / stepMs;
    const expected = seriesIn(name).map(({ metric, values = [] }) => {
      const row = new Array<number>(steps).fill(0);
      for (const [atSeconds, value] of values) {
        const step = (atSeconds * 1_000 - fromMs) / stepMs - 1;
        if (step >= 0 && step < steps) row[step] = Number(value);
      }
      return { service: metric.service_name ?? "", level: metric.level?.toUpperCase(), counts: row };
    });
    expect(counts.map(({ service, level, counts: row }) => ({ service, level, counts: row }))).toEqual(
      expected,
    );
    expect(counts.every((series) => series.fromMs === fromMs && series.stepMs === stepMs)).toBe(true);
  });

  test.each(["metric-range-empty", "metric-range-unwrap-noerror"])("%s", async (name) => {
    await open({ "/query_range": name });

    expect(await source.counts("acme", { fromMs: TO_MS - HOUR_MS, toMs: TO_MS, stepMs: MINUTE_MS })).toEqual(
      [],
    );
  });
});

describe("services are the recorded ones, by name", () => {
  const short = { fromMs: TO_MS - HOUR_MS, toMs: TO_MS };
  const long = { fromMs: TO_MS - 24 * HOUR_MS, toMs: TO_MS };

  test.each([
    "metric-instant-vector",
    "metric-instant-topk",
    "metric-baseline-ratio",
    "metric-sum-cures-many-series",
    "metric-instant-empty",
    "metric-instant-compare",
    "metric-instant-nan",
    "metric-offset",
    "tenant-multi-metric",
  ])("of an hour, counted: %s", async (name) => {
    await open({ "/query": name });

    expect((await source.services("acme", short)).map(({ service }) => service)).toEqual(
      seriesIn(name)
        .flatMap(({ metric }) => metric.service_name ?? [])
        .sort(),
    );
    expect(await source.namespaces("acme", short)).toEqual([]);
  });

  test.each([
    "index-volume",
    "index-volume-empty",
    "index-volume-limit",
    "index-volume-target",
    "index-volume-labels",
    "tenant-multi-volume",
  ])("of a day, from the index: %s", async (name) => {
    await open({ "/index/volume": name });

    const expected = seriesIn(name).flatMap(({ metric }) => metric.service_name || []);
    expect((await source.services("acme", long)).map(({ service }) => service)).toEqual(expected.sort());
    expect(loki.asked.at(-1)?.params.get("targetLabels")).toBe("service_name,namespace");
  });

  test("more than Loki counts at once are named by the index, and each is then counted alone in vain", async () => {
    await open({ "/query": "limit-series-3", "/service_name/values": "label-values-service_name" });

    expect(await source.services("acme", short).catch(said)).toMatch(/^Loki counts no more services at once/);
    const queries = loki.asked.map(({ params }) => params.get("query") ?? "");
    expect(queries.some((query) => /\{service_name="[^"]+"\}/.test(query))).toBe(true);
  });
});

describe("metric queries that were refused are said as the classifier says it", () => {
  const refused = recordingNames()
    .map(readRecording)
    .filter(
      (recording) =>
        /\/query(?:_range)?$/.test(recording.request.path ?? "") &&
        !isLogQuery(recording) &&
        recording.response.status !== 200,
    );

  test.each(refused.map((recording) => [recording.name] as const))("%s", async (name) => {
    const { made } = await replay(name);
    if (made.as !== "failure") throw new Error("it was refused");
    const sentence = made.failure.toUserError().message;

    await open({ "/query_range": name, "/query": name, "/values": "label-values-unknown" });
    const counted = { fromMs: TO_MS - HOUR_MS, toMs: TO_MS, stepMs: HOUR_MS / 4 };
    expect(await source.counts("acme", counted).catch(said)).toBe(sentence);
    const found = await source.services("acme", counted).catch(said);
    // Where the index knows of no service, there is nothing to be counted in smaller parts.
    if (made.failure.kind === "too many series") expect([sentence, []]).toContainEqual(found);
    else expect(found).toBe(sentence);
  });
});

describe("what Loki says of itself", () => {
  test.each(["labels", "labels-filtered", "cors-origin", "gzip-br-only", "tenant-multi-labels"])(
    "labels as in %s make it ready",
    async (name) => {
      await open({ "/labels": name });

      expect(await source.health("acme")).toEqual({
        ok: true,
        summary: expect.stringMatching(
          /^Loki 3\.7\.6 at \S+: services by the label service_name, namespaces by namespace, levels by level\.$/,
        ),
        warnings: [],
      });
    },
  );

  test.each(["labels-empty-range", "labels-unknown-tenant"])(
    "none, as in %s, may mean a wrong organisation, and a search finds nothing",
    async (name) => {
      await open({ "/labels": name, "/query_range": "range-empty", "/query": "metric-instant-empty" });

      expect((await source.health("acme")).warnings).toEqual([expect.stringMatching(/cannot tell a wrong/)]);
      expect(await source.services("acme", { fromMs: TO_MS - HOUR_MS, toMs: TO_MS })).toEqual([]);
    },
  );

  test.each([
    ["tenant-missing-labels", /^Loki wants an organisation/],
    ["tenant-too-long", /^Loki wants an organisation/],
    ["status-ready-starting-1", /^Loki is starting or stopping/],
    ["status-unknown-path", /^There is no Loki at LOKI_URL/],
    ["limit-labels-31d", /^A limit of Loki stands against it.*30d1h/],
    ["accept-protobuf", /^What answers at LOKI_URL is not Loki/],
    ["push-frozen", /^What answers at LOKI_URL is not Loki/],
  ])("%s is said by health", async (name, sentence) => {
    await open({ "/labels": name });

    expect(await source.health("acme")).toEqual({
      ok: false,
      summary: expect.stringMatching(sentence),
      warnings: [],
    });
  });

  test("where limits are hidden, its version alone tells what it can do", async () => {
    await open({ "/drilldown-limits": "status-unknown-path", "/buildinfo": "status-buildinfo" });

    expect((await source.health("acme")).summary).toMatch(/^Loki 3\.7\.6 at /);
  });
});
