import type { ChatRequest, Message } from "ollama";
import { type Failure, quoted, refused } from "../../src/models/asking/failure.ts";
import { systemWithSchema } from "../../src/models/asking/schemaInWords.ts";
import { estimateTokens, type ModelMessage, type ModelRequest } from "../../src/models/languageModel.ts";

/** The lengths of context asked for: each other length makes Ollama load the model anew. */
const STEPS = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576];
/** What a template writes around a message, and around all. */
const MESSAGE_TOKENS = 16;

/**
 * https://docs.ollama.com/api/chat. A prompt that is longer than `num_ctx` loses its beginning, and Ollama says nothing of it;
 * by itself it takes 4,096 tokens or so. Newer ones can be told to refuse instead.
 * @returns undefined where it does not fit into the context
 */
export function chatRequest(
  request: ModelRequest,
  contextTokens: number,
  keepAlive: string,
): ChatRequest | undefined {
  const { model, messages, schema, tools = [], maxOutputTokens } = request;
  const numCtx = contextFor(request, contextTokens);
  if (numCtx === undefined) return undefined;
  const body: ChatRequest & { truncate: boolean; shift: boolean } = {
    model,
    messages: [{ role: "system", content: systemWithSchema(request) }, ...messages.flatMap(messageOf)],
    keep_alive: keepAlive,
    options: { num_ctx: numCtx, num_predict: maxOutputTokens },
    truncate: false,
    shift: false,
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        function: { name, description, parameters: { ...parameters } },
      })),
    }),
    // A model that is held to a schema can call no tool: where there are tools, it is told of the schema and no more.
    ...(schema !== undefined && tools.length === 0 && { format: { ...schema.json } }),
  };
  return body;
}

export function tooLong(request: ModelRequest, contextTokens: number, called: string): Failure {
  return refused(
    `The request takes about ${neededTokens(request)} tokens, and ${called} has ${contextTokens} for the model ${quoted(request.model)}. Ask about less at once, or set OLLAMA_CONTEXT_TOKENS higher if there is memory for it.`,
  );
}

function contextFor(request: ModelRequest, contextTokens: number): number | undefined {
  const needed = neededTokens(request);
  if (needed > contextTokens) return undefined;
  return Math.min(STEPS.find((step) => step >= needed) ?? contextTokens, contextTokens);
}

function neededTokens(request: ModelRequest): number {
  const { messages, tools = [], maxOutputTokens } = request;
  const texts = [systemWithSchema(request), JSON.stringify(tools), ...messages.map(textOf)];
  const prompt = texts.reduce((sum, text) => sum + mostTokens(text) + MESSAGE_TOKENS, 0);
  return prompt + maxOutputTokens;
}

/** Chinese, or a box drawn in a log, has a token for each character. */
function mostTokens(text: string): number {
  return estimateTokens(text) + text.replace(/[\x00-\x7f]+/g, "").length;
}

function textOf(message: ModelMessage): string {
  switch (message.role) {
    case "user":
      return message.text;
    case "model":
      return message.text + JSON.stringify(message.calls ?? []);
    case "results":
      return message.results.map(({ name, text }) => name + text).join("\n");
  }
}

function messageOf(message: ModelMessage): Message[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "results":
      // There are no ids: the name and the order tell which call a result is of.
      return message.results.map(({ name, text }) => ({ role: "tool", content: text, tool_name: name }));
    case "model": {
      const { text, calls = [] } = message;
      if (text === "" && calls.length === 0) return [];
      return [
        {
          role: "assistant",
          content: text,
          ...(calls.length > 0 && {
            tool_calls: calls.map((call) => ({
              function: { name: call.name, arguments: (call.arguments ?? {}) as Record<string, unknown> },
            })),
          }),
        },
      ];
    }
  }
}
