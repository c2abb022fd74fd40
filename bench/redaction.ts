/**
 * How many secrets redaction finds, how many benign lines it damages, and how long it takes.
 * `npm run --silent bench:redaction -- --data FILE [--out FILE]`, where FILE is ndjson of `{"line","secret","type"}`, the
 * secret null in a benign line. A secret is found when no 60 % of it in one piece is left. Prints a table, with what was
 * missed or damaged, and as its last line {"recall","benignTouched","worstLineMs","linesPerSecond"}.
 */
import { writeFileSync } from "node:fs";
import { redact } from "../src/logs/redaction.ts";
import { dataArguments, ndjsonFiles, readNdjson } from "./data.ts";

interface Labelled {
  line: string;
  secret: string | null;
  type: string;
}

/** How much of a secret in one piece is as good as all of it. */
const PIECE = 0.6;
/** Long enough for V8 to compile what runs. */
const WARM_UP_ROUNDS = 5;
const SHOWN = 20;
const SLOW_MS = 5;
const TRIES = 5;

const { data, out } = dataArguments("docs/benchmarks.md tells the form of such a file.");
const files = ndjsonFiles(data);
const lines = files.flatMap((file) => readNdjson<{ line: string }>(file).map(({ line }) => line));
if (lines.length === 0) {
  console.error(`No lines in ${data}.`);
  process.exit(2);
}

for (let round = 0; round < WARM_UP_ROUNDS; round++) lines.forEach(redact);
const startMs = performance.now();
const redacted = lines.map(redact);
const seconds = (performance.now() - startMs) / 1_000;
const worstLineMs = lines.reduce((worst, line) => Math.max(worst, quickestMs(line)), 0);
if (out !== undefined) writeFileSync(out, `${redacted.map((line) => JSON.stringify({ line })).join("\n")}\n`);

// Only now are the labels looked at.
const labelled = files.flatMap((file) => readNdjson<Labelled>(file));
const byType = new Map<string, { lines: number; right: number; wrong: string[] }>();
labelled.forEach(({ line, secret, type }, i) => {
  const after = redacted[i] as string;
  const right = secret === null ? after === line : !survives(secret, after);
  const name = secret === null ? "benign" : type;
  const known = byType.get(name) ?? { lines: 0, right: 0, wrong: [] };
  byType.set(name, known);
  known.lines++;
  if (right) known.right++;
  else known.wrong.push(secret === null ? `${line}\n      became ${after}` : line);
});

console.log(`${"type".padEnd(32)}  lines  right`);
for (const [type, { lines: count, right }] of [...byType].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${type.padEnd(32)} ${String(count).padStart(6)} ${String(right).padStart(6)}`);
}
const wrong = [...byType].flatMap(([type, { wrong }]) => wrong.map((line) => `  ${type}: ${line}`));
for (const line of wrong.slice(0, SHOWN)) console.log(line);
if (wrong.length > SHOWN) console.log(`  and ${wrong.length - SHOWN} more`);

const benign = byType.get("benign") ?? { lines: 0, right: 0 };
const secrets = labelled.length - benign.lines;
const found = [...byType.values()].reduce((sum, { right }) => sum + right, 0) - benign.right;
console.log(
  JSON.stringify({
    recall: share(found, secrets, 1),
    benignTouched: share(benign.lines - benign.right, benign.lines, 0),
    worstLineMs: Number(worstLineMs.toFixed(2)),
    linesPerSecond: Math.round(lines.length / seconds),
  }),
);

/** A slow line is tried again: other work on the machine is not the line's. */
function quickestMs(line: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && best > SLOW_MS; i++) {
    const lineStartMs = performance.now();
    redact(line);
    best = Math.min(best, performance.now() - lineStartMs);
  }
  return best;
}

/** Whether a piece of the secret is left that is long enough to be of use. */
function survives(secret: string, after: string): boolean {
  const length = Math.ceil(secret.length * PIECE);
  for (let at = 0; at + length <= secret.length; at++) {
    if (after.includes(secret.slice(at, at + length))) return true;
  }
  return false;
}

function share(part: number, of: number, ofNone: number): number {
  return of === 0 ? ofNone : Number((part / of).toFixed(4));
}
