/**
 * How fast a line becomes a fingerprint, beside JSON.parse of Loki's answer with the same lines, on one thread; then what
 * threads gain. `npm run --silent bench:lines -- [--lines N] [--data DIR]`. Every line is made for this run, none comes
 * twice; of DIR's `*.ndjson` the `content` of each line is measured as well. Prints a table and, as its last line,
 * {"fingerprintLinesPerSecond","pipelineLinesPerSecond","jsonParseLinesPerSecond","ratios","rssGrowthMb"} of the lines made.
 */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { fingerprintOf } from "../src/clusters/fingerprint.ts";
import { saidBy } from "../src/clusters/message.ts";
import { ndjsonFiles, readNdjson } from "./data.ts";
import { addUp, measure, newTimes, perSecond, type Times } from "./lineTimes.ts";
import { measureThreads } from "./threads.ts";
import { createLineMaker, LINE_SETS, type LineSet } from "./variedLines.ts";

const { values } = parseArgs({
  options: { lines: { type: "string", default: "500000" }, data: { type: "string" } },
});
const wanted = Number(values.lines);
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  console.error("--lines is how many lines to read, a whole number. Try --lines 500000.");
  process.exit(2);
}

/** As many as one answer of Loki's has. */
const CHUNK = 5_000;
/** What V8 needs to compile the code, and the heap to find its size, is not of the lines. */
const WARM_UP_CHUNKS = 20;
const THREAD_LINES = 100_000;

const makeLine = createLineMaker(1);
const sets = Object.keys(LINE_SETS) as LineSet[];
const times = new Map<string, Times>();
let worstLineMs = 0;

for (let i = 0; i < WARM_UP_CHUNKS; i++) readChunk(CHUNK);
times.clear();
const rssBefore = process.memoryUsage.rss();
for (let lines = 0; lines < wanted; ) lines += readChunk(Math.min(CHUNK, wanted - lines));
const rssGrowthMb = Math.max(0, Math.round((process.memoryUsage.rss() - rssBefore) / 1_048_576));
const all = addUp([...times.values()]);

console.log(
  `${all.lines.toLocaleString("en")} lines, in thousands a second, and all three as a part of JSON.parse`,
);
console.log("lines         chars  JSON.parse  extract   redact  fingerprint  all three   part");
for (const [name, each] of times) printRow(name, each);
printRow("all", all);
if (values.data !== undefined) printData(values.data);
for (let i = 0; i < 20_000; i++) noteSlowest(makeLine(sets[i % sets.length] as LineSet));
console.log(`slowest line ${worstLineMs.toFixed(1)} ms; memory grew by ${rssGrowthMb} MB`);
const mixed = Array.from({ length: THREAD_LINES }, (_, i) => makeLine(sets[i % sets.length] as LineSet));
for (const line of await measureThreads(mixed, availableParallelism())) console.log(line);
console.log(
  JSON.stringify({
    fingerprintLinesPerSecond: perSecond(all, "fingerprint"),
    pipelineLinesPerSecond: perSecond(all, "pipeline"),
    jsonParseLinesPerSecond: perSecond(all, "json"),
    ratios: { fingerprint: partOf(all, "fingerprint"), pipeline: partOf(all, "pipeline") },
    rssGrowthMb,
  }),
);

/** @returns how many lines were read */
function readChunk(size: number): number {
  let read = 0;
  for (const set of sets) {
    const lines = Array.from({ length: Math.ceil((size * LINE_SETS[set]) / 100) }, () => makeLine(set));
    measure(timesOf(set), lines);
    read += lines.length;
  }
  return read;
}

function timesOf(name: string): Times {
  const known = times.get(name) ?? newTimes();
  times.set(name, known);
  return known;
}

/** The same data again and again: what they cost is not what they were remembered for, since nothing of a line is. */
function printData(data: string): void {
  const files = ndjsonFiles(data);
  const measured = files.map((file) => {
    const lines = readNdjson<{ content: string }>(file).map(({ content }) => content);
    for (let i = 0; i < 5; i++) measure(newTimes(), lines);
    const each = newTimes();
    for (let i = 0; i < 10; i++) measure(each, lines);
    printRow(basename(file, ".ndjson"), each);
    return each;
  });
  printRow("all of them", addUp(measured));
}

function noteSlowest(line: string): void {
  const startMs = performance.now();
  fingerprintOf(saidBy(line));
  worstLineMs = Math.max(worstLineMs, performance.now() - startMs);
}

function printRow(name: string, each: Times): void {
  const thousands = (step: Parameters<typeof perSecond>[1], width: number) =>
    Math.round(perSecond(each, step) / 1_000)
      .toLocaleString("en")
      .padStart(width);
  const chars = String(Math.round(each.characters / each.lines)).padStart(5);
  console.log(
    `${name.padEnd(13)} ${chars} ${thousands("json", 11)} ${thousands("extraction", 8)} ${thousands("redaction", 8)} ${thousands("fingerprint", 12)} ${thousands("pipeline", 10)} ${partOf(each, "pipeline").toFixed(3).padStart(6)}`,
  );
}

function partOf(each: Times, step: Parameters<typeof perSecond>[1]): number {
  return Number((each.spentMs.json / each.spentMs[step]).toFixed(4));
}
