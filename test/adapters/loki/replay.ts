import {
  type Entry,
  entriesOf,
  type Labels,
  limitsOf,
  namesOf,
  type Series,
  seriesOf,
  versionOf,
} from "../../../adapters/loki/answers.ts";
import { createClient, type LokiClient } from "../../../adapters/loki/client.ts";
import { openConnection } from "../../../adapters/loki/connection.ts";
import { failureOf, LokiFailure } from "../../../adapters/loki/failure.ts";
import { createQueries } from "../../../adapters/loki/queries.ts";
import type { Shape } from "../../../adapters/loki/shape.ts";
import { createLog } from "../../../src/log.ts";
import { type Recording, readRecording, replayRecording } from "../../support/loki/recordings.ts";

/** What the adapter made of a recorded answer. */
export type Made =
  | { as: "lines"; entries: Entry[] }
  | { as: "series"; series: Series[] }
  | { as: "names"; names: string[] }
  | { as: "streams"; streams: string[][] }
  | { as: "settings"; settings: unknown }
  /** JSON that the adapter never asks for. */
  | { as: "unasked"; answer: unknown }
  /** `tries` over HTTP; of a tail's close frame none. */
  | { as: "failure"; failure: LokiFailure; tries: number };

export interface Replayed {
  recording: Recording;
  made: Made;
  /** Of a tail: what came over the socket before it was closed, and what the closing says. */
  frames?: Entry[];
  closing?: LokiFailure;
}

/** Asks a server that answers with the recording what was asked then, through the adapter's own client and decoders. */
export async function replay(name: string): Promise<Replayed> {
  const recording = readRecording(name);
  const server = await replayRecording(name);
  const connection = await openConnection({ url: server.url });
  let tries = 0;
  const client = createClient({
    connectionOf: () => connection,
    cacheOf: async () => undefined,
    cacheMs: 0,
    concurrency: 1,
    log: createLog("silent"),
    now: Date.now,
    random: () => 0,
    sleep: async () => undefined,
    trace: () => {
      tries++;
    },
  });
  try {
    const made = await read(client, recording).catch((error: unknown): Made => {
      if (!(error instanceof LokiFailure)) throw error;
      return { as: "failure", failure: error, tries };
    });
    return { recording, made, ...(recording.frames && tailOf(recording)) };
  } finally {
    await connection.close();
    await server.close();
  }
}

async function read(client: LokiClient, recording: Recording): Promise<Made> {
  const path = recording.request.path ?? "/loki/api/v1/tail";
  const org = recording.request.headers?.["x-scope-orgid"] ?? "";
  const params = Object.fromEntries(paramsOf(recording));
  const answer = await client.ask({ org, path, params }, { timeoutMs: 10_000 });
  switch (path) {
    case "/loki/api/v1/query_range":
      return isLogQuery(recording)
        ? { as: "lines", entries: entriesOf(answer) }
        : { as: "series", series: seriesOf(answer) };
    case "/loki/api/v1/query":
    case "/loki/api/v1/index/volume":
    case "/loki/api/v1/index/volume_range":
      return { as: "series", series: seriesOf(answer) };
    case "/loki/api/v1/labels":
      return { as: "names", names: namesOf(answer) };
    case "/loki/api/v1/series":
      return { as: "streams", streams: await streamsOf(client, org) };
    case "/loki/api/v1/drilldown-limits":
      return { as: "settings", settings: limitsOf(answer) };
    case "/loki/api/v1/status/buildinfo":
      return { as: "settings", settings: versionOf(answer) };
  }
  if (/\/label\/\w+\/values$/.test(path)) return { as: "names", names: namesOf(answer) };
  return { as: "unasked", answer };
}

/** What was asked: of a form what its body says. */
export function paramsOf({ request }: Recording): URLSearchParams {
  return new URLSearchParams(
    request.method === "POST" && !/push|otlp/.test(request.path) ? request.body : request.query,
  );
}

/** Whether the answer should be lines: a metric query has a function around its selector. */
export function isLogQuery(recording: Recording): boolean {
  return !/^\s*(?:\w+\s*(?:by\s*\([^)]*\)\s*)?\(|\d)/.test(paramsOf(recording).get("query") ?? "");
}

