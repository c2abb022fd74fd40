import { z } from "@hono/zod-openapi";
import type { Analyst } from "../../../analysis/analyst.ts";
import { type AnalysisRow, listAnalyses } from "../../../analysis/pages.ts";
import type { Cache } from "../../../cache/cache.ts";
import { findService } from "../../../logs/findService.ts";
import type { LogSource } from "../../../logs/source.ts";
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
import { JobAnswer, oneJob } from "./jobs.ts";

const Analysis = z
  .strictObject({
    id: Id,
    createdAt: Time,
    service: ToldService,
    namespace: ToldNamespace,
    clusterId: Id,
    provider: z.enum(["builtin", "ollama", "vllm", "openai", "anthropic"]),
    model: z.string(),
    rootCause: z.string(),
    confidence: z.number().min(0).max(1),
    summary: z.string(),
    suggestedAction: z
      .string()
      .nullable()
      .openapi({ description: "Text for people: nothing does it by itself" }),
    evidence: z.array(z.unknown()).openapi({ description: "What it rests on, redacted" }),
    feedback: z.strictObject({ right: z.number().int(), partly: z.number().int(), wrong: z.number().int() }),
  })
  .openapi("Analysis");

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

export interface AnalysisRouteParts {
  analyst: Pick<Analyst, "ask">;
  logs: LogSource;
  cache: Cache;
  now: () => number;
}

export function analysisRoutes({ analyst, logs, cache, now }: AnalysisRouteParts): Route[] {
  return [
    route({
      method: "post",
      path: "/analyses",
      summary: "Look for the root cause of what a service logs; a job that is asked for until it is done",
      scope: "write:analysis",
      body: z
        .strictObject({
          service: Service,
          namespace: Namespace.optional(),
          since: Since.optional().openapi({ description: "How far back; 1h unless from is given" }),
          from: Time.optional(),
          to: Time.optional().openapi({ description: "Now unless said" }),
        })
        .refine(
          ({ since, from }) => since === undefined || from === undefined,
          "give since or from, not both",
        ),
      status: 202,
      answer: JobAnswer,
      location: ({ id }) => `/jobs/${id}`,
      async run({ key, body, onceId }) {
        const nowMs = now();
        const toMs = body.to === undefined ? nowMs : Math.min(Date.parse(body.to), nowMs);
        const fromMs = body.from === undefined ? toMs - (body.since ?? HOUR_MS) : Date.parse(body.from);
        if (fromMs >= toMs || toMs - fromMs > WEEK_MS)
          throw refuse(
            "unprocessable",
            "A time is looked at that ends after it begins, and is a week at most.",
          );
        const window = { fromMs, toMs };
        const ref = await findService(logs, key.tenant.lokiOrgId, body, window);
        const asked = { askedBy: key.id, onceId, ...ref, window };
        const { id } = await analyst.ask({ scope: key.tenant }, asked);
        return oneJob(key.tenant, id, cache);
      },
    }),
    route({
      method: "get",
      path: "/analyses",
      summary: "Root causes that were found, the newest first",
      scope: "read:analysis",
      query: z.strictObject({ service: Service.optional(), since: Since.optional(), ...Listing }),
      answer: pageOf(Analysis),
      async run({ key, query: { limit, cursor, since, service } }) {
        const filter = {
          ...(service !== undefined && { service }),
          ...(since !== undefined && { sinceMs: now() - since }),
          ...(cursor !== undefined && { after: cursor }),
        };
        return page(await listAnalyses(key.tenant, filter, limit + 1), limit, tell);
      },
    }),
    route({
      method: "get",
      path: "/analyses/{id}",
      summary: "One root cause, with what it rests on",
      scope: "read:analysis",
      params: ById,
      answer: Analysis,
      async run({ key, params }) {
        const [row] = await listAnalyses(key.tenant, { id: params.id }, 1);
        if (row === undefined) throw refuse("not-found", "There is no such analysis.");
        return tell(row);
      },
    }),
  ];
}

function tell({ atUs: _, atMs, suggestedAction, ...row }: AnalysisRow): z.input<typeof Analysis> {
  return { ...row, createdAt: timeOf(atMs), suggestedAction: suggestedAction ?? null };
}
