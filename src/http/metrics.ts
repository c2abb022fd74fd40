import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Log } from "../log.ts";
import type { DeliveryCounts } from "../tenancy/backlog.ts";
import type { HttpRoute } from "./server.ts";

/** What this process counts of its work. No label names a tenant, a workspace or a service: who may read this may not see those. */
export interface Metrics {
  /** What came of asking a chat platform to take a message that is owed. */
  countSend(platform: string, outcome: string): void;
  /** What came of scanning a tenant. */
  countScan(outcome: "done" | "failed"): void;
  /** All of it as Prometheus reads it; what is owed is undefined where the database does not say so. */
  text(owed: DeliveryCounts | undefined): Promise<string>;
  contentType: string;
}

/** Metrics in a registry of their own, with those of the process itself: memory, processor, event loop. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const sends = new Counter({
    name: "loghunter_sends_total",
    help: "Posts and edits of messages that were owed, by what came of them.",
    labelNames: ["platform", "outcome"],
    registers,
  });
  const scans = new Counter({
    name: "loghunter_scans_total",
    help: "Scans of an organisation's services, by what came of them.",
    labelNames: ["outcome"],
    registers,
  });
  // A counter that is not there yet has no rate: an alert on it would be silent at first.
  for (const outcome of ["done", "failed"]) scans.inc({ outcome }, 0);
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const isUp = gauge("loghunter_database_up", "Whether the database answered: 1 or 0.");
  const pending = gauge("loghunter_deliveries_pending", "Messages that are owed and not sent yet.");
  const refused = gauge(
    "loghunter_deliveries_refused",
    "Messages that were refused and are not tried again, as long as they are kept.",
  );
  const inHand = gauge("loghunter_deliveries_in_hand", "Messages that some process is sending just now.");
  const oldest = gauge("loghunter_oldest_unsent_seconds", "Age of the oldest unsent message; 0 with none.");

  return {
    contentType: registry.contentType,
    countSend: (platform, outcome) => sends.inc({ platform, outcome }),
    countScan: (outcome) => scans.inc({ outcome }),
    async text(owed) {
      isUp.set(owed === undefined ? 0 : 1);
      if (owed === undefined) {
        // An old number would say that all is well.
        for (const each of [pending, refused, inHand, oldest]) each.remove();
      } else {
        pending.set(owed.pending);
        refused.set(owed.refused);
        inHand.set(owed.inHand);
        oldest.set((owed.oldestForMs ?? 0) / 1_000);
      }
      return registry.metrics();
    },
  };
}

export interface MetricsRouteParts {
  metrics: Metrics;
  owed: () => Promise<DeliveryCounts>;
  /** Asked for as a bearer token; absent where everybody who reaches the server may read. */
  token?: string;
  log: Log;
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoute({ metrics, owed, token, log }: MetricsRouteParts): HttpRoute {
  return {
    prefix: "/metrics",
    listener(request, response) {
      const path = (request.url ?? "").split("?", 1)[0];
      if (path !== "/metrics") return answer(response, 404, "There is nothing here.\n");
      if (request.method !== "GET" && request.method !== "HEAD")
        return answer(response, 405, "Only GET is answered here.\n", { allow: "GET, HEAD" });
      if (token !== undefined && !hasToken(request, token))
        return answer(response, 401, "A bearer token is needed: METRICS_TOKEN.\n", {
          "www-authenticate": "Bearer",
        });
      void tell(response);
    },
  };

  async function tell(response: ServerResponse): Promise<void> {
    try {
      const counts = await inTime(owed()).catch((err: unknown) => {
        log.warn({ err }, "could not count what is owed");
        return undefined;
      });
      const text = await metrics.text(counts);
      answer(response, 200, text, { "content-type": metrics.contentType });
    } catch (err) {
      log.error({ err }, "could not tell the metrics");
      answer(response, 500, "");
    }
  }
}

/** Prometheus waits for ten seconds, and would say of a database that hangs that LogHunter is away. */
const COUNT_MS = 2_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(COUNT_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`the database did not answer within ${COUNT_MS} ms`);
  });
  return Promise.race([work, late]).finally(() => {
    over.abort();
    for (const left of [work, late]) left.catch(() => undefined);
  });
}

/** In the same time whatever was said: by its hash, which has one length. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const said = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(said), hash(token));
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(text);
}
