import { z } from "@hono/zod-openapi";
import type { FingerprintPool } from "../../../clusters/fingerprintPool.ts";
import { readErrors } from "../../../clusters/readErrors.ts";
import { findService } from "../../../logs/findService.ts";
import { ERROR_LEVELS, type ErrorLevel, type LogSource } from "../../../logs/source.ts";
import { numberedRedactionOf } from "../../../redactionRules/tenantRedaction.ts";
import { type Route, route } from "../addRoute.ts";
import { Level, Namespace, Service, Since, Time, ToldNamespace, ToldService, timeOf } from "../schemas.ts";

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const MOST_KINDS = 200;
const MOST_LINES = 200;
const LINE_CHARS = 2_000;

const ShortSince = Since.refine((ms) => ms > 0 && ms <= WEEK_MS, "is 7d at most");
const Kind = z
  .strictObject({
    level: Level,
    count: z.number().int(),
    firstSeenAt: Time,
    lastSeenAt: Time,
    isNew: z.boolean().nullable().openapi({
      description: "Not logged in as long a time before. null: that time was not read whole",
    }),
    template: z.string(),
    sample: z.string().openapi({ description: "One line, redacted" }),
  })
  .openapi("Kind");

export interface LogRouteParts {
  logs: LogSource;
  fingerprints: FingerprintPool;
  now: () => number;
}

/** What stands in the logs just now: read when it is asked for, redacted, and not kept. */
export function logRoutes({ logs, fingerprints, now }: LogRouteParts): Route[] {
  return [
    route({
      method: "get",
      path: "/errors",
      summary: "A service's warnings and errors, grouped by what they say, the most frequent first",
      scope: "read:logs",
      query: z.strictObject({
        service: Service,
        namespace: Namespace.optional(),
        since: ShortSince.optional(),
        level: Level.optional(),
      }),
      answer: z.strictObject({
        service: ToldService,
        namespace: ToldNamespace,
        from: Time,
        to: Time,
        lines: z.number().int(),
        items: z.array(Kind),
        notes: z
          .array(z.string())
          .openapi({ description: "What the source says of lines it could not give" }),
      }),
      async run({ key, query }) {
        const toMs = now();
        const window = { fromMs: toMs - (query.since ?? HOUR_MS), toMs };
        const ref = await findService(logs, key.tenant.lokiOrgId, query, window);
        const levels = query.level === undefined ? ERROR_LEVELS : [query.level as ErrorLevel];
        const read = await readErrors({ logs, fingerprints }, key.tenant, ref, levels, window);
        return {
          ...ref,
          from: timeOf(read.fromMs),
          to: timeOf(window.toMs),
          lines: read.linesInWindow,
          items: read.clusters.slice(0, MOST_KINDS).map((cluster) => ({
            level: cluster.level,
            count: cluster.count,
            firstSeenAt: timeOf(cluster.timesMs.at(-1) as number),
            lastSeenAt: timeOf(cluster.timesMs[0] as number),
            isNew: read.before === undefined ? null : !read.before.has(cluster.fingerprint),
            template: cluster.template,
            sample: cluster.sample,
          })),
          notes: read.notes,
        };
      },
    }),
    route({
      method: "get",
      path: "/lines",
      summary: `The newest ${MOST_LINES} lines of a service, or those that hold a text, oldest first, redacted`,
      scope: "read:logs",
      query: z.strictObject({
        service: Service,
        namespace: Namespace.optional(),
        since: ShortSince.optional(),
        text: z.string().min(2).max(200).optional(),
      }),
      answer: z.strictObject({
        service: ToldService,
        namespace: ToldNamespace,
        items: z.array(z.strictObject({ at: Time, level: z.string().nullable(), text: z.string() })),
      }),
      async run({ key, query }) {
        const toMs = now();
        const window = { fromMs: toMs - (query.since ?? HOUR_MS), toMs };
        const org = key.tenant.lokiOrgId;
        const ref = await findService(logs, org, query, window);
        const redaction = await numberedRedactionOf(key.tenant);
        const items = [];
        const asked = {
          ...window,
          ...{ services: [ref.service], namespace: ref.namespace },
          ...(query.text !== undefined && { contains: [query.text] }),
          ...({ order: "newest first", limit: MOST_LINES } as const),
        };
        for await (const { atNs, level, text } of logs.lines(org, asked))
          items.push({
            at: timeOf(Number(atNs / 1_000_000n)),
            level: level ?? null,
            text: redaction.sampleOf(text, LINE_CHARS),
          });
        return { ...ref, items: items.reverse() };
      },
    }),
  ];
}
