import type { Log } from "../log.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Budget, type NewCall, reserveCall, type Spent, settleCall } from "./calls.ts";
import { findChoice, type ModelChoice } from "./choices.ts";
import type { GuardedModel } from "./guard.ts";
import type { LanguageModel, ModelReply, ModelRequest, ModelUsage } from "./languageModel.ts";
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
  /** Told of what was not asked, because the day's budget does not have it. */
  toldUnpaid?: (provider: LanguageModel["provider"], model: string) => void;
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
    request: Omit<ModelRequest, "model" | "account">,
    signal: AbortSignal,
  ): Promise<TenantReply>;
}

export type TenantReply = (ModelReply | { outcome: "unpaid"; why: string }) & { costUsd?: number };

/** The model that a tenant has chosen, or the operator for it; undefined where it wants none, or has none any more. */
export async function tenantModel(
  scope: TenantScope,
  models: Models,
  log: Log,
): Promise<TenantModel | undefined> {
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
      const reckoned = {
        inputTokens: countTokens(textOf(request)),
        cachedTokens: 0,
        outputTokens: request.maxOutputTokens,
      };
      const costUsd = models.prices.costOf(reckoned, name);
      if (isUnwatched(chosen, budget, models))
        return {
          outcome: "unpaid",
          why: `the price of ${name} is not known, so the day's money cannot be watched`,
        };
      const { inputTokens, outputTokens } = reckoned;
      const call = { provider: port.provider, model: name, purpose, inputTokens, outputTokens, costUsd };
      const reserved = await reserveCall(scope, call, budget);
      if ("spent" in reserved) {
        models.toldUnpaid?.(port.provider, name);
        return { outcome: "unpaid", why: spentText(reserved.spent, budget) };
      }
      let paidFor: string | undefined = reserved.id;
      let received = "";
      const { onText } = request;
      const reply = await port.ask(
        {
          ...request,
          model: name,
          account: scope.tenantId,
          ...(onText !== undefined && {
            onText(piece: string) {
              received += piece;
              onText(piece);
            },
          }),
        },
        signal,
        async (first) => {
          await settle(first);
          const more = await reserveCall(scope, call, budget);
          paidFor = "id" in more ? more.id : undefined;
          return paidFor !== undefined;
        },
      );
      await settle(reply);
      const cost = usageOf(reply) && models.prices.costOf(usageOf(reply) as ModelUsage, name);
      return { ...reply, ...(cost !== undefined && { costUsd: cost }) };

      /** What it cost, as far as that is known. An answer that is there is not lost for what is kept of it: then what was reckoned stays. */
      async function settle(end: ModelReply): Promise<void> {
        if (paidFor === undefined) return;
        const usage = usageOf(end) ?? (end.outcome === "answered" ? undefined : soFar());
        const settled = {
          ...(usage !== undefined && { usage, costUsd: models.prices.costOf(usage, name) }),
          ...(end.outcome !== "answered" && { error: end.why }),
          sent:
            end.outcome === "answered" ||
            end.outcome === "unusable" ||
            (end.outcome === "later" && end.sent === true),
        };
        await settleCall(scope, paidFor, settled).catch((err: unknown) =>
          log.error({ err, call: paidFor }, "what a language model cost could not be kept"),
        );
      }

      /** Of what broke off: the prompt, and what had come. Where nothing had, all of it may have been written. */
      function soFar(): ModelUsage | undefined {
        if (received === "") return undefined;
        const isShort = received.length <= outputTokens * MOST_CHARS_PER_TOKEN;
        const written = isShort ? Math.min(countTokens(received), outputTokens) : outputTokens;
        return { ...reckoned, outputTokens: written };
      }
    },
  };
}

/** A text with more than this for each of its tokens has reached their limit. */
const MOST_CHARS_PER_TOKEN = 16;

function usageOf(reply: ModelReply): ModelUsage | undefined {
  return "usage" in reply ? reply.usage : undefined;
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

/**
 * Whether a limit in money keeps it from being asked, because nobody has said what it costs. What runs on the operator's own
 * machines sends no bill: without a price it costs tokens, and no money.
 */
export function isUnwatched(
  { model, name }: { model: LanguageModel; name: string },
  { dailyUsd }: Budget,
  { prices }: Models,
): boolean {
  const nothing = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  return dailyUsd !== undefined && model.runs === "hosted" && prices.costOf(nothing, name) === undefined;
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
