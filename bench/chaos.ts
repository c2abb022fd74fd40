/**
 * Takes away what LogHunter needs: `npm run --silent chaos -- [--minutes N] [--only postgres,slack] [--pairs] [--log FILE]`. PostgreSQL, Redis,
 * Loki, the model, Slack and Discord are each slow, down, flapping and full, one at a time, with --pairs two at a time, while
 * people ask and press, a program uses the API, and services go wrong. Then everything is healed, and it is waited until nothing
 * is owed. Prints a table and as its last line {"cases","lost","doubled","crashes","recoverySecondsP95"}; ends with 1 where
 * something was lost, doubled or answered with nothing that a person understands, or a process ended.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runChaos } from "./chaos/run.ts";
import { DEPENDENCIES } from "./chaos/stage.ts";
import { badOf, doubledOf, lostOf, tableOf } from "./chaos/table.ts";
import { allPairs, allTroubles } from "./chaos/troubles.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    log: { type: "string" },
    pairs: { type: "boolean", default: false },
  },
});
const only = values.only.split(",").filter((name) => name !== "");
const unknown = only.filter((name) => !(DEPENDENCIES as readonly string[]).includes(name));
const minutes = Number(values.minutes);
if (unknown.length > 0 || !(minutes > 0)) {
  console.error(`--only takes names of ${DEPENDENCIES.join(", ")}; --minutes a number above 0.`);
  process.exit(2);
}
const cases = values.pairs ? allPairs(only) : allTroubles(only).map((trouble) => [trouble]);
const result = await runChaos({
  cases,
  forMs: minutes * 60_000,
  say: (what) => process.stderr.write(`${what}\n`),
  interrupted: new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  }),
});
console.log(tableOf(result.cases));
for (const sentence of result.sentences) console.log(`told: ${sentence}`);
if (values.log !== undefined) writeFileSync(values.log, result.log);
for (const trouble of result.troubles) console.log(`wrong: ${trouble}`);
if (result.left > 0) console.log(`${result.left} cases had no time: --minutes gives them more`);
const sum = (of: (one: (typeof result.cases)[number]) => number) =>
  result.cases.reduce((total, one) => total + of(one), 0);
const times = result.cases
  .map(({ recoveredAfterMs }) => recoveredAfterMs ?? Number.POSITIVE_INFINITY)
  .sort((a, b) => a - b);
const p95 = times[Math.ceil(times.length * 0.95) - 1] ?? 0;
const lost = sum(lostOf);
const doubled = sum(doubledOf);
console.log(
  JSON.stringify({
    ...{ cases: result.cases.length, lost, doubled, crashes: result.crashes },
    recoverySecondsP95: Math.round(p95 / 100) / 10,
  }),
);
const bad = lost + doubled + result.crashes + sum(badOf) + result.troubles.length;
process.exitCode = bad > 0 || !Number.isFinite(p95) || result.cases.length === 0 ? 1 : 0;
