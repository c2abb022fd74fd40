import type { TenantScope } from "../tenancy/scope.ts";
import { type Budget, type NewCall, reserveCall, type Spent, settleCall } from "./calls.ts";
import { findChoice, type ModelChoice } from "./choices.ts";
import type { GuardedModel } from "./guard.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "./languageModel.ts";
import { type ModelPrices, parseModelPrices } from "./prices.ts";

/** The language models of this installation. */
export interface Models {
  /** Those the operator has set up; the first is taken where nobody chooses. */
  all: readonly GuardedModel[];
  /** Whom tenants ask that have not chosen: the operator may want each to decide itself. */
  byDefault: "first" | "builtin";
  prices: ModelPrices;
  /** Of a tenant that has set none itself; and more than this none can set. */
  budget: Budget;
  /** Hosts that a model's answer may link to. */
  linkHosts: readonly string[];
  /** What they are told before every question; absent: what the analyst is told. */
  system?: string;
}

export const NO_MODELS: Models = {
  all: [],
  byDefault: "first",
  prices: parseModelPrices(""),
  budget: {},
  linkHosts: [],
};

/** Whom a tenant asks, within what it may spend. */
export interface TenantModel {
  provider: LanguageModel["provider"];
  model: string;
  budget: Budget;
  countTokens(text: string): number;
  /**
   * Asks once, if the day's budget still has it. Never throws but where the database does.
   * @returns `unpaid` where it has not
   */
  ask(
    purpose: NewCall["purpose"],
    request: Omit<ModelRequest, "model">,
    signal: AbortSignal,
  ): Promise<TenantReply>;
}

export type TenantReply = (ModelReply | { outcome: "unpaid"; why: string }) & { costUsd?: number };

/** The model that a tenant has chosen, or the operator for it; undefined where it wants none, or has none any more. */
export async function tenantModel(scope: TenantScope, models: Models): Promise<TenantModel | undefined> {
  if (models.all.length === 0) return undefined;
  const choice = await findChoice(scope);
  const chosen = chosenOf(choice, models);
  if (chosen === undefined) return undefined;
  const { model: port, name } = chosen;
  const budget = budgetOf(choice, models);
  const countTokens = (text: string) => port.countTokens(text, name);
  return {
    provider: port.provider,
    model: name,
    budget,
    countTokens,
    async ask(purpose, request, signal) {
      const inputTokens = countTokens(textOf(request));
      const reckoned = { inputTokens, cachedTokens: 0, outputTokens: request.maxOutputTokens };
      const costUsd = models.prices.costOf(reckoned, name);
      if (budget.dailyUsd !== undefined && costUsd === undefined)
        return {
          outcome: "unpaid",
          why: `the price of ${name} is not known, so the day's money cannot be watched`,
        };
      const call = {
        provider: port.provider,
        model: name,
        purpose,
        inputTokens,
        outputTokens: request.maxOutputTokens,
      };
      const reserved = await reserveCall(scope, { ...call, costUsd }, budget);
      if ("spent" in reserved) return { outcome: "unpaid", why: spentText(reserved.spent, budget) };
      const reply = await port.ask({ ...request, model: name }, signal);
      const usage = "usage" in reply ? reply.usage : undefined;
      const cost = usage && models.prices.costOf(usage, name);
      await settleCall(scope, reserved.id, {
        ...(usage !== undefined && { usage }),
        costUsd: cost,
        ...(reply.outcome !== "answered" && { error: reply.why }),
        // What was refused or never reached has cost nothing; of what was lost on the way nobody knows.
        sent: reply.outcome === "answered" || reply.outcome === "unusable" || signal.aborted,
      });
      return { ...reply, ...(cost !== undefined && { costUsd: cost }) };
    },
  };
}

/** Which provider and model a choice comes to. */
export function chosenOf(
  choice: ModelChoice,
  models: Models,
): { model: GuardedModel; name: string } | undefined {
  const { provider } = choice;
  if (provider === "builtin" || (provider === undefined && models.byDefault === "builtin")) return undefined;
  const model = provider === undefined ? models.all[0] : models.all.find((one) => one.provider === provider);
  if (model === undefined) return undefined;
  const name = model.models.find((one) => one === choice.model) ?? model.models[0];
  return name === undefined ? undefined : { model, name };
}

/** The lower of what the tenant and what the operator allows. */
export function budgetOf(choice: ModelChoice, { budget }: Models): Budget {
  const lower = (own: number | undefined, most: number | undefined) =>
    own === undefined ? most : most === undefined ? own : Math.min(own, most);
  const dailyTokens = lower(choice.dailyTokens, budget.dailyTokens);
  const dailyUsd = lower(choice.dailyUsd, budget.dailyUsd);
  return { ...(dailyTokens !== undefined && { dailyTokens }), ...(dailyUsd !== undefined && { dailyUsd }) };
}

function textOf({ system, messages, schema, tools }: Omit<ModelRequest, "model">): string {
  return [system, JSON.stringify(messages), JSON.stringify(schema ?? ""), JSON.stringify(tools ?? "")].join(
    "\n",
  );
}

function spentText({ tokens, usd }: Spent, { dailyTokens, dailyUsd }: Budget): string {
  const parts = [
    ...(dailyTokens === undefined
      ? []
      : [`${tokens.toLocaleString("en-US")} of ${dailyTokens.toLocaleString("en-US")} tokens`]),
    ...(dailyUsd === undefined ? [] : [`$${usd.toFixed(2)} of $${dailyUsd.toFixed(2)}`]),
  ];
  return `the day's budget is spent (${parts.join(", ")}; a day begins at 00:00 UTC)`;
}
