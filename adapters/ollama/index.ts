import { Ollama } from "ollama";
import { askOnce, listener } from "../../src/models/asking/askOnce.ts";
import type { Exchange } from "../../src/models/asking/exchange.ts";
import { healthOf } from "../../src/models/asking/health.ts";
import { type ProviderOptions, partsOf } from "../../src/models/asking/options.ts";
import { keyOf, providerAt } from "../../src/models/asking/provider.ts";
import { estimateTokens, type LanguageModel } from "../../src/models/languageModel.ts";
import { readStream, readWhole } from "./answers.ts";
import { explain } from "./errors.ts";
import { checkLines } from "./lines.ts";
import { chatRequest, tooLong } from "./request.ts";

export interface OllamaOptions extends ProviderOptions {
  /** `http://127.0.0.1:11434` by default. */
  baseUrl?: string;
  /** Only where something before it wants one, or for ollama.com. */
  apiKey?: string;
  /** The most tokens of prompt and answer together that there is memory for; less is asked for where less is enough. */
  contextTokens?: number;
  /** How long a model stays loaded after a request, such as `30m`; loading takes up to minutes. */
  keepAlive?: string;
}

const OLLAMA_URL = "http://127.0.0.1:11434";
/** 32,768 tokens of a model of 8 billion parameters take 4 GB beside the 5 GB of the model itself. */
const CONTEXT_TOKENS = 32_768;
/** Ollama's own 5 minutes are less than a conversation's pauses. */
const KEEP_ALIVE = "30m";

/**
 * Ollama by its own protocol, since OpenAI's leaves it no say in how long a prompt may be.
 * @throws UserError where the address is none.
 */
export function createOllama(options: OllamaOptions): LanguageModel {
  const { baseUrl = OLLAMA_URL, models, contextTokens = CONTEXT_TOKENS, keepAlive = KEEP_ALIVE } = options;
  const settings = { key: "OLLAMA_API_KEY", baseUrl: "OLLAMA_BASE_URL" };
  const provider = providerAt("Ollama", settings, baseUrl);
  const apiKey = options.apiKey === undefined ? undefined : keyOf(settings, options.apiKey);
  const parts = partsOf(provider, explain, options);
  const clientOf = (fetch: Exchange["fetch"]) =>
    new Ollama({
      host: provider.baseUrl,
      fetch,
      ...(apiKey !== undefined && { headers: { authorization: `Bearer ${apiKey}` } }),
    });
  return {
    provider: "ollama",
    runs: "locally",
    models,
    countTokens: estimateTokens,
    ask: (request, signal) =>
      askOnce(parts, request.model, signal, async (exchange) => {
        const body = chatRequest(request, contextTokens, keepAlive);
        if (body === undefined) return tooLong(request, contextTokens, provider.called);
        const { onText } = request;
        return onText === undefined
          ? readWhole(await clientOf(exchange.fetch).chat({ ...body, stream: false }), provider.called)
          : readStream(
              await clientOf(checkLines(exchange.fetch)).chat({ ...body, stream: true }),
              listener(parts, onText, signal),
              provider.called,
            );
      }),
    health: (signal) =>
      healthOf(
        parts,
        models,
        signal,
        async (exchange) => {
          const { models: pulled } = await clientOf(exchange.fetch).list();
          // A name without a tag is that of the tag `latest`.
          return pulled.flatMap(({ name }) => [name, name.replace(/:latest$/, "")]);
        },
        (missing) => `Run ${missing.map((model) => `ollama pull ${model}`).join(" and ")}.`,
      ),
  };
}
