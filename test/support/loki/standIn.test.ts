import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type AnsweredStream,
  entriesOf,
  NOW_MS,
  orgOf,
  paramsOf,
  RANGE,
  recordedLines,
  repeat,
  streamsOf,
} from "./recordedLines.ts";
import { readRecording, recordingNames } from "./recordings.ts";
import { type StandInLine, type StandInLoki, type StandInOptions, startStandInLoki } from "./standIn.ts";

const recordings = recordingNames().map(readRecording);

let loki: StandInLoki;
const others: StandInLoki[] = [];
beforeAll(async () => {
  loki = await startStandInLoki({ tenants: { acme: recordedLines() }, now: () => NOW_MS });
});
afterAll(async () => {
  for (const server of [loki, ...others]) await server.close();
});

async function start(options: StandInOptions): Promise<StandInLoki> {
  const server = await startStandInLoki({ now: () => NOW_MS, ...options });
  others.push(server);
  return server;
}

/** What they show cannot be had from lines that other recordings show whole. */
const NOT_SHOWN_WHOLE = [
  "range-100k-truncated",
  "range-rfc3339",
  "range-node-json-stack",
  "query-128k-minus",
];
const logQueries = recordings.filter(
  (recording) =>
    orgOf(recording) === "acme" &&
    recording.request.path === "/loki/api/v1/query_range" &&
    streamsOf(recording) !== undefined &&
    !/^page-ties-[12]-.*(limit10|at-last|last-plus-1)$|^(otlp|push)-/.test(recording.name) &&
    !NOT_SHOWN_WHOLE.includes(recording.name) &&
    recording.name !== "range-interval",
);

// The lines held are those that answers showed: no other line could have come before them, so that
// each query has to be answered exactly as it was, out of a part of what Loki held.
describe("the stand-in finds the lines that Loki found", () => {
  test.each(logQueries.map((recording) => [recording.name, recording] as const))(
    "%s",
    async (_, recording) => {
      const { status, body } = await repeat(recording, loki);

      expect(status).toBe(200);
      const answer = JSON.parse(body) as { data: { result: AnsweredStream[]; encodingFlags?: string[] } };
      expect(entriesOf(answer.data.result)).toEqual(entriesOf(streamsOf(recording) ?? []));
      const recorded = JSON.parse(recording.response.body ?? "") as { data: { encodingFlags?: string[] } };
      expect(answer.data.encodingFlags).toEqual(recorded.data.encodingFlags);
      const newestFirst = paramsOf(recording).get("direction") !== "forward";
      for (const { values } of answer.data.result) {
        const times = values.map(([at]) => BigInt(at));
        expect(times).toEqual(times.toSorted((a, b) => (a < b === newestFirst ? 1 : -1)));
      }
    },
  );
});

function range(server: StandInLoki, params: Record<string, string>, headers: Record<string, string> = {}) {
  return ask(server, "query_range", { ...RANGE, ...params }, headers);
}

