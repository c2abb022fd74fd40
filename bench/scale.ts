/**
 * What a minute's scan costs with many tenants: `npm run --silent bench:scale -- [--tenants N] [--services N]`, against a
 * Loki that only counts, in a process of its own, and a real PostgreSQL. Prints a table and as its last line
 * {"tickMs","lokiQueriesPerTick","cpuMsPerTenant","rssMb"}: the median of the ticks.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openLoki } from "../adapters/loki/index.ts";
import { createScanner } from "../src/anomalies/scan.ts";
import { createFingerprintPool } from "../src/clusters/fingerprintPool.ts";
import { openDatabase } from "../src/database.ts";
import { createLog } from "../src/log.ts";
import { createDirectory } from "../src/tenancy/directory.ts";
import { createTestDatabase } from "../test/support/postgres.ts";

const { values } = parseArgs({
  options: { tenants: { type: "string", default: "1000" }, services: { type: "string", default: "50" } },
});
const tenants = Number(values.tenants);
const services = Number(values.services);
const MINUTE_MS = 60_000;
const TICKS = 5;
const LEARN_MS = 60 * MINUTE_MS;

let server: ChildProcess | undefined;
const database = await createTestDatabase();
const pools = openDatabase({ url: database.url, log: createLog("silent"), maxConnections: 20 });
const fingerprints = createFingerprintPool({ log: createLog("silent") });
try {
  const address = await serve();
  const directory = createDirectory(pools);
  let nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const logs = await openLoki({
    connection: { url: address },
    cacheOf: async () => undefined,
    log: createLog("silent"),
    now: () => nowMs,
  });
  for (let at = 0; at < tenants; at++)
    await directory.connect({
      platform: "bench",
      externalId: `team-${at}`,
      workspaceName: `team-${at}`,
      lokiOrgId: `org-${at}`,
    });
  const scanner = createScanner({
    directory,
    logs,
    fingerprints,
    announcer: { prepare: async () => async () => undefined, notify: async () => undefined },
    log: createLog("warn"),
    now: () => nowMs,
    owner: randomUUID(),
    lagMs: MINUTE_MS,
    learnMs: LEARN_MS,
  });
  const rssBefore = process.memoryUsage().rss;
  const learnt = await measure(address, () => scanner.tick());
  console.log(`${tenants} tenants with ${services} services each`);
  console.log(`learning the first hour    ${row(learnt)}`);
  const ticks: Measured[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    nowMs += MINUTE_MS;
    ticks.push(await measure(address, () => scanner.tick()));
    console.log(`tick ${tick + 1}                     ${row(ticks.at(-1) as Measured)}`);
  }
  const rssMb = process.memoryUsage().rss / 2 ** 20;
  const perService = (process.memoryUsage().rss - rssBefore) / tenants / services / 1_024;
  console.log(`memory                     ${Math.round(rssMb)} MB, ${perService.toFixed(0)} KB a service`);
  const due = await directory.tenantsToScan(
    { dueMs: nowMs - MINUTE_MS, nowMs, owner: randomUUID(), failing: false },
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
  await scanner.stop();
  await logs.close();
} finally {
  server?.kill("SIGTERM");
  await fingerprints.close();
  await pools.close();
  await database.drop();
}

interface Measured {
  ms: number;
  cpuMs: number;
  queries: number;
}

async function measure(address: string, work: () => Promise<void>): Promise<Measured> {
  const before = { atMs: performance.now(), cpu: process.cpuUsage(), queries: await askedOf(address) };
  await work();
  const cpu = process.cpuUsage(before.cpu);
  return {
    ms: performance.now() - before.atMs,
    cpuMs: (cpu.user + cpu.system) / 1_000,
    queries: (await askedOf(address)) - before.queries,
  };
}

async function askedOf(address: string): Promise<number> {
  return ((await (await fetch(`${address}/asked`)).json()) as { asked: number }).asked;
}

function row({ ms, cpuMs, queries }: Measured): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s, ${(cpuMs / 1_000).toFixed(1)} s of a core, ${queries} queries`;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function serve(): Promise<string> {
  const file = fileURLToPath(new URL("scaleServer.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, String(services)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  server = child;
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the stand-in ended with ${code}`)));
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
  });
}
