import { createFingerprintPool } from "../src/clusters/fingerprintPool.ts";

/** As an analysis sends them. */
const BATCH = 2_000;
/** Read on while the one before is worked on. */
const IN_HAND = 2;

/** What threads gain over lines in this thread, in turns with everything else, and how long the event loop stood still. */
export async function measureThreads(lines: readonly string[], most: number): Promise<string[]> {
  const batches = Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, i) =>
    lines.slice(i * BATCH, (i + 1) * BATCH),
  );
  const alone = await measured(batches, 0);
  const rows = [
    `without threads ${inThousands(alone.perSecond)} a second, pauses up to ${alone.pauseMs.toFixed(0)} ms`,
  ];
  for (let threads = 1; threads <= most; threads++) {
    const { perSecond, pauseMs } = await measured(batches, threads);
    const gain = (perSecond / alone.perSecond).toFixed(2);
    rows.push(
      `${threads} beside this one: ${inThousands(perSecond)} a second (× ${gain}), pauses up to ${pauseMs.toFixed(0)} ms`,
    );
  }
  return rows;
}

async function measured(
  batches: readonly (readonly string[])[],
  threads: number,
): Promise<{ perSecond: number; pauseMs: number }> {
  const pool = createFingerprintPool({ threads });
  // Its code is compiled, and its heap has its size.
  for (let i = 0; i < 2; i++) await readAll(batches.slice(0, 10));
  let pauseMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    pauseMs = Math.max(pauseMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  const startMs = performance.now();
  await readAll(batches);
  const spentMs = performance.now() - startMs;
  clearInterval(timer);
  await pool.close();
  return { perSecond: (batches.flat().length / spentMs) * 1_000, pauseMs };

  async function readAll(some: readonly (readonly string[])[]): Promise<void> {
    const waiting = [...some];
    const readers = Array.from({ length: Math.max(1, threads) * IN_HAND }, async () => {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        await pool.fingerprintsOf(batch);
      }
    });
    await Promise.all(readers);
  }
}

function inThousands(perSecond: number): string {
  return `${Math.round(perSecond / 1_000).toLocaleString("en")} k`;
}
