/**
 * Sends random and hostile strings the way that a line goes. `npm run --silent bench:fuzz -- [--strings N] [--seed N]`.
 * Ends with 1 and the strings where anything throws, takes more than 20 ms, is not the same the second time, or changes
 * when it is redacted again; else with {"strings","longStrings","slowestMs"}.
 */
import { parseArgs } from "node:util";
import { createHostileStrings } from "./hostileStrings.ts";
import { faultOf, LIMIT_MS, slowestStep } from "./lineFaults.ts";

const { values } = parseArgs({
  options: { strings: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const wanted = Number(values.strings);
const seed = Number(values.seed);
if (!Number.isSafeInteger(wanted) || wanted < 1 || !Number.isSafeInteger(seed) || seed < 1) {
  console.error("--strings and --seed are whole numbers from 1. Try --strings 1000000 --seed 1.");
  process.exit(2);
}

const MEGABYTE = 1_000_000;
/** So many strings, and one of a megabyte. */
const EACH_LONG = 2_000;
const MOST_SHOWN = 20;

const hostile = createHostileStrings(seed);
const faults: string[] = [];
let slowestMs = 0;
let longStrings = 0;

// What is compiled once is not of the strings.
for (let i = 0; i < 20_000; i++) slowestStep(hostile.next());
for (let i = 0; i < 200; i++) slowestStep(hostile.long(16_384));
for (let i = 1; i <= wanted && faults.length < MOST_SHOWN; i++) {
  check(hostile.next());
  if (i % EACH_LONG === 0) {
    longStrings++;
    check(hostile.long(MEGABYTE));
  }
}
for (const fault of faults) console.log(fault);
console.log(
  JSON.stringify({ strings: wanted + longStrings, longStrings, slowestMs: Number(slowestMs.toFixed(1)) }),
);
process.exitCode = faults.length === 0 ? 0 : 1;

function check(text: string): void {
  const fault = faultOf(text);
  if (fault !== undefined)
    faults.push(`${fault}: ${JSON.stringify(text.slice(0, 300))} (${text.length} characters)`);
  slowestMs = Math.max(slowestMs, quickest(text));
}

/** A slow one is tried again: other work on the machine is not the string's. */
function quickest(text: string): number {
  let best = slowestStep(text);
  for (let i = 0; i < 5 && best.ms > LIMIT_MS; i++) {
    const again = slowestStep(text);
    if (again.ms < best.ms) best = again;
  }
  if (best.ms > LIMIT_MS) {
    faults.push(
      `${best.name} takes ${best.ms.toFixed(1)} ms: ${JSON.stringify(text.slice(0, 100))} (${text.length} characters)`,
    );
  }
  return best.ms;
}
