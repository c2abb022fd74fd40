import { createOpenAi, createVllm } from "../../../adapters/openai/index.ts";
import type { ModelUsage } from "../../../src/models/languageModel.ts";
import { type End, KEY, type Protocol, type SeenBody, SILENT } from "../../support/models/harness.ts";

const FINISH = { whole: "stop", cut: "length", withheld: "content_filter" };
const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream; charset=utf-8" };

/** OpenAI's Chat Completions as OpenAI and vLLM write them. */
export function chatCompletions(name: "openai" | "vllm"): Protocol {
  return {
    name,
    leavesThinking: true,
    base: "/v1",
    open: (baseUrl, models) =>
      (name === "openai" ? createOpenAi : createVllm)({ apiKey: KEY, baseUrl, models, log: SILENT }),
    keyHeader: ["authorization", `Bearer ${KEY}`],
    whole: ({ text, end = "whole", usage }) => ({
      status: 200,
      headers: JSON_TYPE,
      body: [
        JSON.stringify({
          object: "chat.completion",
          choices: [{ index: 0, finish_reason: FINISH[end], message: { role: "assistant", content: text } }],
          ...(usage && { usage: usageOf(usage) }),
        }),
      ],
    }),
    stream: ({ texts, end = "whole", usage }) => ({
      status: 200,
      headers: SSE,
      body: [...texts.map((text) => piece(text)), piece("", end), counted(usage), "data: [DONE]\n\n"],
    }),
    error: (status, kind, message) => ({
      status,
      headers: JSON_TYPE,
      body: [
        JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: CODES[kind] } }),
      ],
    }),
    brokenStream: (texts) => ({
      status: 200,
      headers: SSE,
      body: [
        ...texts.map((text) => piece(text)),
        event({ error: { message: "The server had an error", type: "server_error", code: null } }),
      ],
    }),
    modelsList: (names) => ({
      status: 200,
      headers: JSON_TYPE,
      body: [JSON.stringify({ object: "list", data: names.map((id) => ({ id, object: "model" })) })],
    }),
    schemaOf: (body) => body.response_format?.json_schema?.schema,
    toolsOf: (body) => body.tools.map((tool: SeenBody) => tool.function.name),
    resultsOf: (body) =>
      body.messages.filter(({ role }: SeenBody) => role === "tool").map(({ content }: SeenBody) => content),
  };
}

const CODES = {
  auth: "invalid_api_key",
  quota: "insufficient_quota",
  missing: "model_not_found",
  "too long": "context_length_exceeded",
  other: null,
};

function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function piece(content: string, end?: End): string {
  const finish_reason = end === undefined ? null : FINISH[end];
  return event({
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { content }, finish_reason }],
  });
}

function counted(usage: ModelUsage | undefined): string {
  return event({ object: "chat.completion.chunk", choices: [], ...(usage && { usage: usageOf(usage) }) });
}

export function usageOf({ inputTokens, cachedTokens, outputTokens }: ModelUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}
