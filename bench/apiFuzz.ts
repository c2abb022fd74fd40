/**
 * Asks every route of the API what nobody should ask: requests made from the document it serves, valid, nearly valid and broken.
 * `npm run --silent bench:api-fuzz -- [--requests N] [--seed N]`. Prints a table, what was answered otherwise than the document
 * says, and as its last line {"requests","seed","faults","slowestMs"}; ends with 1 where there is a fault.
 */
import { parseArgs } from "node:util";
import { type RouteRow, runFuzz } from "./apiFuzz/run.ts";
import { openFuzzStage } from "./apiFuzz/stage.ts";

const { values } = parseArgs({
  options: { requests: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const requests = Number(values.requests);
const seed = Number(values.seed);
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed) || seed < 1) {
  console.error("--requests and --seed are whole numbers from 1. Try --requests 10000 --seed 1.");
  process.exit(2);
}
const MOST_SHOWN = 30;

const { errors, close, ...stage } = await openFuzzStage();
try {
  const { rows, faults } = await runFuzz({ ...stage, requests, seed });
  console.log(`${"route".padEnd(38)} requests  slowest  statuses`);
  for (const row of rows) console.log(lineOf(row));
  const all = [...faults, ...errors()];
  for (const fault of all.slice(0, MOST_SHOWN)) console.log(fault);
  const slowestMs = Math.round(Math.max(...rows.map((row) => row.slowestMs)));
  console.log(JSON.stringify({ requests, seed, faults: all.length, slowestMs }));
  process.exitCode = all.length === 0 ? 0 : 1;
} finally {
  await close();
}

function lineOf({ route, requests: count, slowestMs, statuses }: RouteRow): string {
  const told = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status || "none"} × ${times}`);
  return `${route.padEnd(38)} ${String(count).padStart(8)}  ${`${Math.round(slowestMs)} ms`.padStart(7)}  ${told.join(", ")}`;
}
