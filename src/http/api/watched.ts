import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { secondsSince, type Telemetry } from "../../telemetry/telemetry.ts";
import type { ApiEnv } from "./context.ts";

/** Tells of each request by the route it was for, never by its address: that has ids, and what anybody sends. */
export function watched({ metrics, traces }: Telemetry): MiddlewareHandler<ApiEnv> {
  return (context, next) => {
    const fromMs = performance.now();
    return traces.act(context.get("requestId"), "API request", {}, async (span) => {
      await next();
      const path = routePath(context, -1);
      // The last that matched is what answered; a pattern for all is no route.
      const route = path.endsWith("*") ? "unknown" : `${context.req.method} ${path}`;
      const status = String(context.res.status);
      metrics.observe("loghunter_api_request_seconds", { route, status }, secondsSince(fromMs));
      span.say({ route, status });
    });
  };
}
