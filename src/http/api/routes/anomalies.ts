import { z } from "@hono/zod-openapi";
import { acknowledgeEpisode } from "../../../alerting/acknowledgements.ts";
import { resolveIncident } from "../../../alerting/resolutions.ts";
import { SEVERITIES } from "../../../anomalies/metric.ts";
import { type AnomalyRow, pageOfAnomalies } from "../../../anomalies/pages.ts";
import type { VerifiedKey } from "../../../keys/verifier.ts";
import { type Route, route } from "../addRoute.ts";
import { refuse } from "../problem.ts";
import {
  ById,
  Id,
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

const Severity = z.enum(SEVERITIES);
const Anomaly = z
  .strictObject({
    id: Id,
    service: ToldService,
    namespace: ToldNamespace,
    metric: z.string(),
    direction: z.string(),
    severity: Severity,
    startedAt: Time,
    detectedAt: Time,
    resolvedAt: Time.nullable().openapi({ description: "null: it is open" }),
    baselineValue: z.number(),
    observedValue: z.number(),
    deviationFactor: z.number(),
    notified: z.boolean(),
    shadow: z.boolean().openapi({ description: "Detected in shadow mode: nothing was posted about it" }),
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: Time.nullable(),
  })
  .openapi("Anomaly");

export interface AnomalyRouteParts {
  /** What is owed to channels is sent. */
  wake(): void;
  now: () => number;
}

export function anomalyRoutes({ wake, now }: AnomalyRouteParts): Route[] {
  return [
    route({
      method: "get",
      path: "/anomalies",
      summary: "Detected episodes, the latest first",
      scope: "read:anomalies",
      query: z.strictObject({
        service: Service.optional(),
        namespace: Namespace.optional(),
        state: z.enum(["open", "resolved"]).optional(),
        severity: Severity.optional(),
        since: Since.optional(),
        ...Listing,
      }),
      answer: pageOf(Anomaly),
      async run({ key, query: { limit, cursor, since, ...given } }) {
        const filter = {
          ...withoutUndefined(given),
          ...(since !== undefined && { sinceMs: now() - since }),
          ...(cursor !== undefined && { after: cursor }),
        };
        return page(await pageOfAnomalies(key.tenant, filter, limit + 1), limit, tell);
      },
    }),
    route({
      method: "get",
      path: "/anomalies/{id}",
      summary: "One detected episode",
      scope: "read:anomalies",
      params: ById,
      answer: Anomaly,
      run: ({ key, params }) => one(key, params.id),
    }),
    route({
      method: "post",
      path: "/anomalies/{id}/acknowledge",
      summary: "Say that somebody looks into it: its messages then say so; the first one counts",
      scope: "write:anomalies",
      params: ById,
      answer: Anomaly,
      async run({ key, params }) {
        const said = await acknowledgeEpisode(key.tenant, { eventId: params.id, by: byOf(key) }, now());
        if (said === undefined) throw gone();
        if (said.is === "over")
          throw refuse("conflict", "It is over already: there is nothing left to look into.");
        wake();
        return one(key, params.id);
      },
    }),
    route({
      method: "post",
      path: "/anomalies/{id}/resolve",
      summary: "End it, and what has the same message: its messages then say so",
      scope: "write:anomalies",
      params: ById,
      answer: Anomaly,
      async run({ key, params }) {
        const ended = await resolveIncident(key.tenant, { eventId: params.id, by: byOf(key) }, now());
        if (ended === undefined) throw gone();
        if (ended === 0) throw refuse("conflict", "It is over already.");
        wake();
        return one(key, params.id);
      },
    }),
  ];
}

async function one({ tenant }: VerifiedKey, id: string): Promise<z.input<typeof Anomaly>> {
  const [row] = await pageOfAnomalies(tenant, { id }, 1);
  if (row === undefined) throw gone();
  return tell(row);
}

function gone() {
  return refuse("not-found", "There is no such anomaly.");
}

/** How people read of a key that did something. */
export function byOf({ name }: VerifiedKey): string {
  return `API key ${name}`;
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function tell(row: AnomalyRow): z.input<typeof Anomaly> {
  return {
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    metric: row.metric,
    direction: row.direction,
    severity: row.severity,
    startedAt: timeOf(row.startedAtMs),
    detectedAt: timeOf(row.detectedAtMs),
    resolvedAt: row.resolvedAtMs === undefined ? null : timeOf(row.resolvedAtMs),
    baselineValue: row.baselineValue,
    observedValue: row.observedValue,
    deviationFactor: row.deviationFactor,
    notified: row.notified,
    shadow: row.isShadow,
    acknowledgedBy: row.acknowledged?.by ?? null,
    acknowledgedAt: row.acknowledged === undefined ? null : timeOf(row.acknowledged.atMs),
  };
}
