import { z } from "zod";
import { parsedJson, replyOf, type Sent } from "../../src/models/asking/answer.ts";
import { leavingThinkingOut, withoutThinking } from "../../src/models/asking/thinking.ts";
import type { ModelReply, ModelUsage } from "../../src/models/languageModel.ts";

const Usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});

const Text = z.string().nullish();
const Called = z.object({ name: Text, arguments: Text });

const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: Text,
        message: z.object({
          content: Text,
          refusal: Text,
          tool_calls: z.array(z.object({ id: Text, function: Called })).nullish(),
        }),
      }),
    )
    .min(1),
  usage: Usage.nullish().catch(undefined),
});

const Chunk = z.object({
  choices: z.array(
    z.object({
      finish_reason: Text,
      delta: z
        .object({
          content: Text,
          refusal: Text,
          tool_calls: z
            .array(
              z.object({
                index: z.number().int().min(0).max(255).nullish(),
                id: Text,
                function: Called.nullish(),
              }),
            )
            .nullish(),
        })
        .nullish(),
    }),
  ),
  usage: Usage.nullish().catch(undefined),
});

/** @throws where it is no completion */
export function readWhole(answer: unknown, called: string): ModelReply {
  const { choices, usage } = Completion.parse(answer);
  const [choice] = choices;
  const message = choice?.message;
  const calls = (message?.tool_calls ?? []).map((call) => ({
    id: call.id,
    name: call.function.name ?? "",
    written: call.function.arguments ?? "",
  }));
  return read(
    { text: message?.content ?? "", refusal: message?.refusal ?? "", calls, finish: choice?.finish_reason },
    usage,
    called,
  );
}

/** The package ends without an error where a stream is cut, or holds no event at all: only `finish_reason` says that it is whole. */
export async function readStream(
  chunks: AsyncIterable<unknown>,
  onText: (piece: string) => void,
  called: string,
): Promise<ModelReply> {
  let text = "";
  let refusal = "";
  let finish: string | null | undefined;
  const calls = new Map<number, GotCall>();
  let usage: z.infer<typeof Usage> | null | undefined;
  const told = leavingThinkingOut(onText);
  for await (const chunk of chunks) {
    const { choices, usage: used } = Chunk.parse(chunk);
    usage = used ?? usage;
    const [choice] = choices;
    if (choice === undefined) continue;
    const { delta } = choice;
    if (delta?.content) {
      text += delta.content;
      told.piece(delta.content);
    }
    refusal += delta?.refusal ?? "";
    for (const [place, piece] of (delta?.tool_calls ?? []).entries()) {
      const at = piece.index ?? place;
      const call = calls.get(at) ?? { id: undefined, name: "", written: "" };
      calls.set(at, {
        id: piece.id || call.id,
        name: call.name || (piece.function?.name ?? ""),
        written: call.written + (piece.function?.arguments ?? ""),
      });
    }
    finish = choice.finish_reason ?? finish;
  }
  told.end();
  return read({ text, refusal, calls: [...calls.values()], finish }, usage, called);
}

interface Got {
  text: string;
  refusal: string;
  calls: GotCall[];
  finish: string | null | undefined;
}

interface GotCall {
  id: string | null | undefined;
  name: string;
  /** Its arguments, as the model wrote them. */
  written: string;
}

function read(
  { text, refusal, calls, finish }: Got,
  usage: z.infer<typeof Usage> | null | undefined,
  called: string,
): ModelReply {
  const sent: Sent = {
    text: withoutThinking(text),
    calls: calls.map(({ id, name, written }, place) => ({
      id: id || `call_${place}`,
      name,
      arguments: written.trim() === "" ? {} : parsedJson(written),
    })),
    end: refusal !== "" ? "withheld" : endOf(finish),
    usage: usage ? usageOf(usage) : undefined,
  };
  return replyOf(sent, called);
}

/** https://platform.openai.com/docs/api-reference/chat/object#chat/object-choices */
function endOf(finish: string | null | undefined): Sent["end"] {
  switch (finish) {
    case "stop":
    case "tool_calls":
      return "whole";
    case "length":
      return "cut";
    case "content_filter":
      return "withheld";
    default:
      return "broken";
  }
}

function usageOf(usage: z.infer<typeof Usage>): ModelUsage {
  return {
    inputTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens,
  };
}
