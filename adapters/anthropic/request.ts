import type Anthropic from "@anthropic-ai/sdk";
import type { ModelMessage, ModelRequest } from "../../src/models/languageModel.ts";

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching: more marks than four are an error. */
const MOST_MARKS = 4;
const MARK = { cache_control: { type: "ephemeral" as const } };

/**
 * https://platform.claude.com/docs/en/api/messages. A mark covers all that goes before it, tools and system too. Temperature
 * is left alone: newer models refuse it.
 */
export function messageRequest(request: ModelRequest): Anthropic.MessageCreateParamsNonStreaming {
  const { model, system, messages, schema, tools = [], maxOutputTokens } = request;
  const kept = messages.filter((message) => message.role === "user" && message.keeps).slice(-MOST_MARKS);
  return {
    model,
    max_tokens: maxOutputTokens,
    ...(system !== "" && { system }),
    messages: messages.flatMap((message) => messageOf(message, kept.includes(message))),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: { ...parameters, type: "object" as const },
      })),
    }),
    // https://platform.claude.com/docs/en/build-with-claude/structured-outputs: binds the text, and leaves tools free.
    ...(schema !== undefined && {
      output_config: { format: { type: "json_schema" as const, schema: { ...schema.json } } },
    }),
  };
}

function messageOf(message: ModelMessage, isMarked: boolean): Anthropic.MessageParam[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: [{ type: "text", text: message.text, ...(isMarked && MARK) }] }];
    case "results":
      return [
        {
          role: "user",
          content: message.results.map(({ callId, text }) => ({
            type: "tool_result" as const,
            tool_use_id: callId,
            content: text,
          })),
        },
      ];
    case "model": {
      // A text without a letter is refused.
      const texts = message.text.trim() === "" ? [] : [{ type: "text" as const, text: message.text }];
      const calls = (message.calls ?? []).map((call) => ({
        type: "tool_use" as const,
        id: call.id,
        name: call.name,
        input: isObject(call.arguments) ? call.arguments : {},
      }));
      const content = [...texts, ...calls];
      return content.length === 0 ? [] : [{ role: "assistant", content }];
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
