import Anthropic from "@anthropic-ai/sdk";
import { askOnce, listener } from "../../src/models/asking/askOnce.ts";
import type { Exchange } from "../../src/models/asking/exchange.ts";
import { healthOf } from "../../src/models/asking/health.ts";
import { type ProviderOptions, partsOf } from "../../src/models/asking/options.ts";
import { keyOf, providerAt } from "../../src/models/asking/provider.ts";
import { estimateTokens, type LanguageModel } from "../../src/models/languageModel.ts";
import { readStream, readWhole } from "./answers.ts";
import { explain } from "./errors.ts";
import { messageRequest } from "./request.ts";

export interface AnthropicOptions extends ProviderOptions {
  apiKey: string;
  /** Of a proxy or a gateway, without `/v1`. Anthropic's own by default. */
  baseUrl?: string;
}

const ANTHROPIC_URL = "https://api.anthropic.com";
const MODELS_A_PAGE = 1_000;
const DATE = /-\d{8}$/;

/**
 * Anthropic by its Messages API. It has no tokenizer that runs here: tokens are estimated.
 * @throws UserError where the address is none.
 */
export function createAnthropic(options: AnthropicOptions): LanguageModel {
  const { baseUrl, models } = options;
  const settings = { key: "ANTHROPIC_API_KEY", baseUrl: "ANTHROPIC_BASE_URL" };
  // The package adds the version itself.
  const plain = (baseUrl ?? ANTHROPIC_URL).replace(/\/v1\/*$/, "");
  const provider = providerAt("Anthropic", settings, plain, baseUrl === undefined);
  const apiKey = keyOf(settings, options.apiKey);
  const parts = partsOf(provider, explain, options);
  return {
    provider: "anthropic",
    runs: "hosted",
    models,
    countTokens: estimateTokens,
    ask: (request, signal) =>
      askOnce(parts, request.model, signal, async (exchange) => {
        const body = messageRequest(request);
        const { messages } = clientOf(exchange, provider.baseUrl, apiKey);
        const { onText } = request;
        return onText === undefined
          ? readWhole(await messages.create(body), provider.called)
          : readStream(
              await messages.create({ ...body, stream: true }),
              listener(parts, onText, signal),
              provider.called,
            );
      }),
    health: (signal) =>
      healthOf(parts, models, signal, async (exchange) => {
        const client = clientOf(exchange, provider.baseUrl, apiKey);
        const { data } = await client.models.list({ limit: MODELS_A_PAGE });
        // A model is known by shorter names too: without its date, and with `latest` for it.
        return data.flatMap(({ id }) => [id, id.replace(DATE, ""), id.replace(DATE, "-latest")]);
      }),
  };
}

/** One a request: its `fetch` knows what went wrong with it, and when it is given up. Making one takes 0.04 ms. */
function clientOf({ fetch }: Exchange, baseURL: string, apiKey: string): Anthropic {
  return new Anthropic({
    baseURL,
    // With a key the package reads no other, from the environment or from files.
    apiKey,
    webhookKey: null,
    // What it logs by itself holds what it was asked and answered.
    logLevel: "off",
    // Asking again, and how long to wait, is not the adapter's business; 24 h stands for never.
    maxRetries: 0,
    timeout: 24 * 60 * 60_000,
    fetch,
  });
}
