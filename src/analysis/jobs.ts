import type { TimeRange } from "../logs/source.ts";
import { type PageEnd, pageEndValues, pagesBy } from "../tenancy/pages.ts";
import type { TenantScope } from "../tenancy/scope.ts";

/** A search for a root cause, as whoever waits for it is told. */
export interface Job extends PageEnd {
  createdAtMs: number;
  service: string;
  namespace: string;
  window: TimeRange;
  state: "queued" | "answered" | "failed";
  /** What was found; absent while it is looked for, and where the logs show no cause. */
  analysisId?: string;
  /** Why it failed, for people. */
  failure?: string;
}

export interface JobFilter {
  id?: string;
  state?: Job["state"];
  after?: PageEnd;
}

const PAGES = pagesBy("created_at");

/** The newest first, whoever asked for them. */
export async function listJobs(
  scope: TenantScope,
  { id, state, after }: JobFilter,
  limit: number,
): Promise<Job[]> {
  const rows = await scope.query<Row>(
    `\
select id, ${PAGES.column}, created_at, service, namespace, window_start, window_end, state, analysis_id, failure
from conversations
where tenant_id = $1 and ($4::uuid is null or id = $4) and ($5::text is null or state = $5) and ${PAGES.after("$2", "$3")}
order by ${PAGES.order} limit $6`,
    [scope.tenantId, ...pageEndValues(after), id ?? null, state ?? null, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    atUs: row.at_us,
    createdAtMs: row.created_at.getTime(),
    service: row.service,
    namespace: row.namespace,
    window: { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() },
    state: row.state,
    ...(row.analysis_id !== null && { analysisId: row.analysis_id }),
    ...(row.failure !== null && { failure: row.failure }),
  }));
}

interface Row {
  id: string;
  at_us: string;
  created_at: Date;
  service: string;
  namespace: string;
  window_start: Date;
  window_end: Date;
  state: Job["state"];
  analysis_id: string | null;
  failure: string | null;
}
