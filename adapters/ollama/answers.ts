import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parsedJson, replyOf } from "../../src/models/asking/answer.ts";
import { leavingThinkingOut, withoutThinking } from "../../src/models/asking/thinking.ts";
import type { ModelReply, ModelUsage, ToolCall } from "../../src/models/languageModel.ts";

/** The whole answer, or a piece of it: they have the same form. https://docs.ollama.com/api/chat */
const Piece = z.object({
  message: z.object({
    content: z.string().nullish(),
    tool_calls: z
      .array(
        z.object({ function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }) }),
      )
      .nullish(),
  }),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.number().nullish(),
  eval_count: z.number().nullish(),
});

/** @throws where it is no answer */
export async function readWhole(answer: unknown, called: string): Promise<ModelReply> {
  return readStream([answer], () => undefined, called);
}

export async function readStream(
  pieces: AsyncIterable<unknown> | Iterable<unknown>,
  onText: (piece: string) => void,
  called: string,
): Promise<ModelReply> {
  let text = "";
  let last: z.infer<typeof Piece> | undefined;
  const calls: ToolCall[] = [];
  const told = leavingThinkingOut(onText);
  for await (const piece of pieces) {
    last = Piece.parse(piece);
    const { content, tool_calls } = last.message;
    if (content) {
      text += content;
      told.piece(content);
    }
    for (const { function: call } of tool_calls ?? []) {
      // Ollama has no ids for calls.
      calls.push({
        id: `call_${randomUUID()}`,
        name: call.name ?? "",
        arguments: typeof call.arguments === "string" ? parsedJson(call.arguments) : (call.arguments ?? {}),
      });
    }
  }
  told.end();
  return replyOf(
    { text: withoutThinking(text), calls, end: endOf(last), usage: last && usageOf(last) },
    called,
  );
}

function endOf(last: z.infer<typeof Piece> | undefined): "whole" | "cut" | "broken" {
  if (last?.done !== true) return "broken";
  switch (last.done_reason) {
    case "length":
      return "cut";
    // Servers before 0.1.41 say nothing of it.
    case "stop":
    case null:
    case undefined:
      return "whole";
    default:
      return "broken";
  }
}

/** What a prompt has in common with the one before is kept in memory, and neither counted apart nor paid for. */
function usageOf(last: z.infer<typeof Piece>): ModelUsage | undefined {
  const { prompt_eval_count: inputTokens, eval_count: outputTokens } = last;
  return inputTokens == null || outputTokens == null
    ? undefined
    : { inputTokens, cachedTokens: 0, outputTokens };
}
