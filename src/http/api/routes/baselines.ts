import { z } from "@hono/zod-openapi";
import { listBaselines } from "../../../anomalies/baselineStore.ts";
import { type Route, route } from "../addRoute.ts";
import { Namespace, Service, Time, ToldNamespace, ToldService, timeOf } from "../schemas.ts";

const Baseline = z
  .strictObject({
    service: ToldService,
    namespace: ToldNamespace,
    windowStart: Time,
    windowEnd: Time,
    avgLogRate: z.number().openapi({ description: "Lines a minute" }),
    avgErrorRate: z.number().openapi({ description: "Errors a minute" }),
    p95ErrorRate: z.number().openapi({ description: "Errors a minute that 95 of 100 minutes stay below" }),
    lastSeenAt: Time,
  })
  .openapi("Baseline");

export function baselineRoutes(): Route[] {
  return [
    route({
      method: "get",
      path: "/baselines",
      summary: "What is usual for each service, by name; 500 at most",
      scope: "read:anomalies",
      query: z.strictObject({ service: Service.optional(), namespace: Namespace.optional() }),
      answer: z.strictObject({ items: z.array(Baseline) }),
      async run({ key, query }) {
        const rows = await listBaselines(key.tenant, query);
        return {
          items: rows.map((row) => ({
            service: row.service,
            namespace: row.namespace,
            windowStart: timeOf(row.windowFromMs),
            windowEnd: timeOf(row.windowToMs),
            avgLogRate: row.avgLogRate,
            avgErrorRate: row.avgErrorRate,
            p95ErrorRate: row.p95ErrorRate,
            lastSeenAt: timeOf(row.lastSeenMs),
          })),
        };
      },
    }),
  ];
}
