import { randomUUID } from "node:crypto";
import { openLoki } from "../adapters/loki/index.ts";
import { createScanner } from "../src/anomalies/scan.ts";
import { createFingerprintPool } from "../src/clusters/fingerprintPool.ts";
import { openDatabase } from "../src/database.ts";
import type { Log } from "../src/log.ts";
import { createDirectory, type TenantDirectory } from "../src/tenancy/directory.ts";

const MINUTE_MS = 60_000;
const LEARN_MS = 60 * MINUTE_MS;

/** What one tick took of one process. */
export interface Ticked {
  ms: number;
  cpuMs: number;
  rssMb: number;
}

/** The scanner of one instance, with a clock that it is told. */
export interface ScannerInstance {
  directory: TenantDirectory;
  tick(nowMs: number): Promise<Ticked>;
  close(): Promise<void>;
}

export interface ScannerParts {
  databaseUrl: string;
  /** Of the stand-in for Loki. */
  address: string;
  log: Log;
}

export async function openScanner({ databaseUrl, address, log }: ScannerParts): Promise<ScannerInstance> {
  let nowMs = 0;
  // As many connections as an instance has.
  const pools = openDatabase({ url: databaseUrl, log });
  const fingerprints = createFingerprintPool({ log });
  const directory = createDirectory(pools);
  const logs = await openLoki({
    ...{ connection: { url: address }, cacheOf: async () => undefined, log, now: () => nowMs },
  });
  const scanner = createScanner({
    ...{ directory, logs, fingerprints, log, owner: randomUUID(), lagMs: MINUTE_MS, learnMs: LEARN_MS },
    announcer: {
      prepare: async () => async () => undefined,
      notify: async () => undefined,
      reach: async () => ({ atMs: 0, shutOut: [], refused: [] }),
    },
    now: () => nowMs,
  });
  return {
    directory,
    async tick(toMs) {
      nowMs = toMs;
      const before = { atMs: performance.now(), cpu: process.cpuUsage() };
      await scanner.tick();
      const cpu = process.cpuUsage(before.cpu);
      return {
        ms: performance.now() - before.atMs,
        cpuMs: (cpu.user + cpu.system) / 1_000,
        rssMb: process.memoryUsage().rss / 2 ** 20,
      };
    },
    async close() {
      await scanner.stop();
      await logs.close();
      await fingerprints.close();
      await pools.close();
    },
  };
}
