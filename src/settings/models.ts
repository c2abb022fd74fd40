import { z } from "zod";
import { address, list, text } from "./values.ts";

/** Language models: which providers there are, and what they may cost. */
export const MODEL_SETTINGS = {
  openaiApiKey: {
    name: "OPENAI_API_KEY",
    unset: "no OpenAI",
    description: "OpenAI: an API key ([docs/models.md](docs/models.md)). Logs, redacted, leave for it",
    schema: text,
  },
  openaiModels: {
    name: "OPENAI_MODELS",
    unset: "needed with OPENAI_API_KEY",
    description: "Its models a tenant may choose from, with commas between; the first is taken by itself",
    schema: list,
  },
  openaiBaseUrl: {
    name: "OPENAI_BASE_URL",
    unset: "OpenAI's own",
    description: "Address of its API, for a proxy or a gateway that speaks its protocol",
    schema: address,
  },
  anthropicApiKey: {
    name: "ANTHROPIC_API_KEY",
    unset: "no Anthropic",
    description: "Anthropic: an API key",
    schema: text,
  },
  anthropicModels: {
    name: "ANTHROPIC_MODELS",
    unset: "needed with ANTHROPIC_API_KEY",
    description: "Its models, as above",
    schema: list,
  },
  anthropicBaseUrl: {
    name: "ANTHROPIC_BASE_URL",
    unset: "Anthropic's own",
    description: "Address of its API, for a proxy or a gateway",
    schema: address,
  },
  ollamaBaseUrl: {
    name: "OLLAMA_BASE_URL",
    unset: "no Ollama",
    description: "Ollama: its address, `http://127.0.0.1:11434`",
    schema: address,
  },
  ollamaModels: {
    name: "OLLAMA_MODELS",
    unset: "needed with OLLAMA_BASE_URL",
    description: "Its models, as above, as `ollama list` names them",
    schema: list,
  },
  ollamaApiKey: {
    name: "OLLAMA_API_KEY",
    unset: "no key",
    description: "A bearer token for a gateway before it",
    schema: text,
  },
  ollamaContextTokens: {
    name: "OLLAMA_CONTEXT_TOKENS",
    unset: "`32768`",
    description: "The longest context it is asked to hold; memory of the graphics card is what it costs",
    schema: z.coerce.number().int().min(2_048).max(1_048_576),
  },
  vllmBaseUrl: {
    name: "VLLM_BASE_URL",
    unset: "no vLLM",
    description: "vLLM, or another server that speaks OpenAI's protocol: `http://127.0.0.1:8000/v1`",
    schema: address,
  },
  vllmModels: {
    name: "VLLM_MODELS",
    unset: "needed with VLLM_BASE_URL",
    description: "Its models, as above",
    schema: list,
  },
  vllmApiKey: {
    name: "VLLM_API_KEY",
    unset: "no key",
    description: "Its key, where it wants one",
    schema: text,
  },
  modelDefault: {
    name: "MODEL_DEFAULT",
    unset: "the first of OpenAI, Anthropic, Ollama, vLLM that is set up",
    description:
      "Whom tenants ask that have not chosen with `model use`: openai, anthropic, ollama, vllm, or builtin for nobody",
    schema: z.enum(["openai", "anthropic", "ollama", "vllm", "builtin"]),
  },
  modelPrices: {
    name: "MODEL_PRICES",
    unset: "no price is known: cards show tokens",
    description:
      "US dollars per million tokens, `<model>=<input>/<output>` or `<model>=<input>/<cached>/<output>`, with commas between",
    schema: text,
  },
  modelDailyTokens: {
    name: "MODEL_DAILY_TOKENS",
    unset: "no limit",
    description: "Tokens a tenant may use in a day (UTC); tenants can set less with `model budget`",
    schema: z.coerce.number().int().min(0),
  },
  modelDailyUsd: {
    name: "MODEL_DAILY_USD",
    unset: "no limit",
    description: "The same in US dollars; models without a price are then not asked",
    schema: z.coerce.number().min(0),
  },
  modelConcurrency: {
    name: "MODEL_CONCURRENCY",
    unset: "`4`, of a local model `1`",
    description:
      "Requests of this process to one provider at once, 1 to 64, for each tenant; for all of them together twice as many",
    schema: z.coerce.number().int().min(1).max(64),
  },
  modelLinkHosts: {
    name: "MODEL_LINK_HOSTS",
    unset: "the host of GRAFANA_URL",
    description:
      "Hosts that a model's answer may link to, with commas between; other addresses lose their link",
    schema: list,
  },
  modelProxy: {
    name: "MODEL_PROXY",
    unset: "no proxy",
    description: "HTTP proxy on the way to language models: `http://proxy:3128`",
    schema: address,
  },
} as const;
