/**
 * How well fingerprints group labelled log lines. `npm run --silent bench:clusters -- --data DIR [--out DIR]`, where DIR
 * has `*.ndjson` of `{"content","event"}`. Prints a table and as its last line {"ga","fga","newErrorF1","datasets"}: means
 * over the data sets.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fingerprintOf } from "../src/clusters/fingerprint.ts";
import { saidBy } from "../src/clusters/message.ts";
import { dataArguments, ndjsonFiles, readNdjson } from "./data.ts";
import { grouping, newGroups } from "./grouping.ts";

const { data, out } = dataArguments(
  "Loghub's labelled sets are at https://github.com/logpai/loghub; docs/benchmarks.md tells their form.",
);
const files = ndjsonFiles(data);
if (files.length === 0) {
  console.error(`No *.ndjson in ${data}.`);
  process.exit(2);
}
if (out !== undefined) mkdirSync(out, { recursive: true });

const datasets: Record<string, { ga: number; fga: number; newErrorF1: number }> = {};
console.log(`${"data set".padEnd(16)}  lines  events  groups     GA    FGA  new-error F1`);
for (const file of files) {
  const name = basename(file, ".ndjson");
  const contents = readNdjson<{ content: string }>(file).map(({ content }) => content);
  const groups = contents.map((content) => fingerprintOf(saidBy(content)));
  if (out !== undefined) writeFileSync(join(out, `${name}.predictions.txt`), `${groups.join("\n")}\n`);
  // Only now are the labels looked at.
  const events = readNdjson<{ event: string }>(file).map(({ event }) => String(event));
  const { ga, fga } = grouping(events, groups);
  const { f1 } = newGroups(events, groups);
  datasets[name] = { ga: rounded(ga), fga: rounded(fga), newErrorF1: rounded(f1) };
  console.log(
    `${name.padEnd(16)} ${cell(events.length, 6)} ${cell(new Set(events).size, 7)} ${cell(new Set(groups).size, 7)}  ${figure(ga)}  ${figure(fga)}         ${figure(f1)}`,
  );
}
const ga = mean((each) => each.ga);
const fga = mean((each) => each.fga);
const newErrorF1 = mean((each) => each.newErrorF1);
console.log(`${"mean".padEnd(40)}  ${figure(ga)}  ${figure(fga)}         ${figure(newErrorF1)}`);
console.log(
  JSON.stringify({ ga: rounded(ga), fga: rounded(fga), newErrorF1: rounded(newErrorF1), datasets }),
);

function mean(of: (each: { ga: number; fga: number; newErrorF1: number }) => number): number {
  const values = Object.values(datasets).map(of);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

function figure(value: number): string {
  return value.toFixed(3);
}

function cell(value: number, width: number): string {
  return value.toLocaleString("en").padStart(width);
}
