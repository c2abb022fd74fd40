/**
 * What becomes of many anomalies at once: `npm run --silent bench:deliveries -- [--anomalies 10000] [--channels 500]`. They are
 * found within a minute by 50 tenants, go through the stages into the outbox, and are sent by one, two and four processes to a
 * stand-in for a platform. Prints a table and as its last line {"firstPostMs","lost","doubled","mostPerSecond",
 * "perSecondOf1","perSecondOf2","perSecondOf4","growthMb"}.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { createAnnouncer } from "../src/alerting/announce.ts";
import { setPolicy, setPurpose } from "../src/alerting/channels.ts";
import type { Change, Episode } from "../src/anomalies/episode.ts";
import { keepChange } from "../src/anomalies/keepChange.ts";
import { createFingerprintPool } from "../src/clusters/fingerprintPool.ts";
import { openDatabase } from "../src/database.ts";
import { createLog } from "../src/log.ts";
import { createDirectory, type Workspace } from "../src/tenancy/directory.ts";
import { createCountsSource } from "../test/support/countsSource.ts";
import { createTestDatabase } from "../test/support/postgres.ts";
import { type Sent, serveMessages } from "./deliveriesServer.ts";

const { values } = parseArgs({
  options: {
    anomalies: { type: "string", default: "10000" },
    channels: { type: "string", default: "500" },
  },
});
const anomalies = Number(values.anomalies);
const channels = Number(values.channels);
const TENANTS = 50;
const MINUTE_MS = 60_000;

const database = await createTestDatabase();
const log = createLog("warn");
const pools = openDatabase({ url: database.url, log, maxConnections: 20 });
const directory = createDirectory(pools);
const fingerprints = createFingerprintPool({ log });
const platform = await serveMessages();
const announcer = createAnnouncer({ logs: createCountsSource({}), fingerprints, log, now: Date.now });
try {
  const workspaces: Workspace[] = [];
  for (let at = 0; at < TENANTS; at++) workspaces.push(await openWorkspace(at));
  const figures: Record<string, number> = {};

  const one = await startSenders(1);
  const idleMs = await firstPostMs(workspaces[0] as Workspace);
  console.log(`first post when idle        ${idleMs.toFixed(0)} ms after it was found`);

  const before = await memoryOf(one);
  platform.sent.length = 0;
  await findWithinAMinute(workspaces);
  const grown = await memoryOf(one);
  await untilNothingIsOwed();
  const check = verdictOf(platform.sent);
  console.log(`${anomalies} anomalies in a minute   lost ${check.lost}, doubled ${check.doubled}`);
  console.log(
    `fullest channel             ${check.mostPerSecond.toFixed(2)} messages a second, over ten seconds`,
  );
  console.log(`memory of the sender        ${before} MB before, ${grown} MB after`);
  await stop(one);

  for (const count of [1, 2, 4]) {
    await owner((client) => client.query("truncate anomaly_events cascade"));
    platform.sent.length = 0;
    for (const workspace of workspaces) await find(workspace, anomalies / TENANTS);
    const senders = await startSenders(count);
    await untilNothingIsOwed();
    const { perSecond, lost, doubled } = verdictOf(platform.sent);
    console.log(
      `${count} ${count === 1 ? "process" : "processes"}, all owed at once   ${perSecond.toFixed(0)} a second, lost ${lost}, doubled ${doubled}`,
    );
    figures[`perSecondOf${count}`] = Math.round(perSecond);
    check.lost += lost;
    check.doubled += doubled;
    await stop(senders);
  }
  const { lost, doubled, mostPerSecond } = check;
  console.log(
    JSON.stringify({
      firstPostMs: Math.round(idleMs),
      lost,
      doubled,
      mostPerSecond,
      ...figures,
      growthMb: grown - before,
    }),
  );
  process.exitCode = lost + doubled > 0 ? 1 : 0;
} finally {
  await platform.stop();
  await fingerprints.close();
  await pools.close();
  await database.drop();
}

/** A tenant with its share of the channels, each of them for some of its services, and no limit of alerts. */
async function openWorkspace(at: number): Promise<Workspace> {
  const workspace = await directory.connect({
    platform: "bench",
    externalId: `team-${at}`,
    workspaceName: `team-${at}`,
    lokiOrgId: `org-${at}`,
  });
  for (let channel = 0; channel < channels / TENANTS; channel++) {
    const id = `${at}-${channel}`;
    await workspace.scope.transaction((db) => setPurpose(workspace, db, id, "alerts", "bench"));
    await workspace.scope.transaction((db) =>
      setPolicy(workspace, db, id, { services: [`of-${channel}-*`], flood: 0 }),
    );
  }
  return workspace;
}

