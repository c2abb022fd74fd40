import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { NOW_MS, named, orgOf, RANGE, recordedLines, repeat } from "./recordedLines.ts";
import { readRecording, recordingNames } from "./recordings.ts";
import { type StandInLoki, type StandInOptions, startStandInLoki } from "./standIn.ts";

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

describe("the stand-in refuses what Loki refused, in its words", () => {
  const unknown =
    /^(metric-approx-topk|metric-range-unwrap-error|parse-error-bad-pattern|metric-too-many|metric-pipeline|detected|query-128k$|tail|push|method)/;
  const refused = recordings.filter(
    (recording) =>
      recording.response.status >= 400 &&
      /^\/loki\/api\/v1\/(query|labels|label|series|index|patterns|format_query|nope)/.test(
        recording.request.path,
      ) &&
      !/^(bench|tiny|slow|blocked)$/.test(orgOf(recording) ?? "") &&
      !unknown.test(recording.name),
  );
  test.each(refused.map((recording) => [recording.name, recording] as const))("%s", async (_, recording) => {
    expect(await repeat(recording, loki)).toEqual({
      status: recording.response.status,
      body: recording.response.body,
    });
  });

  test.each(
    named("limit-default-limit-over-max", "limit-entries-10", "limit-length-1h", "index-volume-disabled"),
  )("with the limits of the tenant: %s", async (_, recording) => {
    const tiny = await start({
      limits: { maxEntries: 10, maxQueryLengthMs: 3_600_000, volumeEnabled: false },
    });
    // The range of this one is longer than the limit beside it.
    const server = recording.name === "limit-entries-10" ? await start({ limits: { maxEntries: 10 } }) : tiny;
    expect(await repeat(recording, server)).toEqual({
      status: recording.response.status,
      body: recording.response.body,
    });
  });

  test.each(["limit-series-3", "limit-series-3-range"])("more series than allowed: %s", async (name) => {
    const recording = readRecording(name);
    const atNs = 1_795_457_100_000_000_000n;
    const lines = ["a", "b", "c", "d"].map((k) => ({ labels: { service_name: "s", k }, atNs, text: k }));
    const few = await start({ tenants: { tiny: lines.slice(1) }, limits: { maxSeries: 3 } });
    const many = await start({ tenants: { tiny: lines }, limits: { maxSeries: 3 } });
    expect((await repeat(recording, few)).status).toBe(200);
    expect(await repeat(recording, many)).toEqual({ status: 400, body: recording.response.body });
  });

  test("a query of more than 131,072 characters, and none of 120,000", async () => {
    const asked = async (length: number) => {
      const start = '{service_name="nope"} |~ `';
      const query = `${start}${"x".repeat(length - start.length - 1)}\``;
      const response = await fetch(
        `${loki.url}/loki/api/v1/query_range?${new URLSearchParams({ ...RANGE, query })}`,
        {
          headers: { "x-scope-orgid": "acme" },
        },
      );
      return { status: response.status, body: await response.text() };
    };
    expect(await asked(140_025)).toEqual({ status: 400, body: readRecording("query-128k").response.body });
    expect((await asked(120_028)).status).toBe(200);
  });

  test("a metric query over lines that a parser stumbles on, unless they are left out or no label is asked", async () => {
    const recording = readRecording("metric-pipeline-error");
    const { status, body } = await repeat(recording, loki);
    expect(status).toBe(400);
    const shape = (text: string) =>
      text.replace(/namespace=.*\}'/, "…").replace(/(detected_)?level="\w+"/g, "");
    expect(shape(body)).toBe(shape(recording.response.body ?? ""));
    const asked = async (query: string) => {
      const params = new URLSearchParams({ query, time: RANGE.end });
      return fetch(`${loki.url}/loki/api/v1/query?${params}`, { headers: { "x-scope-orgid": "acme" } });
    };
    expect(
      (await asked('sum by (status) (count_over_time({namespace="prod"} | json | __error__="" [2h]))'))
        .status,
    ).toBe(200);
    expect((await asked('sum(count_over_time({namespace="prod"} | json [2h]))')).status).toBe(200);
  });

  test("more series than 500 of fields of lines", async () => {
    const lines = Array.from({ length: 501 }, (_, n) => ({
      labels: { service_name: "checkout" },
      atNs: BigInt(RANGE.end) - BigInt(n),
      text: JSON.stringify({ n }),
    }));
    const server = await start({ tenants: { acme: lines } });
    const recording = readRecording("metric-too-many-series-500");
    expect(await repeat(recording, server)).toEqual({ status: 400, body: recording.response.body });
    const fewer = await start({ tenants: { acme: lines.slice(1) } });
    expect((await repeat(recording, fewer)).status).toBe(200);
  });
});
