import type { ErrorLevel } from "../logs/source.ts";
import { type PageEnd, pageEndValues, pagesBy } from "../tenancy/pages.ts";
import type { TenantScope } from "../tenancy/scope.ts";

/** A kept cluster with all that is told of it. */
export interface ClusterRow extends PageEnd {
  service: string;
  namespace: string;
  fingerprint: string;
  level: ErrorLevel;
  firstSeenMs: number;
  lastSeenMs: number;
  /** Lines in the window that was read last. */
  count: number;
  window: { fromMs: number; toMs: number };
  template: string;
  /** One line, sanitized. */
  sample: string;
}

export interface ClusterFilter {
  id?: string;
  service?: string;
  namespace?: string;
  level?: ErrorLevel;
  /** Logged since. */
  sinceMs?: number;
  after?: PageEnd;
}

const PAGES = pagesBy("last_seen_at");

/** Those seen last first. */
export async function listClusters(
  scope: TenantScope,
  { id, service, namespace, level, sinceMs, after }: ClusterFilter,
  limit: number,
): Promise<ClusterRow[]> {
  const rows = await scope.query<Row>(
    `\
select id, ${PAGES.column}, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count::float8 as count, window_start,
  window_end, template, sample_message
from error_clusters
where tenant_id = $1 and ($4::uuid is null or id = $4) and ($5::text is null or service = $5)
  and ($6::text is null or namespace = $6) and ($7::text is null or level = $7)
  and last_seen_at >= coalesce(to_timestamp($8::float8 / 1000.0), '-infinity') and ${PAGES.after("$2", "$3")}
order by ${PAGES.order} limit $9`,
    [
      scope.tenantId,
      ...pageEndValues(after),
      id ?? null,
      service ?? null,
      namespace ?? null,
      level ?? null,
      sinceMs ?? null,
      limit,
    ],
  );
  return rows.map((row) => ({
    id: row.id,
    atUs: row.at_us,
    service: row.service,
    namespace: row.namespace,
    fingerprint: row.fingerprint,
    level: row.level,
    firstSeenMs: row.first_seen_at.getTime(),
    lastSeenMs: row.last_seen_at.getTime(),
    count: row.count,
    window: { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() },
    template: row.template,
    sample: row.sample_message,
  }));
}

interface Row {
  id: string;
  at_us: string;
  service: string;
  namespace: string;
  fingerprint: string;
  level: ErrorLevel;
  first_seen_at: Date;
  last_seen_at: Date;
  count: number;
  window_start: Date;
  window_end: Date;
  template: string;
  sample_message: string;
}
