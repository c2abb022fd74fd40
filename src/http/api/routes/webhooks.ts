import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { listChannels } from "../../../alerting/channels.ts";
import type { Analyst } from "../../../analysis/analyst.ts";
import { UserError } from "../../../errors.ts";
import type { VerifiedKey } from "../../../keys/verifier.ts";
import { findService } from "../../../logs/findService.ts";
import { withoutOwnKeys } from "../../../logs/redaction/ownKeys.ts";
import type { LogSource, TimeRange } from "../../../logs/source.ts";
import type { Telemetry } from "../../../telemetry/telemetry.ts";
import type { TenantDirectory } from "../../../tenancy/directory.ts";
import { type Route, route } from "../addRoute.ts";
import { Id } from "../schemas.ts";

/** One alert as Alertmanager and Grafana send it; what else they say is not read. */
const Alert = z.object({
  status: z.enum(["firing", "resolved"]),
  labels: z.record(z.string(), z.string()),
  startsAt: z.string().max(60).optional(),
  fingerprint: z.string().max(100).optional(),
});
/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, which Grafana's follows */
const Notification = z
  .object({ alerts: z.array(Alert).max(500) })
  .openapi("AlertNotification", { description: "As Alertmanager and Grafana send it; the rest is not read" });

/** Labels that name a service, the first one that an alert has. */
const LABELS = ["service_name", "service", "app", "job"];
/** Says which of several services of one name is meant. */
const NAMESPACE = "namespace";
/** One notification starts so many at most: each reads the logs. */
const MOST = 5;
/** Services that are looked for in the logs, unknown ones among them: each may take as long as one is waited for. */
const MOST_LOOKED_FOR = 20;
/** The alert is late: what began it is looked for before it. */
const BEFORE_MS = 15 * 60_000;
const MOST_MS = 6 * 60 * 60_000;

export interface WebhookRouteParts {
  analyst: Pick<Analyst, "ask">;
  directory: Pick<TenantDirectory, "workspaceById">;
  logs: LogSource;
  telemetry: Pick<Telemetry, "metrics">;
  now: () => number;
}

/** Alerts of other systems, which start root causes: the answers stand in the first channel for alerts, and in the API. */
export function webhookRoutes(parts: WebhookRouteParts): Route[] {
  return ["alertmanager", "grafana"].map((from) =>
    route({
      method: "post",
      path: `/webhooks/${from}`,
      summary: "A firing alert starts the search for its root cause; sent again, it starts none",
      scope: "write:analysis",
      query: z.strictObject({
        label: z
          .string()
          .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,60}$/)
          .optional()
          .openapi({
            description: `The label that names the service; else the first of ${LABELS.join(", ")}`,
          }),
      }),
      body: Notification,
      status: 202,
      answer: z.strictObject({
        jobs: z.array(z.strictObject({ id: Id, service: z.string() })),
        skipped: z.array(z.strictObject({ service: z.string(), why: z.string() })),
      }),
      async run({ key, query, body }) {
        const told = await startAll(parts, key, query.label, body);
        const { metrics } = parts.telemetry;
        metrics.count("loghunter_webhook_alerts_total", { from, outcome: "started" }, told.jobs.length);
        metrics.count("loghunter_webhook_alerts_total", { from, outcome: "skipped" }, told.skipped.length);
        return told;
      },
    }),
  );
}

async function startAll(
  { analyst, directory, logs, now }: WebhookRouteParts,
  key: VerifiedKey,
  label: string | undefined,
  { alerts }: z.output<typeof Notification>,
) {
  const jobs: { id: string; service: string }[] = [];
  const skipped: { service: string; why: string }[] = [];
  const asking = await whoAsks(key, directory);
  const firing = new Map<string, Named & { alert: z.output<typeof Alert> }>();
  for (const alert of alerts) {
    if (alert.status !== "firing") continue;
    const service = labelOf(alert, label === undefined ? LABELS : [label]);
    const namespace = labelOf(alert, [NAMESPACE]);
    const key = JSON.stringify([service, namespace]);
    if (service === undefined) skipped.push({ service: "", why: `no label ${label ?? LABELS.join(", ")}` });
    else if (!firing.has(key)) firing.set(key, { service, namespace, alert });
  }
  const begun = new Set<string>();
  for (const [at, { service, namespace, alert }] of [...firing.values()].entries()) {
    if (jobs.length >= MOST) {
      skipped.push({ service, why: `one notification starts ${MOST} at most` });
      continue;
    }
    if (at >= MOST_LOOKED_FOR) {
      skipped.push({
        service,
        why: `of one notification ${MOST_LOOKED_FOR} services are looked for at most`,
      });
      continue;
    }
    const toMs = now();
    const began = Date.parse(alert.startsAt ?? "");
    const sinceMs = Number.isFinite(began) ? Math.max(began - BEFORE_MS, toMs - MOST_MS) : toMs - BEFORE_MS;
    const window = { fromMs: Math.min(sinceMs, toMs - BEFORE_MS), toMs };
    try {
      const ref = await refOf(logs, key.tenant.lokiOrgId, { service, namespace }, window);
      const which = JSON.stringify(ref);
      if (begun.has(which)) continue;
      begun.add(which);
      const asked = { askedBy: key.id, onceId: onceIdOf(alert, service), ...ref, window };
      const { id } = await analyst.ask(asking, {
        ...asked,
        ...("place" in asking && { place: asking.place }),
      });
      jobs.push({ id, service: ref.service });
    } catch (error) {
      if (!(error instanceof UserError) || error.cause !== undefined) throw error;
      skipped.push({ service, why: error.message });
    }
  }
  return { jobs, skipped };
}

/** The first channel for alerts; where there is none, what is found is told through the API alone. */
async function whoAsks({ tenant }: VerifiedKey, directory: Pick<TenantDirectory, "workspaceById">) {
  const [channel] = await listChannels(tenant, "alerts");
  const workspace = channel && (await directory.workspaceById(tenant.tenantId, channel.workspaceId));
  if (channel === undefined || workspace === undefined) return { scope: tenant };
  const { id, scope, platform, externalId } = workspace;
  return { id, scope, place: { platform, workspace: externalId, channel: channel.externalId } };
}

interface Named {
  service: string;
  namespace: string | undefined;
}

/** By its name alone, which is all that most systems call it by; where that stands in several namespaces, in the alert's. */
async function refOf(logs: LogSource, org: string, { service, namespace }: Named, window: TimeRange) {
  try {
    return await findService(logs, org, { service }, window);
  } catch (error) {
    if (namespace === undefined || !(error instanceof UserError) || error.cause !== undefined) throw error;
    return findService(logs, org, { service, namespace }, window);
  }
}

/** The first of these labels that an alert has. */
function labelOf({ labels }: z.output<typeof Alert>, names: readonly string[]): string | undefined {
  // `constructor` is a name that a label may have, and one that every object answers to.
  const own = names.filter((name) => Object.hasOwn(labels, name));
  const named = own.map((name) => labels[name]).find((value) => value !== "");
  return named && withoutOwnKeys(named);
}

/** Alertmanager sends what still fires again and again, for as long as it does. */
function onceIdOf({ startsAt, fingerprint, labels }: z.output<typeof Alert>, service: string): string {
  const what = JSON.stringify([service, startsAt ?? "", fingerprint ?? labels]);
  return `alert:${createHash("sha256").update(what).digest("hex").slice(0, 32)}`;
}
