/**
 * How fast a line becomes a fingerprint, beside JSON.parse of Loki's answer with the same lines, on one thread.
 * `npm run --silent bench:lines -- [--lines N]`. Every line is made for this run, none comes twice. Prints a table and, as
 * its last line, {"fingerprintLinesPerSecond","pipelineLinesPerSecond","jsonParseLinesPerSecond","ratios","rssGrowthMb"}.
 */
import { parseArgs } from "node:util";
import { fingerprintOf } from "../src/clusters/fingerprint.ts";
import { clusterText, saidBy } from "../src/clusters/message.ts";
import { tellLine } from "../src/logs/parse.ts";
import { redact } from "../src/logs/redaction.ts";
import { createLineMaker } from "./variedLines.ts";

const { values } = parseArgs({ options: { lines: { type: "string", default: "500000" } } });
const wanted = Number(values.lines);
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  console.error(`--lines is how many lines to read, a whole number. Try --lines 500000.`);
  process.exit(2);
}

/** As many as one answer of Loki's has. */
const CHUNK = 5_000;
/** What V8 needs to compile the code, and the heap to find its size, is not of the lines. */
const WARM_UP_CHUNKS = 20;

const STEPS = ["JSON.parse", "extraction", "redaction", "fingerprint", "pipeline"] as const;
const spentMs: Record<(typeof STEPS)[number], number> = {
  "JSON.parse": 0,
  extraction: 0,
  redaction: 0,
  fingerprint: 0,
  pipeline: 0,
};
const makeLine = createLineMaker(1);
const kinds = new Set<string>();
let characters = 0;
let lines = 0;
let worstLineMs = 0;

for (let i = 0; i < WARM_UP_CHUNKS; i++) readChunk(CHUNK);
reset();
const rssBefore = process.memoryUsage.rss();
while (lines < wanted) readChunk(Math.min(CHUNK, wanted - lines));
const rssGrowthMb = Math.max(0, Math.round((process.memoryUsage.rss() - rssBefore) / 1_048_576));

console.log(
  `${lines.toLocaleString("en")} lines of ${Math.round(characters / lines)} characters, ${kinds.size} kinds`,
);
console.log(`${"".padEnd(12)}  lines a second   of JSON.parse`);
for (const step of STEPS) {
  const share = spentMs["JSON.parse"] / spentMs[step];
  console.log(
    `${step.padEnd(12)}  ${perSecond(step).toLocaleString("en").padStart(14)}   ${share.toFixed(3).padStart(13)}`,
  );
}
console.log(`slowest line in the pipeline ${worstLineMs.toFixed(1)} ms; memory grew by ${rssGrowthMb} MB`);
console.log(
  JSON.stringify({
    fingerprintLinesPerSecond: perSecond("fingerprint"),
    pipelineLinesPerSecond: perSecond("pipeline"),
    jsonParseLinesPerSecond: perSecond("JSON.parse"),
    ratios: {
      fingerprint: Number((spentMs["JSON.parse"] / spentMs.fingerprint).toFixed(4)),
      pipeline: Number((spentMs["JSON.parse"] / spentMs.pipeline).toFixed(4)),
    },
    rssGrowthMb,
  }),
);

/** Each step in turn over the same lines, so that all meet the same machine. */
function readChunk(size: number): void {
  const values = Array.from({ length: size }, () => [`${Date.now()}000000`, makeLine()]);
  const answer = JSON.stringify({
    status: "success",
    data: { resultType: "streams", result: [{ stream: { service_name: "checkout" }, values }] },
  });
  const parsed = timed("JSON.parse", () => JSON.parse(answer) as LokiAnswer);
  const entries = parsed.data.result.flatMap((stream) => stream.values.map(([, line]) => line));
  const texts = timed("extraction", () => entries.map((line) => clusterText(tellLine(line))));
  const redacted = timed("redaction", () => texts.map(redact));
  const prints = timed("fingerprint", () => redacted.map(fingerprintOf));
  timed("pipeline", () => {
    for (const line of entries) {
      const startMs = performance.now();
      fingerprintOf(saidBy(line));
      worstLineMs = Math.max(worstLineMs, performance.now() - startMs);
    }
  });
  for (const print of prints) kinds.add(print);
  for (const line of entries) characters += line.length;
  lines += size;
}

interface LokiAnswer {
  data: { result: { values: [atNs: string, line: string][] }[] };
}

function timed<T>(step: (typeof STEPS)[number], work: () => T): T {
  const startMs = performance.now();
  const result = work();
  spentMs[step] += performance.now() - startMs;
  return result;
}

function reset(): void {
  for (const step of STEPS) spentMs[step] = 0;
  lines = 0;
  characters = 0;
  worstLineMs = 0;
}

function perSecond(step: (typeof STEPS)[number]): number {
  return Math.round(lines / (spentMs[step] / 1_000));
}
