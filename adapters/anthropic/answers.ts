import { z } from "zod";
import { parsedJson, replyOf, type Sent } from "../../src/models/asking/answer.ts";
import type { ModelReply, ModelUsage } from "../../src/models/languageModel.ts";

const Count = z.number().nullish();
const Usage = z.object({
  input_tokens: Count,
  output_tokens: Count,
  cache_read_input_tokens: Count,
  cache_creation_input_tokens: Count,
});
type Usage = z.infer<typeof Usage>;

const Block = z.object({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
});

const Message = z.object({
  content: z.array(Block),
  stop_reason: z.string().nullish(),
  usage: Usage.nullish().catch(undefined),
});

/** https://platform.claude.com/docs/en/build-with-claude/streaming#event-types. New kinds may come and are let pass. */
const Event = z.object({
  type: z.string(),
  message: z.object({ usage: Usage.nullish().catch(undefined) }).optional(),
  index: z.number().int().min(0).max(255).optional(),
  content_block: Block.optional(),
  delta: z
    .object({
      text: z.string().optional(),
      partial_json: z.string().optional(),
      stop_reason: z.string().nullish(),
    })
    .optional(),
  usage: Usage.nullish().catch(undefined),
});

interface Got {
  text: string;
  calls: { id: string; name: string; arguments: unknown }[];
  stopReason: string | null | undefined;
  usage: Usage | null | undefined;
}

/** @throws where it is no message */
export function readWhole(answer: unknown, called: string): ModelReply {
  const { content, stop_reason, usage } = Message.parse(answer);
  const text = content.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join("");
  const calls = content
    .filter(({ type }) => type === "tool_use")
    .map(({ id = "", name = "", input }) => ({ id, name, arguments: input }));
  return read({ text, calls, stopReason: stop_reason, usage }, called);
}

/** Whole only with `message_stop`: the package takes a stream that is cut for one that ended. */
export async function readStream(
  events: AsyncIterable<unknown>,
  onText: (piece: string) => void,
  called: string,
): Promise<ModelReply> {
  let text = "";
  let usage: Usage = {};
  let stopReason: string | null | undefined;
  let isWhole = false;
  const calls = new Map<number, { id: string; name: string; written: string }>();
  for await (const event of events) {
    const { type, message, index = 0, content_block: block, delta, usage: used } = Event.parse(event);
    usage = merged(usage, message?.usage ?? used ?? {});
    const piece = delta?.text ?? (block?.type === "text" ? block.text : undefined);
    if (piece) {
      text += piece;
      onText(piece);
    }
    if (block?.type === "tool_use") {
      calls.set(index, { id: block.id ?? "", name: block.name ?? "", written: "" });
    }
    const call = calls.get(index);
    if (call !== undefined) call.written += delta?.partial_json ?? "";
    stopReason = delta?.stop_reason ?? stopReason;
    isWhole ||= type === "message_stop";
  }
  const parsed = [...calls.values()].map(({ id, name, written }) => ({
    id,
    name,
    arguments: written.trim() === "" ? {} : parsedJson(written),
  }));
  return read({ text, calls: parsed, stopReason: isWhole ? stopReason : undefined, usage }, called);
}

/** Counts come in two events, and the later one says more of some of them. */
function merged(before: Usage, now: Usage): Usage {
  return { ...before, ...Object.fromEntries(Object.entries(now).filter(([, count]) => count != null)) };
}

function read({ text, calls, stopReason, usage }: Got, called: string): ModelReply {
  const named = calls.map((call, place) => ({ ...call, id: call.id || `call_${place}` }));
  return replyOf({ text, calls: named, end: endOf(stopReason), usage: usageOf(usage) }, called);
}

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
function endOf(reason: string | null | undefined): Sent["end"] {
  switch (reason) {
    case "end_turn":
    case "stop_sequence":
    case "tool_use":
      return "whole";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "cut";
    case "refusal":
      return "withheld";
    default:
      return "broken";
  }
}

/** `input_tokens` are only those that the cache had no part in. */
function usageOf(usage: Usage | null | undefined): ModelUsage | undefined {
  if (usage?.input_tokens == null || usage.output_tokens == null) return undefined;
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    inputTokens: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    cachedTokens: cached,
    outputTokens: usage.output_tokens,
  };
}