/** Takes so many new anomalies through the stages, as a scan does; each has a cause of its own. */
async function find({ scope }: Workspace, count: number): Promise<void> {
  const nowMs = Date.now();
  const changes = Array.from({ length: count }, (_, at): Change => {
    const service = `of-${at % (channels / TENANTS)}-${randomUUID()}`;
    return { kind: "opens", episode: episodeOf(service, nowMs), atMs: nowMs };
  });
  const announce = await announcer.prepare(scope, changes, {
    isLive: true,
    goOn: async () => undefined,
    services: 1_000_000,
    bandOf: () => undefined,
  });
  await scope.transaction(async (db) => {
    const ids = [];
    for (const change of changes) ids.push(await keepChange(scope, db, change, false));
    await announce(db, ids, true);
  });
}

function episodeOf(service: string, atMs: number): Episode {
  return {
    ...{ service, namespace: `ns-${service}`, metric: "error_rate", fingerprint: "", direction: "up" },
    ...{ startedAtMs: atMs - MINUTE_MS, detectedAtMs: atMs, lastOddAtMs: atMs, severity: "HIGH", score: 3 },
    ...{ baselineValue: 2, observedValue: 90, usualLow: 0, usualHigh: 5, conditions: [] },
  };
}

async function findWithinAMinute(workspaces: readonly Workspace[]): Promise<void> {
  const startMs = performance.now();
  const queue = workspaces.entries();
  // As many tenants at once as a scan has in hand.
  const worker = async () => {
    for (const [at, workspace] of queue) {
      const waitMs = startMs + (at * MINUTE_MS) / TENANTS - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await find(workspace, anomalies / TENANTS);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  console.log(`found and owed within       ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
}

async function firstPostMs(workspace: Workspace): Promise<number> {
  const waits: number[] = [];
  for (let times = 0; times < 5; times++) {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const count = platform.sent.length;
    const startMs = performance.now();
    await find(workspace, 1);
    while (platform.sent.length === count) await new Promise((resolve) => setTimeout(resolve, 5));
    waits.push((platform.sent[count] as Sent).atMs - startMs);
  }
  return Math.max(...waits);
}

function verdictOf(sent: readonly Sent[]) {
  const ids = new Map<string, number>();
  for (const { id } of sent) ids.set(id, (ids.get(id) ?? 0) + 1);
  const byChannel = new Map<string, number[]>();
  for (const { channel, atMs } of sent) byChannel.set(channel, [...(byChannel.get(channel) ?? []), atMs]);
  // Of any eleven messages in a row the first and the last are ten seconds apart.
  const rates = [...byChannel.values()].flatMap((times) =>
    times.slice(10).map((atMs, at) => 10_000 / (atMs - (times[at] as number))),
  );
  const spanMs = (sent.at(-1)?.atMs ?? 0) - (sent[0]?.atMs ?? 0);
  return {
    lost: anomalies - ids.size,
    doubled: sent.length - ids.size,
    mostPerSecond: Math.round(Math.max(0, ...rates) * 100) / 100,
    perSecond: (1_000 * sent.length) / spanMs,
  };
}

async function untilNothingIsOwed(): Promise<void> {
  for (;;) {
    const owed = await owner(async (client) => {
      const { rows } = await client.query<{ count: number }>(
        "select count(*)::int as count from deliveries where state = 'pending'",
      );
      return rows[0]?.count ?? 0;
    });
    if (owed === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** As the owner of the tables, who sees all tenants. */
async function owner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function startSenders(count: number): Promise<ChildProcessWithoutNullStreams[]> {
  const file = fileURLToPath(new URL("deliveriesSender.ts", import.meta.url));
  const senders = Array.from({ length: count }, () =>
    spawn(process.execPath, ["--import", "tsx", file, database.url, platform.address]),
  );
  for (const sender of senders) {
    sender.stderr.pipe(process.stderr);
    await nextLine(sender);
  }
  return senders;
}

async function memoryOf([sender]: readonly ChildProcessWithoutNullStreams[]): Promise<number> {
  sender?.stdin.write("\n");
  return Number(await nextLine(sender as ChildProcessWithoutNullStreams));
}

async function nextLine(sender: ChildProcessWithoutNullStreams): Promise<string> {
  const lines = createInterface({ input: sender.stdout });
  const [line] = (await once(lines, "line")) as [string];
  lines.close();
  return line;
}

async function stop(senders: readonly ChildProcessWithoutNullStreams[]): Promise<void> {
  for (const sender of senders) {
    sender.stdin.end("stop\n");
    await once(sender, "exit");
  }
}