/** Its decoder has no other door. @returns the written matchers of each stream */
async function streamsOf(client: LokiClient, org: string): Promise<string[][]> {
  const asking = { signal: undefined, fresh: undefined, timeoutMs: 10_000 };
  const pages = createQueries(client, org, SHAPE, asking).pages({
    fromMs: 0,
    toMs: 1,
    order: "oldest first",
    limit: 1,
  });
  const found = await pages.streamsOf({ matchers: ['a="b"'], pipeline: "" }, { fromNs: 0n, toNs: 1n });
  return found.map(({ matchers }) => [...matchers]);
}

/** The recorded Loki, as its recordings of labels and limits show it. */
export const SHAPE: Shape = {
  service: "service_name",
  namespace: "namespace",
  level: "level",
  labels: ["app", "level", "namespace", "pod", "service", "service_name", "weird"],
  detectsLevel: true,
  isGuessed: false,
  volume: true,
  maxEntries: 5_000,
  maxRangeMs: 0,
  lookbackMs: 0,
  queryTimeoutMs: 60_000,
  version: "3.7.6",
};

/** A tail's frames are streams without what stands around them in the answer of a query. */
function tailOf({ frames = [], close }: Recording): Pick<Replayed, "frames" | "closing"> {
  const entries = frames.flatMap(({ data }) => {
    if (data === undefined) return [];
    const { streams } = JSON.parse(data) as { streams: unknown };
    return entriesOf({ status: "success", data: { resultType: "streams", result: streams } });
  });
  return {
    frames: entries,
    ...(close !== undefined && close.reason !== "" && { closing: failureOf(400, close.reason) }),
  };
}

/** What a golden file keeps of it: enough to be looked over line by line. */
export function summaryOf({ made, frames, closing }: Replayed): Record<string, unknown> {
  return {
    ...summaryOfMade(made),
    ...(frames !== undefined && frames.length > 0 && { frames: summaryOfEntries(frames) }),
    ...(closing !== undefined && { closing: summaryOfFailure(closing) }),
  };
}

function summaryOfMade(made: Made): Record<string, unknown> {
  switch (made.as) {
    case "lines":
      return { as: made.as, ...summaryOfEntries(made.entries) };
    case "series":
      return {
        as: made.as,
        series: made.series.map(({ labels, points }) => {
          const values = points.map(([at, value]) => `${at}: ${value}`);
          const some = values.length > 3 ? [...values.slice(0, 1), "…", ...values.slice(-1)] : values;
          return `${written(labels)} ${points.length} points ${some.join(", ")}`.trim();
        }),
      };
    case "names":
      return { as: made.as, names: made.names };
    case "streams":
      return { as: made.as, streams: made.streams.map((matchers) => `{${matchers.join(", ")}}`) };
    case "settings":
      return { as: made.as, settings: made.settings };
    case "unasked":
      return { as: made.as, keys: Object.keys(made.answer as object) };
    case "failure":
      return { as: made.as, tries: made.tries, ...summaryOfFailure(made.failure) };
  }
}

function summaryOfEntries(entries: readonly Entry[]): Record<string, unknown> {
  const times = entries.map(({ atNs }) => atNs).sort((a, b) => (a < b ? -1 : Number(a > b)));
  const names = (of: (entry: Entry) => Labels) => [
    ...new Set(entries.flatMap((one) => Object.keys(of(one)))),
  ];
  const metadata = names((entry) => entry.metadata);
  return {
    entries: entries.length,
    ...(entries.length > 0 && {
      firstNs: String(times[0]),
      lastNs: String(times.at(-1)),
      chars: entries.reduce((sum, { text }) => sum + text.length, 0),
      labels: names((entry) => entry.labels)
        .sort()
        .join(" "),
    }),
    ...(metadata.length > 0 && { metadata: metadata.sort().join(" ") }),
  };
}

function summaryOfFailure(failure: LokiFailure): Record<string, unknown> {
  const may = [1, 2].map((tries) => failure.mayPass(tries));
  return {
    kind: failure.kind,
    again: may[1] ? "may pass" : may[0] ? "once more" : "no",
    ...(failure.narrowerHelps && { narrowerHelps: true }),
    sentence: failure.toUserError().message,
  };
}

function written(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}
