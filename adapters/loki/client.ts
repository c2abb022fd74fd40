import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { TenantCache } from "../../src/cache/cache.ts";
import type { Log } from "../../src/log.ts";
import { unlessAborted } from "../../src/logs/unlessAborted.ts";
import type { OpenConnection } from "./connection.ts";
import { exchange, type Question } from "./exchange.ts";
import { LokiFailure } from "./failure.ts";
import { Gate } from "./gate.ts";
import { type QueryTrace, statsOf } from "./trace.ts";

export interface ClientParts {
  connectionOf: (org: string) => OpenConnection;
  /** The cache of the tenant that has this organisation; none where nobody has it yet. */
  cacheOf: (org: string) => Promise<TenantCache | undefined>;
  cacheMs: number;
  /** Queries of one organisation at once. Loki works on 2 to 4 well; more wait there instead of here. */
  concurrency: number;
  log: Log;
  now: () => number;
  /** 0 to 1, for the jitter of retries. */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  trace: (trace: QueryTrace) => void;
}

export interface Asking {
  signal?: AbortSignal | undefined;
  timeoutMs: number;
  /** Kept for a while, and taken from what was kept, unless asked anew. */
  cached?: boolean;
  fresh?: boolean | undefined;
}

/** Asks Loki: joined where the same is being asked, bounded, retried, cached and traced. */
export interface LokiClient {
  /** @returns the answer's JSON, to be read and not changed: others may hold it too. @throws LokiFailure or the signal's reason. */
  ask(question: Question, asking: Asking): Promise<unknown>;
  /** How far the server's clock is ahead of ours, to a second; undefined before its first answer. */
  skewMs(org: string): number | undefined;
}

/** A query, and how many wait for it. */
interface UnderWay {
  answer: Promise<unknown>;
  wanted: number;
}

const RETRIES = 3;
const BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 4_000;
/** Beyond it an answer costs more to keep than to ask again. */
const MOST_CACHED_CHARS = 4_000_000;
const zip = promisify(gzip);
const unzip = promisify(gunzip);

export function createClient(parts: ClientParts): LokiClient {
  const { connectionOf, cacheOf, cacheMs, log, now, random, sleep, trace } = parts;
  const gate = new Gate(parts.concurrency);
  const underWay = new Map<string, UnderWay>();
  const skews = new Map<string, number>();

  return {
    skewMs: (org) => skews.get(org),
    async ask(question, asking) {
      asking.signal?.throwIfAborted();
      const hash = hashOf(question);
      const key = `${question.org}\n${hash}`;
      const known = asking.fresh === true ? undefined : underWay.get(key);
      if (known !== undefined) known.wanted++;
      const query = known ?? begin(question, asking, hash, key);
      try {
        return await unlessAborted(query.answer, asking.signal);
      } finally {
        query.wanted--;
      }
    },
  };

  function begin(question: Question, asking: Asking, hash: string, key: string): UnderWay {
    const query: UnderWay = { answer: Promise.resolve(), wanted: 1 };
    const forget = () => {
      if (underWay.get(key) === query) underWay.delete(key);
    };
    const isWanted = () => {
      // Nobody joins one that is not asked.
      if (query.wanted === 0) forget();
      return query.wanted > 0;
    };
    query.answer = find(question, asking, hash, isWanted).finally(forget);
    underWay.set(key, query);
    // Whoever asked may have gone: what was sent goes on all the same, since an aborted query makes Loki stall the next.
    query.answer.catch(() => undefined);
    return query;
  }

  async function find(
    question: Question,
    asking: Asking,
    hash: string,
    isWanted: () => boolean,
  ): Promise<unknown> {
    // A cache that fails costs time and nothing else.
    const cache =
      asking.cached === true && cacheMs > 0 ? await cacheOf(question.org).catch(() => undefined) : undefined;
    const get = () => cache?.get({ kind: "lokiQuery", hash }).catch(() => undefined);
    const kept = asking.fresh === true ? undefined : await get();
    const unpacked = kept === undefined ? undefined : await unpack(kept);
    if (unpacked !== undefined) return unpacked;
    const text = await persist(question, asking.timeoutMs, isWanted);
    const answer = parsed(text);
    if (cache !== undefined && text.length <= MOST_CACHED_CHARS && isComplete(answer)) {
      const packed = (await zip(text)).toString("base64");
      await cache.set({ kind: "lokiQuery", hash }, packed, cacheMs).catch(() => undefined);
    }
    return answer;
  }

  async function persist(question: Question, timeoutMs: number, isWanted: () => boolean): Promise<string> {
    // Where Loki is slow, those that nobody waits for any longer would keep their turns from all who come after them.
    const inTurn = async (tries: number) => {
      if (isWanted()) return await once(question, timeoutMs, tries);
      throw new Error("nobody waits for it any longer");
    };
    for (let tries = 1; ; tries++) {
      try {
        return await gate.run(question.org, () => inTurn(tries));
      } catch (error) {
        if (!(error instanceof LokiFailure) || !error.mayPass(tries) || tries > RETRIES) throw error;
        // Full jitter: many who were refused together must not come back together.
        const mostMs = Math.min(LONGEST_BACKOFF_MS, BACKOFF_MS * 2 ** tries);
        await sleep(Math.round(random() * mostMs));
      }
    }
  }

  async function once(question: Question, timeoutMs: number, tries: number): Promise<string> {
    const startedMs = now();
    const about = { ...question, tries };
    try {
      const { text, serverMs } = await exchange(connectionOf(question.org), question, timeoutMs, now);
      if (!Number.isNaN(serverMs)) skews.set(question.org, serverMs - now());
      const traced = {
        ...about,
        ms: now() - startedMs,
        chars: text.length,
        outcome: "answered",
        ...statsOf(text),
      };
      trace(traced);
      log.debug(traced, "Loki answered");
      return text;
    } catch (error) {
      const outcome = error instanceof LokiFailure ? error.kind : "failed";
      trace({ ...about, ms: now() - startedMs, chars: 0, outcome });
      log.debug({ ...about, outcome }, "a query to Loki failed");
      throw error;
    }
  }
}

function hashOf({ path, params }: Question): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([path, sorted]))
    .digest("hex")
    .slice(0, 40);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The cause quotes what it could not read, which is log lines.
    throw new LokiFailure("garbled", "", { cause: cause instanceof Error ? cause.name : "not JSON" });
  }
}

async function unpack(kept: string): Promise<unknown> {
  try {
    return JSON.parse((await unzip(Buffer.from(kept, "base64"))).toString("utf8"));
  } catch {
    // Somebody else's value, or half of one: as good as none.
    return undefined;
  }
}

/** Loki says in `warnings` where an answer is not all there is. */
function isComplete(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const { status, warnings } = answer as { status?: unknown; warnings?: unknown };
  return (status === undefined || status === "success") && !(Array.isArray(warnings) && warnings.length > 0);
}
