import type { LineQuery, LogLine, LogSource } from "./source.ts";

export interface TailParts {
  logs: LogSource;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
  /** How often it is asked. */
  everyMs: number;
  /** Lines come late and out of order; so much of the time already seen is asked for again. */
  overlapMs?: number;
  /** When the last look is due, by `now`; absent: looks go on until they are called off. */
  lastMs?: number;
  /** Told of a look that failed: what it would have shown is looked for again. Absent: it ends the tail. */
  failed?: (err: unknown) => void;
}

/** Shippers hold lines back for a few seconds, and send them again in another order after a failure. */
const OVERLAP_MS = 15_000;
/** Of one look; what is beyond stays for nobody. */
const MOST_LINES = 1_000;

export type Tailed = Omit<LineQuery, "fromMs" | "toMs" | "order" | "limit" | "signal">;

/**
 * New lines as they come, each once and in order within a look: by asking again and again with an overlap. Loki's own
 * tail loses lines when its socket breaks, ends after an hour, and gives no structured metadata.
 * @param fromMs lines from then on are new
 */
export async function* tailLines(
  parts: TailParts,
  org: string,
  query: Tailed,
  fromMs: number,
  signal: AbortSignal,
): AsyncGenerator<LogLine[]> {
  const { logs, now, sleep, everyMs, overlapMs = OVERLAP_MS, lastMs = Infinity, failed } = parts;
  /** What was given already of the time that is asked for again: how often each line was. */
  let given = new Map<string, number>();
  let untilMs = fromMs;
  while (!signal.aborted) {
    const range = { fromMs: Math.max(fromMs, untilMs - overlapMs), toMs: now() };
    const found = await look({ ...query, ...range, order: "newest first", limit: MOST_LINES });
    if (found === undefined) {
      if (range.toMs >= lastMs) return;
      await sleep(everyMs);
      continue;
    }
    const seen = new Map<string, number>();
    const fresh = found.reverse().filter((line) => {
      const key = keyOf(line);
      const times = (seen.get(key) ?? 0) + 1;
      seen.set(key, times);
      return times > (given.get(key) ?? 0);
    });
    given = seen;
    untilMs = range.toMs;
    if (fresh.length > 0) yield fresh;
    if (range.toMs >= lastMs) return;
    await sleep(everyMs);
  }

  async function look(at: LineQuery): Promise<LogLine[] | undefined> {
    const found: LogLine[] = [];
    try {
      for await (const line of logs.lines(org, at)) found.push(line);
      return found;
    } catch (err) {
      if (failed === undefined) throw err;
      failed(err);
      return undefined;
    }
  }
}

function keyOf({ atNs, service, namespace, text }: LogLine): string {
  return JSON.stringify([String(atNs), service, namespace, text]);
}
