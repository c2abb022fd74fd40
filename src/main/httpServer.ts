import type { RequestListener } from "node:http";
import type { Environment } from "../config.ts";
import { type Metrics, metricsRoute } from "../http/metrics.ts";
import { type HttpRoute, type HttpServer, startHttpServer } from "../http/server.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";

export interface HttpParts {
  /** Of Slack's requests, where it is set up for them. */
  slack: RequestListener | undefined;
  metrics: Metrics;
  directory: TenantDirectory;
  log: Log;
}

/** The server for Slack's requests and for metrics, where either is wanted. */
export async function openHttpServer(
  env: Environment,
  { slack, metrics, directory, log }: HttpParts,
  chosen: Chosen[],
): Promise<HttpServer | undefined> {
  if (slack === undefined && env.httpPort === undefined) return undefined;
  const routes: HttpRoute[] = [];
  const serves: string[] = [];
  if (slack !== undefined) {
    routes.push({ prefix: "/slack/", listener: slack });
    serves.push(`for Slack at ${env.httpPublicUrl}`);
  }
  const { metricsToken: token } = env;
  // Where Slack gets in, everybody does.
  if (slack === undefined || token !== undefined) {
    const owed = () => directory.countDeliveries();
    routes.push(metricsRoute({ metrics, owed, ...(token !== undefined && { token }), log }));
    serves.push(token === undefined ? "/metrics" : "/metrics with METRICS_TOKEN");
  }
  const at = { host: env.httpHost ?? "127.0.0.1", port: env.httpPort ?? 3141, log };
  const server = await startHttpServer(at, routes);
  chosen.push(["HTTP", `${at.host}:${server.port}, ${serves.join(" and ")}`]);
  return server;
}
