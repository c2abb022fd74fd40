/**
 * What LogHunter adds to what Loki itself costs, against a stand-in Loki in a process of its own: reading, clustering
 * and redacting 50,000 error lines of 50 services over 24 hours, beside the very same requests with fetch and
 * JSON.parse alone. Prints a table and, as its last line,
 * {"overheadRatio","rssGrowthMb","queriesForRates","linesPerSecond"}.
 *
 * The stand-in is paced at 31,000 lines a second, which is what a real Loki 3.7 gave on two cores (docs/loki.md); the
 * table has the figures without a pace too, where our own work has nothing to hide behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openLoki } from "../adapters/loki/index.ts";
import type { QueryTrace } from "../adapters/loki/trace.ts";
import { createClusterer } from "../src/clusters/cluster.ts";
import { createFingerprintPool } from "../src/clusters/fingerprintPool.ts";
import { createLog } from "../src/log.ts";
import { createRedaction } from "../src/logs/redaction.ts";
import { ERROR_LEVELS } from "../src/logs/source.ts";

const LINES = 50_000;
const MANY_LINES = 1_000_000;
const SERVICES = 50;
const LOKI_LINES_PER_SECOND = 31_000;
const ROUNDS = 3;
const HOUR_MS = 3_600_000;
const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const range = { fromMs: endMs - 24 * HOUR_MS, toMs: endMs };
const children: ChildProcess[] = [];

try {
  const paced = await compare(await serve(LINES, LOKI_LINES_PER_SECOND));
  const unpaced = await compare(await serve(LINES, 0));
  const many = await readMany(await serve(MANY_LINES, 0));
  const queriesForRates = await countQueries(await serve(LINES, 0));

  console.log("50,000 lines             raw ms  ours ms  ratio");
  console.log(
    `at Loki's measured pace  ${cell(paced.rawMs)}  ${cell(paced.oursMs)}   ${paced.ratio.toFixed(2)}`,
  );
  console.log(
    `without a pace           ${cell(unpaced.rawMs)}  ${cell(unpaced.oursMs)}   ${unpaced.ratio.toFixed(2)}`,
  );
  console.log(
    `1,000,000 lines read     ${Math.round(many.linesPerSecond).toLocaleString("en")} a second, memory grew by ${many.rssGrowthMb} MB`,
  );
  console.log(`rates of ${SERVICES} services     ${queriesForRates} query`);
  console.log(
    JSON.stringify({
      overheadRatio: Number(paced.ratio.toFixed(3)),
      rssGrowthMb: many.rssGrowthMb,
      queriesForRates,
      linesPerSecond: Math.round(LINES / (paced.oursMs / 1_000)),
    }),
  );
} finally {
  for (const child of children) child.kill("SIGTERM");
}

function cell(ms: number): string {
  return String(Math.round(ms)).padStart(6);
}

async function serve(lines: number, linesPerSecond: number): Promise<string> {
  const script = fileURLToPath(new URL("lokiServer.ts", import.meta.url));
  const args = [script, lines, SERVICES, linesPerSecond, endMs].map(String);
  const child = spawn(process.execPath, ["--max-old-space-size=6000", "--import", "tsx", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("close", () => reject(new Error("the stand-in Loki ended before it was ready")));
  });
}

function open(url: string, traces: QueryTrace[] = []) {
  return openLoki({
    connection: { url },
    cacheOf: async () => undefined,
    log: createLog("silent"),
    now: () => endMs,
    trace: (trace) => traces.push(trace),
  });
}

/** The median of some rounds, ours and raw in turn, so that both meet the same noise. */
async function compare(url: string): Promise<{ rawMs: number; oursMs: number; ratio: number }> {
  await ours(url); // warm
  const pairs: { rawMs: number; oursMs: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { ms: oursMs, asked } = await ours(url);
    const rawMs = await raw(url, asked);
    pairs.push({ rawMs, oursMs, ratio: (oursMs - rawMs) / rawMs });
  }
  pairs.sort((a, b) => a.ratio - b.ratio);
  return pairs[Math.floor(pairs.length / 2)] as (typeof pairs)[number];
}

/** As the program has it: threads are started once. */
const fingerprints = createFingerprintPool();

async function ours(url: string): Promise<{ ms: number; asked: QueryTrace[] }> {
  const traces: QueryTrace[] = [];
  const source = await open(url, traces);
  await source.services("acme", { fromMs: endMs - 1_000, toMs: endMs });
  traces.length = 0;
  const clusterer = createClusterer({ redaction: createRedaction({}), fingerprints });
  const startedMs = performance.now();
  let lines = 0;
  const query = { ...range, levels: ERROR_LEVELS, order: "newest first", limit: LINES } as const;
  await clusterer.addAll(source.lines("acme", query), () => void lines++);
  const ms = performance.now() - startedMs;
  await source.close();
  const samples = clusterer.clusters().filter(({ sample }) => sample !== "");
  if (lines !== LINES || samples.length === 0) throw new Error(`only ${lines} lines came`);
  return { ms, asked: traces };
}

/** The same requests one after the other, as anybody would make them. */
async function raw(url: string, asked: readonly QueryTrace[]): Promise<number> {
  const startedMs = performance.now();
  for (const { path, params } of asked) {
    const answer = await fetch(`${url}${path}?${new URLSearchParams(params)}`, {
      headers: { "x-scope-orgid": "acme", "x-loki-response-encoding-flags": "categorize-labels" },
    });
    JSON.parse(await answer.text());
  }
  return performance.now() - startedMs;
}

/** A million lines through the iterator: what the process grows by. */
async function readMany(url: string): Promise<{ linesPerSecond: number; rssGrowthMb: number }> {
  const source = await open(url);
  await source.services("acme", { fromMs: endMs - 1_000, toMs: endMs });
  const beforeMb = process.memoryUsage.rss() / 2 ** 20;
  let mostMb = beforeMb;
  let lines = 0;
  const startedMs = performance.now();
  for await (const _line of source.lines("acme", { ...range, order: "oldest first", limit: MANY_LINES })) {
    if (++lines % 20_000 === 0) mostMb = Math.max(mostMb, process.memoryUsage.rss() / 2 ** 20);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  await source.close();
  if (lines !== MANY_LINES) throw new Error(`only ${lines} lines came`);
  return { linesPerSecond: lines / seconds, rssGrowthMb: Math.round(mostMb - beforeMb) };
}

async function countQueries(url: string): Promise<number> {
  const traces: QueryTrace[] = [];
  const source = await open(url, traces);
  await source.services("acme", { fromMs: endMs - 1_000, toMs: endMs });
  traces.length = 0;
  const counts = await source.counts("acme", { fromMs: endMs - HOUR_MS, toMs: endMs, stepMs: 60_000 });
  await source.close();
  if (new Set(counts.map(({ service }) => service)).size !== SERVICES)
    throw new Error("a service is missing");
  return traces.length;
}
