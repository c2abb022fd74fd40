import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { HttpRoute } from "./server.ts";

export interface MetricsRouteParts {
  metrics: Pick<Metrics, "text" | "contentType">;
  /** Asked for as a bearer token; absent where everybody who reaches the server may read. */
  token?: string;
  log: Log;
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoute({ metrics, token, log }: MetricsRouteParts): HttpRoute {
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
      answer(response, 200, await metrics.text(), { "content-type": metrics.contentType });
    } catch (err) {
      log.error({ err }, "could not tell the metrics");
      answer(response, 500, "");
    }
  }
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
