import { createAnthropic } from "../../../adapters/anthropic/index.ts";
import type { ModelUsage } from "../../../src/models/languageModel.ts";
import { KEY, type Protocol, type SeenBody, SILENT } from "../../support/models/harness.ts";

const STOP = { whole: "end_turn", cut: "max_tokens", withheld: "refusal" };
const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream; charset=utf-8" };

/** Anthropic's Messages API. https://platform.claude.com/docs/en/build-with-claude/streaming */
export const messagesApi: Protocol = {
  name: "anthropic",
  base: "",
  open: (baseUrl, models) => createAnthropic({ apiKey: KEY, baseUrl, models, log: SILENT }),
  keyHeader: ["authorization", `Bearer ${KEY}`],
  whole: ({ text, end = "whole", usage }) => ({
    status: 200,
    headers: JSON_TYPE,
    body: [
      JSON.stringify({
        type: "message",
        role: "assistant",
        content: text === "" ? [] : [{ type: "text", text }],
        stop_reason: STOP[end],
        ...(usage && { usage: usageOf(usage) }),
      }),
    ],
  }),
  stream: ({ texts, end = "whole", usage }) => ({
    status: 200,
    headers: SSE,
    body: [
      ...begun(texts, usage),
      event("content_block_stop", { index: 0 }),
      event("message_delta", {
        delta: { stop_reason: STOP[end] },
        usage: { output_tokens: usage?.outputTokens },
      }),
      event("message_stop", {}),
    ],
  }),
  error: (status, kind, message) => ({
    status,
    headers: JSON_TYPE,
    body: [
      JSON.stringify({
        type: "error",
        error: { type: TYPES[kind], message: MESSAGES[kind] + message },
      }),
    ],
  }),
  brokenStream: (texts) => ({
    status: 200,
    headers: SSE,
    body: [
      ...begun(texts, undefined),
      event("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
    ],
  }),
  modelsList: (names) => ({
    status: 200,
    headers: JSON_TYPE,
    body: [JSON.stringify({ data: names.map((id) => ({ id, type: "model" })), has_more: false })],
  }),
  schemaOf: (body) => body.output_config?.format?.schema,
  toolsOf: (body) => body.tools.map(({ name }: SeenBody) => name),
  resultsOf: (body) =>
    body.messages
      .flatMap(({ content }: SeenBody) => content)
      .filter(({ type }: SeenBody) => type === "tool_result")
      .map(({ content }: SeenBody) => content),
};

const TYPES = {
  auth: "authentication_error",
  quota: "rate_limit_error",
  missing: "not_found_error",
  "too long": "invalid_request_error",
  other: "api_error",
};

const MESSAGES = {
  auth: "",
  quota: "Your credit balance is too low to access the Anthropic API. ",
  missing: "",
  "too long": "prompt is too long: 212345 tokens > 200000 maximum. ",
  other: "",
};

function begun(texts: readonly string[], usage: ModelUsage | undefined): string[] {
  return [
    event("message_start", {
      message: { type: "message", role: "assistant", content: [], usage: usage && usageOf(usage, 1) },
    }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    event("ping", {}),
    ...texts.map((text) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
  ];
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function usageOf({ inputTokens, cachedTokens, outputTokens }: ModelUsage, outputSoFar = outputTokens) {
  return {
    input_tokens: inputTokens - cachedTokens,
    cache_read_input_tokens: cachedTokens,
    cache_creation_input_tokens: 0,
    output_tokens: outputSoFar,
  };
}
