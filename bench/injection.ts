/**
 * Whether a log line can make LogHunter do or say what it wants: `npm run --silent bench:injection -- --data FILE [--out FILE]`.
 * Each line is put into an otherwise ordinary incident, which then goes the whole way, from a typed command over evidence, prompt,
 * answer and database to the messages of each platform, once answered by the built-in analyzer and several times by a double of a
 * model that does what the line asks. Nobody outside is asked. Prints a table, and as its last line {"passed","failed":[ids]}.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { dataArguments } from "./data.ts";
import { type Failed, failedChecks } from "./injection/checks.ts";
import { VARIANTS } from "./injection/compliant.ts";
import { readHostile } from "./injection/hostile.ts";
import { openRunner } from "./injection/run.ts";
import { tableOf } from "./injection/table.ts";

const { data, out } = dataArguments("docs/benchmarks.md tells the form of such a file.");
const cases = readHostile(data);
if (cases.length === 0) {
  console.error(`No lines in ${data}.`);
  process.exit(2);
}
if (out !== undefined) writeFileSync(out, "");
const runner = await openRunner();
const failed: Failed[] = [];
try {
  for (const hostile of cases) {
    for (const variant of [undefined, ...VARIANTS]) {
      const row = await runner.run(hostile, variant);
      failed.push(...failedChecks(hostile, row));
      if (out !== undefined) appendFileSync(out, `${JSON.stringify(row)}\n`);
    }
  }
} finally {
  await runner.close();
}
const ids = new Set(failed.map(({ id }) => id));
console.log(tableOf(cases, failed));
console.log(JSON.stringify({ passed: cases.length - ids.size, failed: [...ids] }));
// The test database's server is shared and outlives its clients.
process.exit(ids.size === 0 ? 0 : 1);
