import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Budget } from "./calls.ts";
import type { Provider } from "./languageModel.ts";

/** What a tenant has set for itself. */
export interface ModelChoice extends Budget {
  provider?: Provider | "builtin";
  model?: string;
}

export async function findChoice(scope: TenantScope): Promise<ModelChoice> {
  const rows = await scope.query<ChoiceRow>(
    "select provider, model, daily_tokens, daily_usd from model_choices where tenant_id = $1",
    [scope.tenantId],
  );
  const row = rows[0];
  if (row === undefined) return {};
  return {
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.model !== null && { model: row.model }),
    ...(row.daily_tokens !== null && { dailyTokens: Number(row.daily_tokens) }),
    ...(row.daily_usd !== null && { dailyUsd: Number(row.daily_usd) }),
  };
}

/** Changes what is given; what is not given stays. */
export async function choose(
  scope: TenantScope,
  db: Queryable,
  { provider, model }: Required<Pick<ModelChoice, "provider">> & Pick<ModelChoice, "model">,
  setBy: string,
): Promise<void> {
  await db.query(
    `\
insert into model_choices (tenant_id, provider, model, set_by) values ($1, $2, $3, $4)
on conflict (tenant_id) do update set provider = $2, model = $3, set_by = $4`,
    [scope.tenantId, provider, model ?? null, setBy],
  );
}

/** Sets a tenant's own limits: null takes one away, what is not given stays. */
export async function setBudget(
  scope: TenantScope,
  db: Queryable,
  { dailyTokens, dailyUsd }: { [Limit in keyof Budget]: number | null },
  setBy: string,
): Promise<void> {
  await db.query(
    `\
insert into model_choices (tenant_id, daily_tokens, daily_usd, set_by) values ($1, $2, $3, $4)
on conflict (tenant_id) do update set
  daily_tokens = case when $5 then $2 else model_choices.daily_tokens end,
  daily_usd = case when $6 then $3 else model_choices.daily_usd end, set_by = $4`,
    [
      scope.tenantId,
      dailyTokens ?? null,
      dailyUsd ?? null,
      setBy,
      dailyTokens !== undefined,
      dailyUsd !== undefined,
    ],
  );
}

interface ChoiceRow {
  provider: Provider | "builtin" | null;
  model: string | null;
  daily_tokens: string | null;
  daily_usd: string | null;
}