async function ask(
  server: StandInLoki,
  path: string,
  params: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ result: (AnsweredStream & { metric: Record<string, string>; value: [number, string] })[] }> {
  const response = await fetch(`${server.url}/loki/api/v1/${path}?${new URLSearchParams(params)}`, {
    headers: { "x-scope-orgid": "acme", ...headers },
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${body}`);
  return (JSON.parse(body) as { data: { result: never[] } }).data;
}

describe("the stand-in cuts pages as Loki did", () => {
  const whole = () => streamsOf(readRecording("page-ties-all-forward")) ?? [];
  const pages = recordings.filter(({ name }) => /^page-ties-[12]-(forward|backward)/.test(name));

  test.each(pages.map((recording) => [recording.name, recording] as const))("%s", async (_, recording) => {
    const { body } = await repeat(recording, loki);
    const { data } = JSON.parse(body) as { data: { result: AnsweredStream[] } };
    const times = (streams: readonly AnsweredStream[]) =>
      streams.flatMap(({ values }) => values.map(([at]) => at)).sort();
    // Which lines of the tie are on a page is open; how many and of which time is not.
    expect(times(data.result)).toEqual(times(streamsOf(recording) ?? []));
    const all = new Set(entriesOf(whole()));
    expect(entriesOf(data.result).filter((entry) => !all.has(entry))).toEqual([]);
  });

  test("another page may cut a tie elsewhere", async () => {
    const cuts = new Set<string>();
    for (let page = 0; page < 5; page += 1) {
      const { body } = await repeat(readRecording("page-ties-2-forward-start-at-last"), loki);
      cuts.add(entriesOf((JSON.parse(body) as { data: { result: AnsweredStream[] } }).data.result).join());
    }
    expect(cuts.size).toBeGreaterThan(1);
  });

  test("paging on from the last nanosecond, without what was seen, finds all lines once", async () => {
    for (const direction of ["forward", "backward"]) {
      const seen = new Set<string>();
      let { start, end } = RANGE;
      for (let page = 0; page < 100; page += 1) {
        const query = '{service_name=~".+"}';
        const { result } = await range(loki, { query, start, end, direction, limit: "40" });
        const fresh = entriesOf(result).filter((entry) => !seen.has(entry));
        for (const entry of fresh) seen.add(entry);
        if (fresh.length === 0) break;
        const times = result.flatMap(({ values }) => values.map(([at]) => BigInt(at))).sort();
        if (direction === "forward") start = String(times.at(-1));
        else end = String((times[0] ?? 0n) + 1n);
      }
      const { result } = await range(loki, { query: '{service_name=~".+"}', limit: "5000" });
      expect([...seen].sort()).toEqual(entriesOf(result));
    }
  });
});

describe("the stand-in counts as Loki did", () => {
  /** As many lines in the last minute before each recorded point as were counted there. */
  function linesFor(
    name: string,
    labels: Record<string, string>,
    stepMs: number,
    wordOf = (n: number) => `${n}`,
  ) {
    const body = readRecording(name).response.body ?? "";
    const { data } = JSON.parse(body) as {
      data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    return data.result.flatMap(({ metric, values }): StandInLine[] =>
      values.flatMap(([seconds, count]) =>
        Array.from({ length: Number(count) }, (_, n) => ({
          labels: { ...labels, ...metric },
          // The window's own edges first: its end belongs to it, its start does not.
          atNs:
            BigInt(seconds) * 1_000_000_000n -
            (n === 0 ? 0n : n === 1 ? BigInt(stepMs) * 1_000_000n - 1n : BigInt(n)),
          text: wordOf(n),
        })),
      ),
    );
  }

  test.each([
    ["metric-range-count-unaligned", {}, 60_000],
    ["metric-range-start-before-aligned", { service_name: "payments-api" }, 300_000],
    ["metric-range-count", { namespace: "prod" }, 60_000],
    ["metric-range-detected-level", { service_name: "orders-java" }, 300_000],
  ])("%s", async (name, labels, stepMs) => {
    const server = await start({
      // A level that is none of the line's is told by the label.
      tenants: { acme: linesFor(name, labels, stepMs, (n) => `error ${n}`).map(withoutDetected) },
    });
    const recorded = JSON.parse(readRecording(name).response.body ?? "") as { data: { result: unknown } };
    const { body } = await repeat(readRecording(name), server);
    expect((JSON.parse(body) as { data: { result: unknown } }).data.result).toEqual(recorded.data.result);
  });

  function withoutDetected(line: StandInLine): StandInLine {
    const { detected_level: _, ...labels } = line.labels;
    return { ...line, labels };
  }

  test.each(["metric-range-rate", "metric-range-bytes", "metric-range-nostep"])(
    "at the times of %s",
    async (name) => {
      const recording = readRecording(name);
      const span = { from: BigInt(RANGE.start), to: BigInt(RANGE.end) };
      const lines: StandInLine[] = [];
      for (let atNs = span.from; atNs < span.to + 600_000_000_000n; atNs += 1_000_000_000n) {
        lines.push({
          labels: { service_name: "payments-api", namespace: "prod", level: "info" },
          atNs,
          text: "12345",
        });
      }
      const server = await start({ tenants: { acme: lines } });
      const times = (body: string) => {
        const { data } = JSON.parse(body) as {
          data: { result: { metric: object; values: [number, string][] }[] };
        };
        return [...new Set(data.result.flatMap(({ values }) => values.map(([seconds]) => seconds)))].sort();
      };
      const { body } = await repeat(recording, server);
      expect(times(body)).toEqual(times(recording.response.body ?? ""));
      const values: Record<string, string> = {
        "metric-range-rate": "1",
        "metric-range-bytes": "1500",
        "metric-range-nostep": "300",
      };
      expect(body).toContain(`"${values[name]}"]`);
    },
  );

  test("metric-offset, and to the nanosecond", async () => {
    const endNs = BigInt(RANGE.end) - 3_600_000_000_000n;
    const labels = { service_name: "payments-api" };
    const lines = [0n, 1n, 1_799_999_999_999n, 1_800_000_000_000n].map((agoNs) => ({
      labels,
      atNs: endNs - agoNs,
      text: `${agoNs}`,
    }));
    const server = await start({ tenants: { acme: lines } });
    const { body } = await repeat(readRecording("metric-offset"), server);
    expect(JSON.parse(body)).toMatchObject({
      data: { resultType: "vector", result: [{ metric: {}, value: [1_795_457_089.814, "3"] }] },
    });
    const count = async (offset: string) => {
      const query = `sum(count_over_time({service_name="payments-api"}[30m] offset ${offset}))`;
      return (await ask(server, "query", { query, time: RANGE.end })).result[0]?.value[1];
    };
    expect(await count("1h0m0s")).toBe("3");
    expect(await count("60m1ns")).toBe("3");
    expect(await count("1h0m2ns")).toBe("2");
    expect(await count("3599999ms")).toBe("2");
  });
});
