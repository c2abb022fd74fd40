import { afterEach, describe, expect, test } from "@jest/globals";
import { fingerprintOf } from "../../src/clusters/fingerprint.ts";
import { createFingerprintPool, type FingerprintPoolOptions } from "../../src/clusters/fingerprintPool.ts";
import { saidBy } from "../../src/clusters/message.ts";
import type { Log } from "../../src/log.ts";

const ENTRIES = Array.from(
  { length: 2_000 },
  (_, i) => `{"level":"error","msg":"order ${i} refused","n":${i}} ${i % 7}`,
);
const EXPECTED = ENTRIES.map((entry) => fingerprintOf(saidBy(entry)));

const pools: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function open(options: FingerprintPoolOptions) {
  const warnings: unknown[] = [];
  const none = () => undefined;
  const log: Log = {
    error: none,
    info: none,
    debug: none,
    warn: (about: unknown) => void warnings.push(about),
  };
  const pool = createFingerprintPool({ ...options, log });
  pools.push(pool);
  return { pool, warnings };
}

describe("a pool of threads", () => {
  test.each([0, 1, 2])(
    "of %i gives each entry its fingerprint, in order, however many batches there are",
    async (threads) => {
      const { pool, warnings } = open({ threads });
      const batches = [ENTRIES, ENTRIES.slice(0, 900), ENTRIES.slice(0, 3), [], ENTRIES];
      const done = await Promise.all(batches.map((batch) => pool.fingerprintsOf(batch)));
      expect(done).toEqual(batches.map((batch) => EXPECTED.slice(0, batch.length)));
      expect(warnings).toEqual([]);
    },
  );

  test("works while the event loop goes on", async () => {
    const { pool } = open({ threads: 1 });
    await pool.fingerprintsOf(ENTRIES); // The thread has started.
    const inHand = Promise.all(Array.from({ length: 10 }, () => pool.fingerprintsOf(ENTRIES)));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await inHand;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  test("that is closed in the middle of its work, or was closed before, still answers", async () => {
    const { pool } = open({ threads: 1 });
    const inHand = pool.fingerprintsOf(ENTRIES);
    await pool.close();
    expect(await inHand).toEqual(EXPECTED);
    expect(await pool.fingerprintsOf(ENTRIES)).toEqual(EXPECTED);
  });

  test("whose threads die says so three times, and does the work itself", async () => {
    const { pool, warnings } = open({ threads: 1, thread: "process.exit(3)" });
    for (let i = 0; i < 5; i++) expect(await pool.fingerprintsOf(ENTRIES)).toEqual(EXPECTED);
    expect(warnings).toHaveLength(3);
  });

  test("of which more die at once than are needed for that starts no others", async () => {
    const { pool, warnings } = open({ threads: 5, thread: "process.exit(3)" });
    for (let i = 0; i < 2; i++) {
      const all = await Promise.all(Array.from({ length: 5 }, () => pool.fingerprintsOf(ENTRIES)));
      for (const done of all) expect(done).toEqual(EXPECTED);
    }
    expect(warnings).toHaveLength(5);
  });
});
