import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpRoute } from "./server.ts";

/** One thing without which nobody should be sent here, or that is missed only. */
export interface Probe {
  name: string;
  /** All goes on without it, for the worse. */
  isDispensable?: true;
  /** @returns what is wrong, a sentence that anybody may read; undefined where nothing is. Failing says no more than that it failed. */
  run(): Promise<string | undefined>;
}

interface Probed {
  name: string;
  ok: boolean;
  why?: string;
  ms: number;
}

interface Manner {
  /** Aborted where the process is about to end: it still answers, and nobody new is to be sent here. */
  leaving: AbortSignal | undefined;

  /** A clock that nobody sets, in ms. */
  steadyNow: () => number;
  /** How long a probe may take. */
  withinMs: number;
}

/** A probe that takes longer has failed: those who ask wait for it. */
const WITHIN_MS = 2_000;
/** Everybody who can reach the port may ask, and none can make work by it. */
const KEPT_MS = 1_000;

/**
 * `/healthz`: this process answers, whatever else does; `/readyz`: it can do its work, or what keeps it from that.
 * What goes on for the worse is still sent to.
 */
export function probeRoutes(
  probes: readonly Probe[],
  { steadyNow = () => performance.now(), withinMs = WITHIN_MS, leaving }: Partial<Manner> = {},
): HttpRoute[] {
  const asked = probes.map((probe) => once(probe, { steadyNow, withinMs }));

  async function tell(response: ServerResponse): Promise<void> {
    if (leaving?.aborted) return answer(response, 503, { status: "stopping", checks: [] });
    const checks = await Promise.all(asked.map((ask) => ask()));
    const failed = probes.filter((_, at) => checks[at]?.ok === false);
    const isReady = failed.every(({ isDispensable }) => isDispensable);
    const status = failed.length === 0 ? "ready" : isReady ? "degraded" : "not ready";
    answer(response, isReady ? 200 : 503, { status, checks });
  }

  return [
    {
      prefix: "/healthz",
      listener(request, response) {
        if (isFor("/healthz", request, response)) answer(response, 200, { status: "ok" });
      },
    },
    {
      prefix: "/readyz",
      listener(request, response) {
        if (isFor("/readyz", request, response)) void tell(response);
      },
    },
  ];
}

/** A probe that is run at most once in a while, and never beside itself: whoever asks meanwhile gets the same answer. */
function once(
  { name, run }: Probe,
  { steadyNow, withinMs }: Pick<Manner, "steadyNow" | "withinMs">,
): () => Promise<Probed> {
  let last: { untilMs: number; probed: Promise<Probed> } | undefined;
  let underWay: { sinceMs: number; failed: Promise<string | undefined> } | undefined;

  async function probe(): Promise<Probed> {
    const startedMs = steadyNow();
    if (underWay === undefined) {
      const begun = { sinceMs: startedMs, failed: run().catch(() => "It could not be looked at.") };
      underWay = begun;
      void begun.failed.finally(() => {
        if (underWay === begun) underWay = undefined;
      });
    }
    const { sinceMs, failed } = underWay;
    const over = new AbortController();
    const late = sleep(withinMs, undefined, { signal: over.signal }).then(
      () => `No answer for ${Math.round((steadyNow() - sinceMs) / 1_000)} s.`,
      () => undefined,
    );
    const why = await Promise.race([failed, late]).finally(() => over.abort());
    return {
      name,
      ok: why === undefined,
      ...(why !== undefined && { why }),
      ms: Math.round(steadyNow() - startedMs),
    };
  }

  return () => {
    const nowMs = steadyNow();
    if (last === undefined || nowMs >= last.untilMs) {
      const fresh = { untilMs: Number.POSITIVE_INFINITY, probed: probe() };
      void fresh.probed.then(() => {
        fresh.untilMs = steadyNow() + KEPT_MS;
      });
      last = fresh;
    }
    return last.probed;
  };
}

function isFor(
  path: string,
  request: Parameters<HttpRoute["listener"]>[0],
  response: ServerResponse,
): boolean {
  const isGet = request.method === "GET" || request.method === "HEAD";
  if ((request.url ?? "").split("?", 1)[0] === path && isGet) return true;
  answer(response, isGet ? 404 : 405, { status: isGet ? "nothing here" : "only GET is answered" });
  return false;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${JSON.stringify(body)}\n`);
}
