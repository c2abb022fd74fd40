import type { Context, Next } from "hono";
import { routePath } from "hono/route";
import { secondsSince, type Telemetry } from "../../telemetry/telemetry.ts";
import type { ApiEnv } from "./context.ts";

/** What a request is counted as that is for no route. */
const NO_ROUTE = "unknown";

/**
 * Answers a request, and tells of it by the route it was for, never by its address: that has ids, and what anybody sends.
 * @param id of the request
 */
export function createWatched({ metrics, traces }: Telemetry) {
  return (context: Context<ApiEnv>, next: Next, id: string): Promise<void> => {
    const fromMs = performance.now();
    return traces.act(id, "API request", {}, async (span) => {
      await next();
      const route = context.get("route") ?? routeOf(context);
      const status = String(context.res.status);
      metrics.observe("loghunter_api_request_seconds", { route, status }, secondsSince(fromMs));
      span.say({ route, status });
    });
  };
}

/** Of one that did not get as far as its route's door. The last that matched is the route; a pattern for all is none. */
function routeOf(context: Context<ApiEnv>): string {
  const path = routePath(context, -1);
  return path.endsWith("*") ? NO_ROUTE : `${context.req.method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
}
