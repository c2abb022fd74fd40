import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { NOW_MS, named, RANGE, recordedLines, repeat } from "./recordedLines.ts";
import { readRecording } from "./recordings.ts";
import { type StandInLoki, type StandInOptions, startStandInLoki } from "./standIn.ts";

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

function withoutStats(body: string): unknown {
  const answer = JSON.parse(body) as { data?: { stats?: unknown } };
  if (answer.data !== undefined && !Array.isArray(answer.data)) delete answer.data.stats;
  return answer;
}

describe("the stand-in answers about labels and streams as Loki did", () => {
  let index: StandInLoki;
  beforeAll(async () => {
    const { data } = JSON.parse(readRecording("series-no-match").response.body ?? "") as {
      data: Record<string, string>[];
    };
    const atNs = BigInt(RANGE.start) + 1n;
    index = await start({ tenants: { acme: data.map((labels) => ({ labels, atNs, text: "a line" })) } });
  });

  test.each(
    named(
      "labels",
      "labels-filtered",
      "labels-empty-range",
      "labels-unknown-tenant",
      "label-values-service_name",
      "label-values-level",
      "label-values-weird",
      "label-values-filtered",
      "label-values-unknown",
      "series",
      "series-post",
      "series-two-matchers",
      "series-empty",
      "series-no-match",
      "patterns-empty",
      "index-stats-empty",
      "index-stats-unflushed",
      "index-volume-empty",
      "metric-instant-empty",
      "metric-range-empty",
      "tenant-unknown",
    ),
  )("%s", async (_, recording) => {
    const { status, body } = await repeat(recording, index);
    expect(status).toBe(200);
    const sorted = (text: string) =>
      JSON.stringify(withoutStats(text), (_name, value) =>
        Array.isArray(value)
          ? value
              .map((one) => JSON.stringify(one, one instanceof Object ? Object.keys(one).sort() : undefined))
              .sort()
          : value,
      );
    expect(sorted(body)).toEqual(sorted(recording.response.body ?? ""));
  });

  test("volumes are the bytes of lines, of pairs of metadata and of their words", async () => {
    const answered = await repeat(readRecording("index-volume"), loki);
    const { data } = JSON.parse(answered.body) as {
      data: { result: { metric: object; value: unknown[] }[] };
    };
    const recorded = readRecording("index-volume").response.body ?? "";
    for (const service of ["ties", "dups", "weird"]) {
      const row = data.result.find(({ metric }) => JSON.stringify(metric).includes(`"${service}"`));
      expect(recorded).toContain(JSON.stringify(row));
    }
  });

  test("volumes over time are stamped a millisecond before the end of each step, the last at the end", async () => {
    const { body } = await repeat(readRecording("index-volume-range"), loki);
    const times = (text: string) =>
      new Set([...text.matchAll(/\[(\d+(?:\.\d+)?),"/g)].map(([, time]) => time));
    const recorded = times(readRecording("index-volume-range").response.body ?? "");
    expect([...times(body)].filter((time) => !recorded.has(time))).toEqual([]);
    expect(times(body).size).toBeGreaterThan(3);
  });

  test("a stream is known to the index where a chunk of it touches the range, though no line lies inside", async () => {
    const labels = { service_name: "sparse" };
    const at = (minutes: number) => BigInt(RANGE.start) + BigInt(minutes) * 60_000_000_000n;
    const server = await start({
      tenants: { acme: [0, 20, 80].map((minutes) => ({ labels, atNs: at(minutes), text: "a" })) },
    });
    const known = async (from: number, to: number) => {
      const params = new URLSearchParams({ start: String(at(from)), end: String(at(to)) });
      const response = await fetch(`${server.url}/loki/api/v1/series?${params}`, {
        headers: { "x-scope-orgid": "acme" },
      });
      return (await response.text()).includes("sparse");
    };
    expect([await known(5, 15), await known(30, 70), await known(70, 80)]).toEqual([true, false, true]);
  });
});
