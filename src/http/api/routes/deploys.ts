import { z } from "@hono/zod-openapi";
import { findDeploys, markDeploy } from "../../../deploys.ts";
import type { LogSource } from "../../../logs/source.ts";
import { redactionOf } from "../../../redactionRules/tenantRedaction.ts";
import { type Route, route } from "../addRoute.ts";
import { nameToKeep } from "../nameToKeep.ts";
import { refuse } from "../problem.ts";
import { Namespace, Service, Since, Time, ToldNamespace, ToldService, timeOf } from "../schemas.ts";

const Deploy = z
  .strictObject({
    service: ToldService,
    namespace: ToldNamespace,
    version: z.string().min(1).max(100).openapi({ example: "2.4.1" }),
    at: Time,
  })
  .openapi("Deploy");

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** Clocks of build machines are a little ahead. */
const AHEAD_MS = 5 * 60_000;

export interface DeployRouteParts {
  logs: LogSource;
  now: () => number;
}

export function deployRoutes({ logs, now }: DeployRouteParts): Route[] {
  return [
    route({
      method: "post",
      path: "/deploys",
      summary: "Mark a deploy: it becomes evidence and is drawn on charts",
      scope: "write:deploys",
      body: z.strictObject({
        service: Service,
        version: z.string().min(1).max(100).openapi({ example: "2.4.1" }),
        namespace: Namespace.default(""),
        at: Time.optional().openapi({ description: "Now unless said; a week ago at most" }),
      }),
      status: 201,
      answer: Deploy,
      async run({ key, body, onceId }) {
        const nowMs = now();
        const atMs = body.at === undefined ? nowMs : Date.parse(body.at);
        if (atMs > nowMs + AHEAD_MS || atMs < nowMs - WEEK_MS)
          throw refuse("unprocessable", "A deploy is marked for the last seven days, and not for later.");
        // A deploy of a service that has not logged yet is marked as it was named: it may be its first.
        const redaction = await redactionOf(key.tenant);
        const deploy = {
          service: await nameToKeep(logs, key.tenant, body.service, nowMs),
          namespace: redaction.redact(body.namespace),
          version: redaction.redact(body.version).slice(0, 100),
          atMs,
        };
        await markDeploy(key.tenant, { ...deploy, markedBy: `API key ${key.name}`, onceId });
        return tell(deploy);
      },
    }),
    route({
      method: "get",
      path: "/deploys",
      summary: "Deploys that were marked, the latest 200 of the time, oldest first",
      scope: "read:anomalies",
      query: z.strictObject({ since: Since.optional(), namespace: Namespace.optional() }),
      answer: z.strictObject({ items: z.array(Deploy) }),
      async run({ key, query }) {
        const toMs = now() + AHEAD_MS;
        const range = { fromMs: now() - (query.since ?? WEEK_MS), toMs };
        return { items: (await findDeploys(key.tenant, range, query.namespace ?? "")).map(tell) };
      },
    }),
  ];
}

function tell(deploy: { service: string; namespace: string; version: string; atMs: number }) {
  const { service, namespace, version, atMs } = deploy;
  return { service, namespace, version, at: timeOf(atMs) };
}
