import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Log } from "../log.ts";
import { takeTurns } from "../turns.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { saidBy } from "./message.ts";

/** Fingerprints many entries off the event loop. */
export interface FingerprintPool {
  /** In the order of the entries. */
  fingerprintsOf(entries: readonly string[]): Promise<string[]>;
  /** Ends the threads; what they had in hand, and what is asked afterwards, is done in this one. */
  close(): Promise<void>;
}

/** What goes to a thread, and what comes back. */
export interface Batch {
  id: number;
  entries: readonly string[];
}
export interface Done {
  id: number;
  fingerprints: string[];
}

export interface FingerprintPoolOptions {
  /** By default one for each core but that of this thread; with none all is done here. */
  threads?: number;
  log?: Log;
  /** What a thread runs, where it is not the usual: JavaScript. */
  thread?: string;
}

/** So few are done sooner than they are sent. */
const LEAST_SENT = 500;
/** A thread that has had nothing to do for so long ends. */
const IDLE_MS = 60_000;
/** Several batches may be in hand, and each takes its turn before anything else has one. */
const TURN_MS = 4;
/** Where threads do not live, no more are started. */
const MOST_DEATHS = 3;

/**
 * Threads are started when there is work for them, and one that dies loses nothing: what it had is done here, in turns with
 * everything else.
 */
export function createFingerprintPool({
  threads = availableParallelism() - 1,
  log,
  thread: script,
}: FingerprintPoolOptions = {}): FingerprintPool {
  const alive = new Set<Thread>();
  let deaths = 0;
  let isClosed = false;

  return {
    async fingerprintsOf(entries) {
      const thread = entries.length < LEAST_SENT ? undefined : leastBusy();
      return (await thread?.work(entries)) ?? inTurns(entries);
    },
    async close() {
      isClosed = true;
      await Promise.all([...alive].map((thread) => thread.end()));
    },
  };

  function leastBusy(): Thread | undefined {
    if (isClosed || threads < 1 || deaths >= MOST_DEATHS) return undefined;
    const [freest] = [...alive].sort((a, b) => a.waiting() - b.waiting());
    if (alive.size === threads || freest?.waiting() === 0) return freest;
    const thread = startThread(script, (err) => {
      alive.delete(thread);
      if (err === undefined) return;
      deaths++;
      log?.warn({ err, deaths }, "a thread for fingerprints died; its lines are done without it");
    });
    alive.add(thread);
    return thread;
  }
}

interface Thread {
  /** @returns nothing where it ended before it was done */
  work(entries: readonly string[]): Promise<string[] | undefined>;
  /** Batches in its hands. */
  waiting(): number;
  end(): Promise<unknown>;
}

/** @param ended called with why, where nobody asked for it */
function startThread(script: string | undefined, ended: (death: unknown) => void): Thread {
  const worker = script === undefined ? startWorker() : new Worker(script, { eval: true });
  const asked = new Map<number, (fingerprints: string[] | undefined) => void>();
  let ids = 0;
  let isAskedToEnd = false;
  let death: unknown;
  let timer: NodeJS.Timeout | undefined;
  worker.unref();
  worker.on("message", ({ id, fingerprints }: Done) => settle(id, fingerprints));
  worker.on("error", (error) => {
    death = error; // its exit follows
  });
  worker.on("exit", (code) => {
    clearTimeout(timer);
    ended(isAskedToEnd ? undefined : (death ?? new Error(`it ended with code ${code}`)));
    for (const id of asked.keys()) settle(id, undefined);
  });
  return {
    work(entries) {
      clearTimeout(timer);
      const id = ids++;
      worker.ref();
      worker.postMessage({ id, entries } satisfies Batch);
      return new Promise((resolve) => asked.set(id, resolve));
    },
    waiting: () => asked.size,
    end,
  };

  function settle(id: number, fingerprints: string[] | undefined): void {
    asked.get(id)?.(fingerprints);
    asked.delete(id);
    if (asked.size > 0) return;
    worker.unref();
    timer = setTimeout(end, IDLE_MS).unref();
  }

  function end(): Promise<unknown> {
    isAskedToEnd = true;
    return worker.terminate();
  }
}

/** Sources need what runs them in each thread anew. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./fingerprintWorker.js", import.meta.url));
  const tsx = import.meta.resolve("tsx/esm/api");
  const source = new URL("./fingerprintWorker.ts", import.meta.url).href;
  const script = `import(${JSON.stringify(tsx)}).then(({ register }) => (register(), import(${JSON.stringify(source)})))`;
  return new Worker(script, { eval: true, execArgv: [] });
}

async function inTurns(entries: readonly string[]): Promise<string[]> {
  const turn = takeTurns(TURN_MS);
  const fingerprints: string[] = [];
  for (const entry of entries) {
    fingerprints.push(fingerprintOf(saidBy(entry)));
    await turn();
  }
  return fingerprints;
}
