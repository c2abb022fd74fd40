import { z } from "@hono/zod-openapi";
import { listMutes, type Mute, muteService, unmuteService } from "../../../alerting/mutes.ts";
import type { LogSource } from "../../../logs/source.ts";
import { redactionOf } from "../../../redactionRules/tenantRedaction.ts";
import { type Route, route } from "../addRoute.ts";
import { nameToKeep } from "../nameToKeep.ts";
import { refuse } from "../problem.ts";
import { Service, Since, Time, ToldService, timeOf } from "../schemas.ts";
import { byOf } from "./anomalies.ts";

const Muted = z
  .strictObject({
    service: ToldService,
    endsAt: Time,
    reason: z.string().nullable(),
    mutedBy: z.string(),
  })
  .openapi("Mute");

const MOST_MS = 7 * 24 * 60 * 60_000;

export interface MuteRouteParts {
  logs: LogSource;
  now: () => number;
}

export function muteRoutes({ logs, now }: MuteRouteParts): Route[] {
  return [
    route({
      method: "get",
      path: "/mutes",
      summary: "Services about which no alerts are posted just now",
      scope: "read:anomalies",
      answer: z.strictObject({ items: z.array(Muted) }),
      run: async ({ key }) => ({ items: (await listMutes(key.tenant, now())).map(tell) }),
    }),
    route({
      method: "post",
      path: "/mutes",
      summary: "No alerts about a service for a while; one that is muted already is muted anew",
      scope: "write:anomalies",
      body: z.strictObject({
        service: Service,
        duration: Since.refine((ms) => ms > 0 && ms <= MOST_MS, "is not between 1s and 7d"),
        reason: z.string().min(1).max(300).optional(),
      }),
      status: 201,
      answer: Muted,
      async run({ key, body }) {
        const redaction = await redactionOf(key.tenant);
        const mute: Mute = {
          service: await nameToKeep(logs, key.tenant, body.service, now()),
          endsAtMs: now() + body.duration,
          mutedBy: byOf(key),
          ...(body.reason !== undefined && { reason: redaction.sampleOf(body.reason, 300) }),
        };
        await key.tenant.transaction((db) => muteService(key.tenant, db, mute, now()));
        return tell(mute);
      },
    }),
    route({
      method: "delete",
      path: "/mutes/{service}",
      summary: "Alerts about a service again",
      scope: "write:anomalies",
      params: z.strictObject({ service: Service }),
      answer: z.strictObject({ service: ToldService }),
      async run({ key, params }) {
        const service = await nameToKeep(logs, key.tenant, params.service, now());
        if (!(await key.tenant.transaction((db) => unmuteService(key.tenant, db, service, now()))))
          throw refuse("not-found", "That service is not muted.");
        return { service };
      },
    }),
  ];
}

function tell({ service, endsAtMs, reason, mutedBy }: Mute): z.input<typeof Muted> {
  return { service, endsAt: timeOf(endsAtMs), reason: reason ?? null, mutedBy };
}
