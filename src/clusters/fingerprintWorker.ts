import { parentPort } from "node:worker_threads";
import { fingerprintOf } from "./fingerprint.ts";
import type { Batch, Done } from "./fingerprintPool.ts";
import { saidBy } from "./message.ts";

/** The thread of `createFingerprintPool`. */
parentPort?.on("message", ({ id, entries }: Batch) => {
  const fingerprints = entries.map((entry) => fingerprintOf(saidBy(entry)));
  parentPort?.postMessage({ id, fingerprints } satisfies Done);
});
