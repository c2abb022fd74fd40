import { z } from "@hono/zod-openapi";
import { type ClusterRow, listClusters } from "../../../clusters/pages.ts";
import type { ErrorLevel } from "../../../logs/source.ts";
import { type Route, route } from "../addRoute.ts";
import { refuse } from "../problem.ts";
import {
  ById,
  Id,
  Level,
  Listing,
  Namespace,
  page,
  pageOf,
  Service,
  Since,
  Time,
  ToldNamespace,
  ToldService,
  timeOf,
} from "../schemas.ts";

const Cluster = z
  .strictObject({
    id: Id,
    service: ToldService,
    namespace: ToldNamespace,
    fingerprint: z.string(),
    level: Level,
    firstSeenAt: Time,
    lastSeenAt: Time,
    count: z.number().int().openapi({ description: "Lines in the window that was read last" }),
    windowStart: Time,
    windowEnd: Time,
    template: z.string(),
    sample: z.string().openapi({ description: "One line, redacted" }),
  })
  .openapi("Cluster");

export function clusterRoutes({ now }: { now: () => number }): Route[] {
  return [
    route({
      method: "get",
      path: "/clusters",
      summary: "Kinds of warnings and errors that were met, those seen last first",
      scope: "read:analysis",
      query: z.strictObject({
        service: Service.optional(),
        namespace: Namespace.optional(),
        level: Level.optional(),
        since: Since.optional(),
        ...Listing,
      }),
      answer: pageOf(Cluster),
      async run({ key, query: { limit, cursor, since, service, namespace, level } }) {
        const rows = await listClusters(
          key.tenant,
          {
            ...(service !== undefined && { service }),
            ...(namespace !== undefined && { namespace }),
            ...(level !== undefined && { level: level as ErrorLevel }),
            ...(since !== undefined && { sinceMs: now() - since }),
            ...(cursor !== undefined && { after: cursor }),
          },
          limit + 1,
        );
        return page(rows, limit, tell);
      },
    }),
    route({
      method: "get",
      path: "/clusters/{id}",
      summary: "One kind of warnings or errors",
      scope: "read:analysis",
      params: ById,
      answer: Cluster,
      async run({ key, params }) {
        const [row] = await listClusters(key.tenant, { id: params.id }, 1);
        if (row === undefined) throw refuse("not-found", "There is no such cluster.");
        return tell(row);
      },
    }),
  ];
}

function tell(row: ClusterRow): z.input<typeof Cluster> {
  return {
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    fingerprint: row.fingerprint,
    level: row.level,
    firstSeenAt: timeOf(row.firstSeenMs),
    lastSeenAt: timeOf(row.lastSeenMs),
    count: row.count,
    windowStart: timeOf(row.window.fromMs),
    windowEnd: timeOf(row.window.toMs),
    template: row.template,
    sample: row.sample,
  };
}
