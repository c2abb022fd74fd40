/**
 * What measuring costs: how much processor the API takes for a read with a key, of a process that counts all it does beside one that counts
 * nothing, by turns, so that what else the machine does meets both. Prints a table and as its last line
 * {"readUs","measuredReadUs","overheadPercent","dataOverheadPercent"}.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { quantile } from "./api/asking.ts";
import { readRate } from "./api/sockets.ts";

const ROUNDS = Number(process.argv[2] ?? 25);
const ROUND_MS = 1_000;
const AT_ONCE = 16;

interface Server {
  child: ChildProcess;
  url: string;
  key: string;
}

const servers = await Promise.all([start("unmeasured"), start("measured")]);
try {
  const read = await compare("/key");
  const data = await compare("/anomalies");
  console.log(
    `a read with a key     ${read.plain.toFixed(1)} µs, measured ${read.measured.toFixed(1)} µs: ${read.percent.toFixed(1)} % more`,
  );
  console.log(
    `a page of anomalies   ${data.plain.toFixed(1)} µs, measured ${data.measured.toFixed(1)} µs: ${data.percent.toFixed(1)} % more`,
  );
  console.log(
    JSON.stringify({
      readUs: Number(read.plain.toFixed(1)),
      measuredReadUs: Number(read.measured.toFixed(1)),
      overheadPercent: Number(read.percent.toFixed(2)),
      dataOverheadPercent: Number(data.percent.toFixed(2)),
    }),
  );
} finally {
  for (const { child } of servers) {
    child.send("end");
    await once(child, "exit");
  }
}

async function start(variant: string): Promise<Server> {
  const child = fork(fileURLToPath(new URL("telemetryServer.ts", import.meta.url)), [variant], {
    execArgv: ["--import", "tsx"],
  });
  const [told] = (await once(child, "message")) as [{ url: string; key: string }];
  return { child, ...told };
}

/** The quickest fifth of the rounds of each: what disturbs one only makes it longer. */
async function compare(path: string) {
  const us: [number[], number[]] = [[], []];
  for (const server of servers) await usOf(server, path);
  for (let round = 0; round < ROUNDS; round++)
    for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
      us[at].push(await usOf(servers[at] as Server, path));
  const [plain, measured] = us.map((each) => quantile(each, 0.2)) as [number, number];
  return { plain, measured, percent: 100 * (measured / plain - 1) };
}

/** Microseconds of the server's processor for one read. */
async function usOf({ child, url, key }: Server, path: string): Promise<number> {
  const fromUs = await cpuUs(child);
  const perSecond = await readRate(url, path, ROUND_MS, AT_ONCE, key);
  return ((await cpuUs(child)) - fromUs) / ((perSecond * ROUND_MS) / 1_000);
}

async function cpuUs(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [told] = (await once(child, "message")) as [{ cpuUs: number }];
  return told.cpuUs;
}
