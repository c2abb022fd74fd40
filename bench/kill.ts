/**
 * Kills LogHunter while it alerts: `npm run --silent bench:delivery -- [--kills N] [--instances N] [--seed N] [--no-history] [--out FILE]`. Two instances (or
 * N) with the real SDKs, on a PostgreSQL and a Redis of their own, alert a Slack and a Discord on this machine that lose answers.
 * One of them is killed with -9 at every named step of a scan and of a delivery, then at N random moments; answers are
 * lost for a while, Redis is flushed, PostgreSQL is stopped and killed. Then everything comes to rest, and what stands on the
 * platforms is held against the database. Ends with 1 where a message is lost, doubled or shows another state than the last.
 * With --no-history Slack's bot may not read its channels: then none may be lost, and what is doubled is counted only.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runKillTest } from "./kill/run.ts";
import { sumOf, tableOf } from "./kill/table.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    instances: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
    "no-history": { type: "boolean", default: false },
  },
});
const instances = Number(values.instances);
if (!Number.isInteger(instances) || instances < 2) {
  console.error("With --instances below 2 nobody goes on while one is killed. Give 2 or more.");
  process.exit(2);
}
const startedMs = performance.now();
const history = !values["no-history"];
const { phases, missed, ended, complaints } = await runKillTest({
  kills: Number(values.kills),
  seed: Number(values.seed),
  instances,
  history,
  scale: "long",
  interrupted: new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  }),
  say: (what) => process.stderr.write(`${what}\n`),
});
const sum = sumOf(phases);
console.log(tableOf([...phases, sum]));
for (const { name, troubles } of phases) for (const trouble of troubles) console.log(`${name}: ${trouble}`);
for (const complaint of new Set(complaints)) console.log(`against a platform's rules: ${complaint}`);
for (const point of missed) console.log(`nobody came to "${point}"`);
if (ended > 0) console.log(`${ended} instances ended by themselves`);
const { kills, episodes, messages, lost, doubled, wrongState, wrongNotified } = sum;
const seconds = (performance.now() - startedMs) / 1_000;
const deliveriesPerSecond = Math.round((100 * messages) / seconds) / 100;
if (values.out !== undefined)
  writeFileSync(values.out, `${phases.map((phase) => JSON.stringify(phase)).join("\n")}\n`);
console.log(
  JSON.stringify({
    ...{ kills, episodes, messages, lost, doubled, wrongState, wrongNotified, ended, deliveriesPerSecond },
  }),
);
const bad = lost + wrongState + wrongNotified + missed.length + ended + (history ? doubled : 0);
process.exitCode = bad > 0 || episodes === 0 ? 1 : 0;
