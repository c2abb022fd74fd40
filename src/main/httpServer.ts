import type { RequestListener } from "node:http";
import type { Environment } from "../config.ts";
import { UserError } from "../errors.ts";
import { metricsRoute } from "../http/metrics.ts";
import { type Probe, probeRoutes } from "../http/probes.ts";
import { type HttpRoute, type HttpServer, startHttpServer } from "../http/server.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import type { Metrics } from "../telemetry/metrics.ts";

export interface HttpParts {
  /** Of Slack's requests, where it is set up for them. */
  slack: RequestListener | undefined;
  /** Of the API. */
  api: RequestListener;
  metrics: Metrics;
  probes: readonly Probe[];
  /** Aborted where the process is about to end. */
  leaving: AbortSignal;
  log: Log;
}

const PORT = 3141;

/** The server for the API, for Slack's requests and for metrics; undefined where its usual port is another program's. */
export async function openHttpServer(
  env: Environment,
  { slack, api, metrics, probes, leaving, log }: HttpParts,
  chosen: Chosen[],
): Promise<HttpServer | undefined> {
  const routes: HttpRoute[] = [{ prefix: "/v1/", listener: api }, ...probeRoutes(probes, { leaving })];
  const serves = ["the API below /v1"];
  if (slack !== undefined) {
    routes.push({ prefix: "/slack/", listener: slack });
    serves.push(`Slack at ${env.httpPublicUrl}`);
  }
  const { metricsToken: token } = env;
  // Where Slack gets in, everybody does.
  if (token !== undefined || (slack === undefined && env.httpPort !== undefined)) {
    routes.push(metricsRoute({ metrics, ...(token !== undefined && { token }), log }));
    serves.push(token === undefined ? "/metrics" : "/metrics with METRICS_TOKEN");
  }
  const at = { host: env.httpHost ?? "127.0.0.1", port: env.httpPort ?? PORT, log, leaving };
  const server = await startHttpServer(at, routes).catch((error: unknown) => {
    // Nobody asked for this port, and what was asked for works without it.
    if (error instanceof UserError && env.httpPort === undefined && slack === undefined) return undefined;
    throw error;
  });
  chosen.push(
    server === undefined
      ? ["HTTP", `no API: port ${PORT} is in use. Set HTTP_PORT to another one`]
      : ["HTTP", `${at.host}:${server.port}, for ${serves.join(" and ")}`],
  );
  return server;
}

/**
 * Where people reach the API; undefined where it is served nowhere.
 * @param port that this process serves it at: at any other a key would be sent to another program
 */
export function apiAddress(env: Environment, port: number | undefined): string | undefined {
  const own = port === undefined ? undefined : `http://${env.httpHost ?? "127.0.0.1"}:${port}`;
  return env.apiUrl ?? env.httpPublicUrl ?? own;
}
