import { inlineText } from "../chat/plainText.ts";
import type { Cluster } from "../clusters/cluster.ts";
import { keptName } from "../clusters/keptName.ts";
import { toJsonb } from "../database.ts";
import { evidenceItems, textsOf } from "../evidence/items.ts";
import type { Pack, PastAnalysis } from "../evidence/pack.ts";
import type { TimeRange } from "../logs/source.ts";
import { forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import type { Judged } from "./calibration.ts";

/**
 * Keeps an answer, also one that names no cause: people can then say what it was.
 * @param clusterId what the cause is about; where none is named, what ranks first
 * @returns the analysis's id
 */
export async function insertAnalysis(
  scope: TenantScope,
  db: Queryable,
  clusterId: string,
  answer: Answer,
  pack: Pack,
): Promise<string> {
  const items = evidenceItems(pack);
  const evidence = answer.cites.flatMap((number): object[] => {
    const item = items[number - 1];
    if (item === undefined) return [];
    if (item.kind !== "cluster")
      return [{ number, kind: item.kind, service: item.service, texts: textsOf(item) }];
    const { service, level, count, sample } = item.cluster;
    return [{ number, service, level, count, sample }];
  });
  const { rows } = await db.query<{ id: string }>(
    `\
insert into analysis_results (
  tenant_id, cluster_id, provider, model, root_cause, confidence, summary, suggested_action, evidence, stated_confidence, names_cause
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
returning id`,
    [
      scope.tenantId,
      clusterId,
      answer.provider,
      answer.model,
      answer.rootCause,
      answer.confidence,
      inlineText(answer.summary),
      answer.suggestedAction ?? null,
      toJsonb(evidence),
      answer.statedConfidence ?? null,
      answer.culprit !== undefined,
    ],
  );
  return (rows[0] as { id: string }).id;
}

const MOST_PAST = 3;

/**
 * Analyses about these clusters, or about such as they resemble, with what people said of them: those of which somebody said
 * something first, because looking again adds a row each time, and then the newest. An answer that named no cause is worth
 * showing only with the cause that somebody gave, and one of the incident itself only with what somebody said of it: looking
 * twice is no precedent.
 * @param incident from its beginning to when it is looked at
 */
export async function findPastAnalyses(
  scope: TenantScope,
  clusters: readonly Pick<Cluster, "namespace" | "service" | "fingerprint">[],
  incident: TimeRange,
): Promise<PastAnalysis[]> {
  if (clusters.length === 0) return [];
  const rows = await scope.query<PastRow>(
    `\
with same as (
  select c.id from jsonb_to_recordset($2) as k(namespace text, service text, fingerprint text)
  join error_clusters c on c.tenant_id = $1 and c.namespace = k.namespace and c.service = k.service
    and c.fingerprint = k.fingerprint
), alike as (
  select id from same
  union select r.related_id from related_clusters r join same s on s.id = r.cluster_id where r.tenant_id = $1
  union select r.cluster_id from related_clusters r join same s on s.id = r.related_id where r.tenant_id = $1
)
select a.id, a.created_at, c.service, a.root_cause, a.confidence, a.names_cause, own.is_own, f.*
from analysis_results a
join alike on alike.id = a.cluster_id
join error_clusters c on c.tenant_id = $1 and c.id = a.cluster_id
cross join lateral (
  select (count(*) filter (where verdict = 'right'))::int as "right", (count(*) filter (where verdict = 'partly'))::int as partly,
    (count(*) filter (where verdict = 'wrong'))::int as wrong,
    (array_agg(cause order by updated_at desc) filter (where cause is not null))[1] as cause
  from feedback where tenant_id = $1 and analysis_id = a.id
) f
cross join lateral (select c.first_seen_at >= $4 or a.created_at between $4 and $5 as is_own) own
where a.tenant_id = $1 and (a.names_cause or f.cause is not null) and (not own.is_own or f."right" + f.partly + f.wrong > 0)
order by f."right" + f.partly + f.wrong > 0 desc, a.created_at desc limit $3`,
    [
      scope.tenantId,
      toJsonb(
        clusters.map(({ namespace, service, fingerprint }) => ({
          namespace: keptName(namespace),
          service: keptName(service),
          fingerprint,
        })),
      ),
      MOST_PAST,
      new Date(incident.fromMs),
      new Date(incident.toMs),
    ],
  );
  return rows.map(({ created_at, root_cause, names_cause, cause, is_own, ...row }) => ({
    ...row,
    ...(is_own && { isOfThisIncident: true }),
    ...(!names_cause && { namedNoCause: true }),
    atMs: created_at.getTime(),
    rootCause: root_cause,
    ...(cause !== null && { cause }),
  }));
}

interface PastRow extends Omit<PastAnalysis, "atMs" | "rootCause" | "cause"> {
  created_at: Date;
  root_cause: string;
  names_cause: boolean;
  is_own: boolean;
  cause: string | null;
}

/** With what people think of them. One that a conversation is about goes after it. */
export const PAST_ANALYSES: Perishable = {
  table: "analysis_results",
  by: "created_at",
  when: "not exists (select from conversations c where c.tenant_id = $1 and c.analysis_id = r.id offset 0)",
  keptMs: forRetention,
};

export const VERDICTS = ["right", "partly", "wrong"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Feedback {
  analysisId: string;
  workspaceId: string;
  personId: string;
  verdict: Verdict;
  /** What it was instead, without secrets; only where it was not right. */
  cause?: string;
}

/** What a person thinks of an analysis; saying it again changes it. @returns false where there is no such analysis. */
export async function keepFeedback(scope: TenantScope, feedback: Feedback): Promise<boolean> {
  const rows = await scope.query(
    `\
insert into feedback (tenant_id, analysis_id, workspace_id, person_id, verdict, cause)
select $1, id, $3, $4, $5, $6 from analysis_results where tenant_id = $1 and id = $2
on conflict (tenant_id, analysis_id, workspace_id, person_id) do update set
  verdict = excluded.verdict,
  cause = case when excluded.verdict = 'right' then null else coalesce(excluded.cause, feedback.cause) end
returning id`,
    [
      scope.tenantId,
      feedback.analysisId,
      feedback.workspaceId,
      feedback.personId,
      feedback.verdict,
      feedback.verdict === "right" ? null : (feedback.cause ?? null),
    ],
  );
  return rows.length > 0;
}

/** The analysis whose id begins so; of several the newest. */
export async function findAnalysis(
  scope: TenantScope,
  start: string,
): Promise<{ id: string; service: string; rootCause: string } | undefined> {
  const rows = await scope.query<{ id: string; service: string; root_cause: string }>(
    `\
select a.id, c.service, a.root_cause from analysis_results a
join error_clusters c on c.tenant_id = $1 and c.id = a.cluster_id
where a.tenant_id = $1 and a.id between $2 and $3
order by a.created_at desc limit 1`,
    [scope.tenantId, filledUp(start, "0"), filledUp(start, "f")],
  );
  return rows[0] && { id: rows[0].id, service: rows[0].service, rootCause: rows[0].root_cause };
}

/** The least or the greatest id that begins so, which an index finds. */
function filledUp(start: string, digit: "0" | "f"): string {
  return start.replaceAll("-", "").slice(0, 32).padEnd(32, digit);
}

/** The newest analysis that stands in a channel. */
export async function newestAnalysisIn(
  scope: TenantScope,
  { workspaceId, channel }: { workspaceId: string; channel: string },
): Promise<string | undefined> {
  const rows = await scope.query<{ analysis_id: string }>(
    `\
select analysis_id from conversations
where tenant_id = $1 and workspace_id = $2 and channel = $3 and analysis_id is not null
order by created_at desc limit 1`,
    [scope.tenantId, workspaceId, channel],
  );
  return rows[0]?.analysis_id;
}

/** So many judged analyses say what a confidence means; those of long ago are of other rules. */
const MOST_JUDGED = 500;

/**
 * Analyses that people have judged, the newest first; of several judgements of one the mean counts. How sure one is that names no
 * cause says nothing of a cause, so that it is not among them.
 */
export async function listJudged(
  scope: TenantScope,
  provider?: string,
): Promise<(Judged & { provider: string; stated: number })[]> {
  return scope.query(
    `\
select a.provider, a.confidence, coalesce(a.stated_confidence, a.confidence) as stated, f.outcome
from analysis_results a
cross join lateral (
  select avg(case verdict when 'right' then 1 when 'partly' then 0.5 else 0 end)::float8 as outcome
  from feedback where tenant_id = $1 and analysis_id = a.id
) f
where a.tenant_id = $1 and a.names_cause and ($2::text is null or a.provider = $2) and f.outcome is not null
order by a.created_at desc limit $3`,
    [scope.tenantId, provider ?? null, MOST_JUDGED],
  );
}

/** How many answers that named no cause people have judged, and how many of these they found right. */
export async function countJudgedAbstentions(scope: TenantScope): Promise<{ judged: number; right: number }> {
  const rows = await scope.query<{ judged: number; right: number }>(
    `\
select count(distinct a.id)::int as judged, (count(distinct a.id) filter (where f.verdict = 'right'))::int as "right"
from feedback f join analysis_results a on a.tenant_id = $1 and a.id = f.analysis_id
where f.tenant_id = $1 and not a.names_cause`,
    [scope.tenantId],
  );
  return rows[0] ?? { judged: 0, right: 0 };
}
