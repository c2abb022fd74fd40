/**
 * A language model as the core knows it. `adapters/openai`, `adapters/anthropic` and `adapters/ollama` implement this port,
 * and one contract suite (`test/contract/languageModel.ts`) holds them to it.
 *
 * Words: a *provider* is one address with one protocol and perhaps one key; a *model* is a name that it knows. A *request*
 * is one question with all that goes with it; asking again, waiting and giving up is `guard.ts`'s business, never an adapter's.
 */

/** What `analysis_results.provider` may say beside `builtin`. vLLM speaks OpenAI's protocol at an address of its own. */
export const PROVIDERS = ["openai", "anthropic", "ollama", "vllm"] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface LanguageModel {
  readonly provider: Provider;
  /** Where it runs decides how long an answer may take. */
  readonly runs: "hosted" | "locally";
  /** Names of models a tenant may choose from, the one that is taken by itself first; never empty. */
  readonly models: readonly string[];
  /**
   * Sends one request, once. Never throws and never hangs: when the signal aborts it comes back with `later`, however the
   * provider behaves, and nothing is read any more.
   * @param again for the guard: whether it may be sent a second time, which costs again; told what came of the first
   */
  ask(request: ModelRequest, signal: AbortSignal, again?: MayAskAgain): Promise<ModelReply>;
  /** Tokens of a text by the provider's own tokenizer where it has one, otherwise at 2.5 characters a token. */
  countTokens(text: string, model: string): number;
  /** Whether it can be reached and knows its models. Never throws. */
  health(signal: AbortSignal): Promise<ModelHealth>;
}

export type MayAskAgain = (first: ModelReply) => Promise<boolean>;

export interface ModelRequest {
  /** One of `models`. */
  model: string;
  /** What it is told to do: never a text from logs or people. */
  system: string;
  /** Oldest first. */
  messages: readonly ModelMessage[];
  /** The answer is one JSON value of this schema, by the provider's own way of promising that. Absent: prose. */
  schema?: { name: string; json: JsonSchema };
  /** What it may ask for before it answers. */
  tools?: readonly ModelTool[];
  maxOutputTokens: number;
  /** Told each piece of the text as it comes, in order. Absent: the reply is waited for whole. */
  onText?: (piece: string) => void;
  /** On whose account it is sent: none has more than half of the turns. Absent: nobody's in particular. */
  account?: string;
  /** Told where it stands, whenever that changes. By the guard: an adapter knows of no other request. */
  onStanding?: (standing: Standing) => void;
}

/** Where a request stands: others are before it; or it is asked, since when and for how long at most. */
export type Standing =
  | { state: "waiting"; before: number }
  | { state: "asked"; sinceMs: number; forMs: number };

export type ModelMessage =
  /** `keeps`: everything up to here is the same, byte for byte, in requests to come, and worth the provider's cache. */
  | { role: "user"; text: string; keeps?: true }
  | { role: "model"; text: string; calls?: readonly ToolCall[] }
  | { role: "results"; results: readonly ToolResult[] };

export interface ModelTool {
  name: string;
  description: string;
  /** Of its arguments: an object. */
  parameters: JsonSchema;
}

export interface ToolCall {
  id: string;
  name: string;
  /** As the model wrote them, parsed; not checked against the schema. undefined where that was no JSON, or more than a tool can be told. */
  arguments: unknown;
}

export interface ToolResult {
  callId: string;
  name: string;
  text: string;
}

/** JSON Schema that every provider's structured output takes: objects are closed, and all their properties are required. */
export type JsonSchema = { readonly [key: string]: unknown };

/** As the provider counted them; absent where it did not say, or said what cannot be. */
export interface ModelUsage {
  /** All of the prompt, including what came from the provider's cache. */
  inputTokens: number;
  /** Of these, the ones read from the provider's cache. */
  cachedTokens: number;
  outputTokens: number;
}

/** What came of a request. What is to be done about it is the caller's business. */
export type ModelReply =
  /** Whole and not empty: text, or calls of tools, or both. */
  | { outcome: "answered"; text: string; calls: readonly ToolCall[]; usage?: ModelUsage }
  /** Busy, overloaded, out of reach or too slow: another time it may work. `sent`: all of it may have been read and written, and be paid for. */
  | { outcome: "later"; afterMs?: number; why: string; sent?: true; usage?: ModelUsage }
  /** It will not work until somebody mends it: the key, the model's name, the request. */
  | { outcome: "refused"; why: string }
  /** It answered, and nothing can be made of that: cut off, empty, malformed, withheld. */
  | { outcome: "unusable"; why: string; usage?: ModelUsage };

export interface ModelHealth {
  ok: boolean;
  /** One sentence for people: what answers where, or what is wrong and what to do. Never a key. */
  summary: string;
}

/** Characters of log text a token has at least, as measured over tokenizers: hexadecimal and paths are dense. */
export const CHARS_PER_TOKEN = 2.5;

export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}
