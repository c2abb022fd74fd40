import { z } from "@hono/zod-openapi";
import { type Job, listJobs } from "../../../analysis/jobs.ts";
import type { Cache } from "../../../cache/cache.ts";
import { cacheFor } from "../../../cache/keys.ts";
import { readJobStatus } from "../../../jobs/status.ts";
import type { TenantScope } from "../../../tenancy/scope.ts";
import { type Route, route } from "../addRoute.ts";
import { refuse } from "../problem.ts";
import { ById, Id, Listing, page, pageOf, Time, ToldNamespace, ToldService, timeOf } from "../schemas.ts";

const State = z.enum(["queued", "running", "done", "failed"]);
export const JobAnswer = z
  .strictObject({
    id: Id,
    state: State,
    phase: z.string().nullable().openapi({ description: "What it does just now, where that is known" }),
    failure: z.string().nullable().openapi({ description: "Why it failed, for people; null: it did not" }),
    service: ToldService,
    namespace: ToldNamespace,
    from: Time,
    to: Time,
    createdAt: Time,
    analysisId: Id.nullable().openapi({
      description: "What was found. null: nothing yet, or the logs do not show a cause",
    }),
  })
  .openapi("Job");

export function jobRoutes({ cache }: { cache: Cache }): Route[] {
  return [
    route({
      method: "get",
      path: "/jobs",
      summary: "Searches for root causes, whoever asked for them, the newest first",
      scope: "read:analysis",
      query: z.strictObject({ ...Listing }),
      answer: pageOf(JobAnswer),
      async run({ key, query: { limit, cursor } }) {
        const after = cursor === undefined ? {} : { after: cursor };
        return page(await listJobs(key.tenant, after, limit + 1), limit, (job) => tellJob(job));
      },
    }),
    route({
      method: "get",
      path: "/jobs/{id}",
      summary: "How far a search for a root cause is",
      scope: "read:analysis",
      params: ById,
      answer: JobAnswer,
      run: ({ key, params }) => oneJob(key.tenant, params.id, cache),
    }),
  ];
}

/** @throws what is answered where there is none */
export async function oneJob(
  tenant: TenantScope,
  id: string,
  cache: Cache,
): Promise<z.input<typeof JobAnswer>> {
  const [job] = await listJobs(tenant, { id }, 1);
  if (job === undefined) throw refuse("not-found", "There is no such job.");
  // The database has the truth; the cache may know how far it is.
  const status =
    job.state === "queued" ? await readJobStatus(cacheFor(cache, tenant.tenantId), id) : undefined;
  return tellJob(job, status?.state === "running" ? (status.phase ?? "") : undefined);
}

/** @param phase what it does just now; undefined: it waits, as far as is known */
function tellJob(job: Job, phase?: string): z.input<typeof JobAnswer> {
  const running = phase === undefined ? "queued" : "running";
  return {
    id: job.id,
    state: job.state === "answered" ? "done" : job.state === "failed" ? "failed" : running,
    phase: phase === undefined || phase === "" ? null : phase,
    service: job.service,
    namespace: job.namespace,
    from: timeOf(job.window.fromMs),
    to: timeOf(job.window.toMs),
    createdAt: timeOf(job.createdAtMs),
    analysisId: job.analysisId ?? null,
    failure: job.failure ?? null,
  };
}
