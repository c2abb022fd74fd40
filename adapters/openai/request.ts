import type OpenAI from "openai";
import { systemWithSchema } from "../../src/models/asking/schemaInWords.ts";
import type { JsonSchema, ModelMessage, ModelRequest } from "../../src/models/languageModel.ts";

/** Who is spoken to: OpenAI, or a server that speaks its protocol. */
export type Dialect = "openai" | "vllm";

type Message = OpenAI.ChatCompletionMessageParam;

/**
 * https://platform.openai.com/docs/api-reference/chat/create. Temperature is left alone: OpenAI's newer models refuse any but
 * their own, and vLLM takes the one that the model's makers recommend. A prompt's beginning is cached without being marked.
 */
export function chatRequest(
  request: ModelRequest,
  dialect: Dialect,
): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const { model, messages, schema, tools = [], maxOutputTokens } = request;
  // vLLM holds to the schema whatever comes, a tool's call too.
  const inWords = schema !== undefined && dialect === "vllm" && tools.length > 0;
  const system = inWords ? systemWithSchema(request) : request.system;
  return {
    model,
    messages: [{ role: "system", content: system }, ...messages.flatMap(messageOf)],
    // OpenAI's newer models refuse the old name; other servers know the old one best.
    ...(dialect === "openai" ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function" as const,
        function: { name, description, parameters: { ...parameters } },
      })),
    }),
    ...(schema !== undefined &&
      !inWords && { response_format: { type: "json_schema" as const, json_schema: strictly(schema) } }),
  };
}

/** https://platform.openai.com/docs/guides/structured-outputs: names of letters, digits, _ and -, at most 64. */
function strictly({ name, json }: { name: string; json: JsonSchema }) {
  return { name: name.replace(/[^\w-]/g, "_").slice(0, 64), strict: true, schema: { ...json } };
}

function messageOf(message: ModelMessage): Message[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "results":
      return message.results.map(({ callId, text }) => ({
        role: "tool" as const,
        tool_call_id: callId,
        content: text,
      }));
    case "model": {
      const { text, calls = [] } = message;
      if (text === "" && calls.length === 0) return [];
      return [
        {
          role: "assistant",
          content: text === "" ? null : text,
          ...(calls.length > 0 && {
            tool_calls: calls.map((call) => ({
              id: call.id,
              type: "function" as const,
              function: { name: call.name, arguments: JSON.stringify(call.arguments ?? {}) },
            })),
          }),
        },
      ];
    }
  }
}
