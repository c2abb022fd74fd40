/**
 * What a minute's scan costs with many tenants: `npm run --silent bench:scale -- [--tenants N] [--services N] [--instances N]`,
 * against a Loki that only counts, in a process of its own, and a real PostgreSQL. Each instance is a process. Prints a table and
 * as its last line {"tickMs","lokiQueriesPerTick","cpuMsPerTenant","rssMb"}: the median of the ticks, memory of all instances.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDatabase } from "../src/database.ts";
import { createLog } from "../src/log.ts";
import { createDirectory } from "../src/tenancy/directory.ts";
import { createTestDatabase } from "../test/support/postgres.ts";
import { type DatabaseWork, databaseWork } from "./scaleDatabase.ts";
import type { Ticked } from "./scaleInstance.ts";

const { values } = parseArgs({
  options: {
    tenants: { type: "string", default: "1000" },
    services: { type: "string", default: "50" },
    instances: { type: "string", default: "1" },
  },
});
const tenants = Number(values.tenants);
const services = Number(values.services);
const MINUTE_MS = 60_000;
const TICKS = 5;

const children: ChildProcess[] = [];
const database = await createTestDatabase();
try {
  const address = await serve();
  const pools = openDatabase({ url: database.url, log: createLog("silent"), maxConnections: 2 });
  const directory = createDirectory(pools);
  for (let at = 0; at < tenants; at++)
    await directory.connect({
      ...{ platform: "bench", externalId: `team-${at}`, workspaceName: `team-${at}`, lokiOrgId: `org-${at}` },
    });
  const instances = await Promise.all(
    Array.from({ length: Number(values.instances) }, () => startInstance(address)),
  );
  let nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  console.log(`${tenants} tenants with ${services} services each, ${instances.length} instances`);
  console.log(`learning the first hour    ${row(await measure(address, instances, nowMs))}`);
  const before = await databaseWork(database.url);
  const ticks: Measured[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    nowMs += MINUTE_MS;
    ticks.push(await measure(address, instances, nowMs));
    console.log(`tick ${tick + 1}                     ${row(ticks.at(-1) as Measured)}`);
  }
  const after = await databaseWork(database.url);
  const rssMb = ticks.at(-1)?.rssMb ?? 0;
  console.log(
    `memory                     ${Math.round(rssMb)} MB, ${((rssMb * 1_024) / tenants / services).toFixed(0)} KB a service`,
  );
  console.log(`database, each tick        ${workOf(before, after)}`);
  const due = await directory.tenantsToScan(
    { dueMs: nowMs - MINUTE_MS, nowMs, owner: crypto.randomUUID(), failing: false },
    10,
  );
  if (due.length > 0) throw new Error(`${due.length} tenants were not scanned`);
  console.log(
    JSON.stringify({
      tickMs: Math.round(median(ticks.map(({ ms }) => ms))),
      lokiQueriesPerTick: median(ticks.map(({ queries }) => queries)),
      cpuMsPerTenant: Number((median(ticks.map(({ cpuMs }) => cpuMs)) / tenants).toFixed(2)),
      rssMb: Math.round(rssMb),
    }),
  );
  await pools.close();
} finally {
  for (const child of children) {
    child.stdin?.end();
    child.kill("SIGTERM");
  }
  await database.drop();
}

interface Measured extends Ticked {
  queries: number;
}

type Instance = (nowMs: number) => Promise<Ticked>;

/** All at once, as their schedules have it; a tick is over when the last of them is done. */
async function measure(address: string, instances: readonly Instance[], nowMs: number): Promise<Measured> {
  const before = await askedOf(address);
  const ticked = await Promise.all(instances.map((tick) => tick(nowMs)));
  const sum = (of: (one: Ticked) => number) => ticked.reduce((total, one) => total + of(one), 0);
  return {
    ms: Math.max(...ticked.map(({ ms }) => ms)),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    rssMb: sum(({ rssMb }) => rssMb),
    queries: (await askedOf(address)) - before,
  };
}

async function askedOf(address: string): Promise<number> {
  return ((await (await fetch(`${address}/asked`)).json()) as { asked: number }).asked;
}

function row({ ms, cpuMs, queries }: Measured): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s, ${(cpuMs / 1_000).toFixed(1)} s of a core, ${queries} queries`;
}

function workOf(before: DatabaseWork, after: DatabaseWork): string {
  const each = (of: keyof DatabaseWork) => (after[of] - before[of]) / TICKS;
  const perTenant = (of: keyof DatabaseWork) => (each(of) / tenants).toFixed(1);
  return [
    `${perTenant("transactions")} transactions, ${perTenant("rowsRead")} rows read, ${perTenant("rowsWritten")} written a tenant;`,
    `${(each("walBytes") / 2 ** 20).toFixed(1)} MB of WAL; ${(after.tableBytes / 2 ** 20).toFixed(0)} MB of tables;`,
    `${after.connections} connections`,
  ].join(" ");
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function startInstance(address: string): Promise<Instance> {
  const { child, next } = start("scaleScanner.ts", [database.url, address]);
  await next();
  return async (nowMs) => {
    child.stdin?.write(`${nowMs}\n`);
    return JSON.parse(await next()) as Ticked;
  };
}

async function serve(): Promise<string> {
  return start("scaleServer.ts", [String(services)]).next();
}

/** A process, and what waits for its next line. */
function start(file: string, args: readonly string[]): { child: ChildProcess; next(): Promise<string> } {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--max-old-space-size=8000", "--import", "tsx", path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, "exit").then(([code]) => {
    throw new Error(`${file} ended with ${code}`);
  });
  gone.catch(() => undefined);
  return {
    child,
    async next() {
      const { value, done } = await Promise.race([lines.next(), gone]);
      if (done) throw new Error(`${file} said nothing more`);
      return value;
    },
  };
}
