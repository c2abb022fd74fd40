import type { Environment } from "../config.ts";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";
import { guardModel } from "../models/guard.ts";
import type { LanguageModel, Provider } from "../models/languageModel.ts";
import { parseModelPrices } from "../models/prices.ts";
import type { Models } from "../models/tenantModel.ts";
import type { Chosen } from "../startReport.ts";

/**
 * The language models that the environment sets up. Each SDK is loaded only where it is used: half a second of the start.
 * @throws UserError where a setting is missing beside another
 */
export async function openModels(env: Environment, log: Log, chosen?: Chosen[]): Promise<Models> {
  const more = {
    log,
    ...(env.modelProxy !== undefined && { proxy: env.modelProxy }),
  };
  const found: LanguageModel[] = [];
  if (env.openaiApiKey !== undefined) {
    const { createOpenAi } = await import("../../adapters/openai/index.ts");
    const models = needed(env.openaiModels, "OPENAI_MODELS", "OPENAI_API_KEY");
    found.push(createOpenAi({ apiKey: env.openaiApiKey, ...at(env.openaiBaseUrl), models, ...more }));
  }
  if (env.anthropicApiKey !== undefined) {
    const { createAnthropic } = await import("../../adapters/anthropic/index.ts");
    const models = needed(env.anthropicModels, "ANTHROPIC_MODELS", "ANTHROPIC_API_KEY");
    found.push(
      createAnthropic({ apiKey: env.anthropicApiKey, ...at(env.anthropicBaseUrl), models, ...more }),
    );
  }
  if (env.ollamaBaseUrl !== undefined) {
    const { createOllama } = await import("../../adapters/ollama/index.ts");
    const models = needed(env.ollamaModels, "OLLAMA_MODELS", "OLLAMA_BASE_URL");
    const { ollamaApiKey, ollamaContextTokens } = env;
    found.push(
      createOllama({
        baseUrl: env.ollamaBaseUrl,
        ...(ollamaApiKey !== undefined && { apiKey: ollamaApiKey }),
        ...(ollamaContextTokens !== undefined && { contextTokens: ollamaContextTokens }),
        models,
        ...more,
      }),
    );
  }
  if (env.vllmBaseUrl !== undefined) {
    const { createVllm } = await import("../../adapters/openai/index.ts");
    const models = needed(env.vllmModels, "VLLM_MODELS", "VLLM_BASE_URL");
    const { vllmApiKey } = env;
    found.push(
      createVllm({
        baseUrl: env.vllmBaseUrl,
        ...(vllmApiKey !== undefined && { apiKey: vllmApiKey }),
        models,
        ...more,
      }),
    );
  }
  const byDefault = env.modelDefault ?? "first";
  const all = inOrder(found, byDefault).map((model) =>
    guardModel(model, {
      log,
      ...(env.modelConcurrency !== undefined && { concurrency: env.modelConcurrency }),
    }),
  );
  if (byDefault !== "first" && byDefault !== "builtin" && all[0]?.provider !== byDefault)
    throw new UserError(`MODEL_DEFAULT is ${byDefault}, and ${byDefault} is not set up. See docs/models.md.`);
  for (const model of chosen === undefined ? [] : all)
    chosen?.push(["Model", (await model.health(AbortSignal.timeout(HEALTH_MS))).summary]);
  return {
    all,
    byDefault: byDefault === "builtin" ? "builtin" : "first",
    prices: parseModelPrices(env.modelPrices ?? ""),
    budget: {
      ...(env.modelDailyTokens !== undefined && { dailyTokens: env.modelDailyTokens }),
      ...(env.modelDailyUsd !== undefined && { dailyUsd: env.modelDailyUsd }),
    },
    linkHosts: env.modelLinkHosts ?? (env.grafanaUrl === undefined ? [] : [new URL(env.grafanaUrl).hostname]),
  };
}

/** A start does not wait longer for a provider to say that it is there. */
const HEALTH_MS = 3_000;

function at(baseUrl: string | undefined): { baseUrl?: string } {
  return baseUrl === undefined ? {} : { baseUrl };
}

function needed(models: string[] | undefined, name: string, beside: string): string[] {
  if (models !== undefined && models.length > 0) return models;
  throw new UserError(
    `${beside} is set and ${name} is not: name the models to use, the first is taken by itself.`,
  );
}

function inOrder(models: readonly LanguageModel[], first: Provider | "builtin" | "first"): LanguageModel[] {
  return [...models].sort((a, b) => Number(b.provider === first) - Number(a.provider === first));
}
