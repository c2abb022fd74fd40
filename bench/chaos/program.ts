import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Ask, Seen } from "./asks.ts";
import type { ChaosStage } from "./stage.ts";

/** A program that uses the API as one should: what is not taken is sent again, with the same Idempotency-Key. */
export async function askByApi(
  { httpUrl, apiKey }: ChaosStage,
  asks: Ask[],
  during: string,
  signal: AbortSignal,
): Promise<void> {
  const said: string[] = [];
  const ids = new Set<string>();
  let isDone = false;
  const ask: Ask = {
    ...{ what: "API: POST /v1/analyses", during, atMs: Date.now() },
    look: (): Seen => ({ answers: isDone ? ids.size : 0, text: said.join("\n"), isFinal: isDone }),
  };
  asks.push(ask);
  const key = randomUUID();
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

  async function call(
    method: "GET" | "POST",
    path: string,
  ): Promise<{ id: string; state: string } | undefined> {
    const answer = await fetch(`${httpUrl}/v1${path}`, {
      method,
      headers: { ...headers, ...(method === "POST" && { "idempotency-key": key }) },
      ...(method === "POST" && { body: JSON.stringify({ service: "slack-4", since: "30m" }) }),
      signal,
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text) as { id: string; state: string };
    // 500 is "this is our fault", which nobody can act on.
    said.push(answer.status === 500 ? `Something went wrong: ${text}` : text);
    return undefined;
  }

  try {
    for (let times = 0; times < 2; times++) {
      let job = await call("POST", "/analyses");
      for (; job === undefined; job = await call("POST", "/analyses"))
        await pause(500, undefined, { signal });
      ids.add(job.id);
    }
    const [id] = ids;
    let job = await call("GET", `/jobs/${id}`);
    for (; job?.state !== "done" && job?.state !== "failed"; job = await call("GET", `/jobs/${id}`))
      await pause(500, undefined, { signal });
    isDone = true;
  } catch (error) {
    said.push(String(error));
  }
}

/** How the process is while everything around it is not: asked twice a second. */
export interface Vitals {
  /** Probes that took longer than three seconds, or were not answered. */
  late: string[];
  /** The most so far, in MB. */
  rssMb: number;
  stop(): void;
}

const WITHIN_MS = 3_000;
const PROBED = ["/healthz", "/readyz", "/metrics"];

export function watchVitals(
  { httpUrl, program }: ChaosStage,
  readRss: (pid: number) => Promise<number>,
): Vitals {
  let isOver = false;
  const vitals: Vitals = {
    late: [],
    rssMb: 0,
    stop() {
      isOver = true;
    },
  };
  void (async () => {
    while (!isOver) {
      await Promise.all(PROBED.map((path) => probe(path)));
      vitals.rssMb = Math.max(vitals.rssMb, await readRss(program.pid).catch(() => 0));
      await pause(500);
    }
  })();
  return vitals;

  async function probe(path: string): Promise<void> {
    const fromMs = performance.now();
    const answer = await fetch(`${httpUrl}${path}`, { signal: AbortSignal.timeout(WITHIN_MS) }).then(
      async (response) => response.text(),
      () => undefined,
    );
    if (answer === undefined && !isOver)
      vitals.late.push(`${path} was not answered within ${Math.round(performance.now() - fromMs)} ms`);
  }
}
