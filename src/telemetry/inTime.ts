import { setTimeout as sleep } from "node:timers/promises";

/** Prometheus waits for ten seconds, and would say of a database that hangs that LogHunter is away. @throws where it takes longer */
export async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T> {
  const over = new AbortController();
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${withinMs} ms`);
  });
  return Promise.race([work, late]).finally(() => {
    over.abort();
    for (const left of [work, late]) left.catch(() => undefined);
  });
}
