import { beAlone } from "../tenancy/alone.ts";
import { forLookingBack, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { ModelUsage, Provider } from "./languageModel.ts";

export interface NewCall {
  provider: Provider;
  model: string;
  purpose: "root cause" | "question";
  /** Reckoned, before it is sent; undefined: the price is not known. */
  inputTokens: number;
  outputTokens: number;
  costUsd: number | undefined;
}

/** What a day (UTC) may cost. Absent: as much as it takes. */
export interface Budget {
  dailyTokens?: number;
  dailyUsd?: number;
}

export interface Spent {
  tokens: number;
  /** Of the calls whose price is known. */
  usd: number;
  /** Calls whose price is not known. */
  unpriced: number;
  calls: number;
}

/**
 * Takes what a call may cost out of the day's budget, before it is sent.
 * @returns the call's id; or what is spent, where the budget does not have that much left.
 */
export async function reserveCall(
  scope: TenantScope,
  call: NewCall,
  { dailyTokens, dailyUsd }: Budget,
): Promise<{ id: string } | { spent: Spent }> {
  return scope.transaction(async (db) => {
    // Two processes that look at the same time would both find enough.
    await beAlone(db, "model budget", scope.tenantId);
    const spent = await spentIn(scope, db);
    const overTokens =
      dailyTokens !== undefined && spent.tokens + call.inputTokens + call.outputTokens > dailyTokens;
    // What costs no known money takes none from what is left of the day's.
    const overUsd =
      dailyUsd !== undefined && call.costUsd !== undefined && spent.usd + call.costUsd > dailyUsd;
    if (overTokens || overUsd) return { spent };
    const { rows } = await db.query<{ id: string }>(
      `\
insert into model_calls (tenant_id, provider, model, purpose, state, input_tokens, output_tokens, cost_usd)
values ($1, $2, $3, $4, 'asking', $5, $6, $7)
returning id`,
      [
        scope.tenantId,
        call.provider,
        call.model,
        call.purpose,
        call.inputTokens,
        call.outputTokens,
        call.costUsd ?? null,
      ],
    );
    return { id: (rows[0] as { id: string }).id };
  });
}

/** What came of a call; what the provider did not count stays as it was reckoned, unless nothing was sent. */
export async function settleCall(
  scope: TenantScope,
  id: string,
  end: { usage?: ModelUsage; costUsd?: number | undefined; error?: string; sent: boolean },
): Promise<void> {
  const { usage, error } = end;
  await scope.query(
    `\
update model_calls set
  state = $3, error = $4,
  input_tokens = case when $5 then coalesce($6, input_tokens) else 0 end,
  cached_tokens = coalesce($7, 0),
  output_tokens = case when $5 then coalesce($8, output_tokens) else 0 end,
  cost_usd = case when not $5 then 0 when $6::int is null then cost_usd else $9 end
where tenant_id = $1 and id = $2 and state = 'asking'`,
    [
      scope.tenantId,
      id,
      error === undefined ? "answered" : "failed",
      error ?? null,
      end.sent,
      usage?.inputTokens ?? null,
      usage?.cachedTokens ?? null,
      usage?.outputTokens ?? null,
      end.costUsd ?? null,
    ],
  );
}

/** Why the last request failed, where that was lately and none was answered since. */
export async function lastFailure(scope: TenantScope): Promise<string | undefined> {
  const rows = await scope.query<{ error: string | null }>(
    `\
select error from model_calls
where tenant_id = $1 and state <> 'asking' and created_at > now() - interval '15 minutes'
order by created_at desc limit 1`,
    [scope.tenantId],
  );
  return rows[0]?.error ?? undefined;
}

/** Of this day so far. */
export async function spentToday(scope: TenantScope): Promise<Spent> {
  return scope.transaction((db) => spentIn(scope, db));
}

async function spentIn(scope: TenantScope, db: Queryable): Promise<Spent> {
  const { rows } = await db.query<{ tokens: string; usd: string; unpriced: number; calls: number }>(
    `\
select coalesce(sum(input_tokens::bigint + output_tokens), 0) as tokens, coalesce(sum(cost_usd), 0) as usd,
  (count(*) filter (where cost_usd is null))::int as unpriced, count(*)::int as calls
from model_calls
where tenant_id = $1 and created_at >= date_trunc('day', now() at time zone 'utc') at time zone 'utc'`,
    [scope.tenantId],
  );
  const row = rows[0];
  return {
    tokens: Number(row?.tokens ?? 0),
    usd: Number(row?.usd ?? 0),
    unpriced: row?.unpriced ?? 0,
    calls: row?.calls ?? 0,
  };
}

export const PAST_CALLS: Perishable = { table: "model_calls", by: "created_at", keptMs: forLookingBack };
