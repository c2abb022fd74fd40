import { Agent, request } from "node:http";

/** What one request came to. */
export interface Asked {
  status: number;
  ms: number;
  /** Since 1970, when it was answered. */
  atMs: number;
}

/** Asks over connections that stay open. */
export function createAsking(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    ask(path: string, key?: string): Promise<Asked> {
      const fromMs = performance.now();
      return new Promise((resolve, reject) => {
        const sent = request(
          `${url}/v1${path}`,
          { agent, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } },
          (answer) => {
            answer.resume();
            answer.on("end", () =>
              resolve({ status: answer.statusCode ?? 0, ms: performance.now() - fromMs, atMs: Date.now() }),
            );
            answer.on("error", reject);
          },
        );
        sent.on("error", reject);
        sent.end();
      });
    },
    close: () => agent.destroy(),
  };
}

/** As many requests as come back in a time, so many at once. @returns how many a second */
export async function rate(ask: () => Promise<Asked>, forMs: number, atOnce: number): Promise<number> {
  const fromMs = performance.now();
  let count = 0;
  const one = async () => {
    while (performance.now() - fromMs < forMs) {
      const { status } = await ask();
      if (status !== 200) throw new Error(`answered ${status}`);
      count++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (1_000 * count) / (performance.now() - fromMs);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
