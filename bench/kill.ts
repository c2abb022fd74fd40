/**
 * Kills LogHunter while it alerts: `npm run --silent bench:kill -- [--kills N] [--seed N] [--no-history]`. Two instances with
 * the real SDKs, on a PostgreSQL and a Redis of their own, alert a Slack and a Discord on this machine that lose answers.
 * One of the two is killed with -9 at every named step of a scan and of a delivery, then at N random moments; answers are
 * lost for a while, Redis is flushed, PostgreSQL is stopped and killed. Then everything comes to rest, and what stands on the
 * platforms is held against the database. Ends with 1 where a message is lost, doubled or shows another state than the last.
 * With --no-history Slack's bot may not read its channels: then none may be lost, and what is doubled is counted only.
 */
import { parseArgs } from "node:util";
import { runKillTest } from "./kill/run.ts";
import { sumOf, tableOf } from "./kill/table.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    "no-history": { type: "boolean", default: false },
  },
});
const history = !values["no-history"];
const { phases, missed, ended, complaints } = await runKillTest({
  kills: Number(values.kills),
  seed: Number(values.seed),
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
console.log(JSON.stringify({ kills, episodes, messages, lost, doubled, wrongState, wrongNotified, ended }));
const bad = lost + wrongState + wrongNotified + missed.length + ended + (history ? doubled : 0);
process.exitCode = bad > 0 || episodes === 0 ? 1 : 0;
