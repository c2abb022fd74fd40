import { inlineText } from "../chat/plainText.ts";
import { toJsonb } from "../database.ts";
import type { Pack } from "../evidence/pack.ts";
import { forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";

/** Keeps an answer that names a cause. @returns the analysis's id. */
export async function insertAnalysis(
  scope: TenantScope,
  db: Queryable,
  clusterId: string,
  answer: Answer,
  pack: Pack,
): Promise<string> {
  const evidence = answer.cites.map((number) => {
    const cluster = pack.clusters[number - 1];
    return (
      cluster && {
        number,
        service: cluster.service,
        level: cluster.level,
        count: cluster.count,
        sample: cluster.sample,
      }
    );
  });
  const { rows } = await db.query<{ id: string }>(
    `\
insert into analysis_results (
  tenant_id, cluster_id, provider, model, root_cause, confidence, summary, suggested_action, evidence
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
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
    ],
  );
  return (rows[0] as { id: string }).id;
}

/** With what people think of them. One that a conversation is about goes after it. */
export const PAST_ANALYSES: Perishable = {
  table: "analysis_results",
  by: "created_at",
  when: "not exists (select from conversations c where c.tenant_id = $1 and c.analysis_id = r.id offset 0)",
  keptMs: forRetention,
};

export type Verdict = "right" | "partly" | "wrong";

/** What a person thinks of an analysis; saying it again changes it. @returns false where there is no such analysis. */
export async function keepFeedback(
  scope: TenantScope,
  feedback: { analysisId: string; workspaceId: string; personId: string; verdict: Verdict },
): Promise<boolean> {
  const rows = await scope.query(
    `\
insert into feedback (tenant_id, analysis_id, workspace_id, person_id, verdict)
select $1, id, $3, $4, $5 from analysis_results where tenant_id = $1 and id = $2
on conflict (tenant_id, analysis_id, workspace_id, person_id) do update set verdict = excluded.verdict
returning id`,
    [scope.tenantId, feedback.analysisId, feedback.workspaceId, feedback.personId, feedback.verdict],
  );
  return rows.length > 0;
}
