import type { ModelReply, ModelUsage, ToolCall } from "../languageModel.ts";

/** What a provider sent, whole or not, in words that are the same for all. */
export interface Sent {
  text: string;
  calls: readonly ToolCall[];
  /** Why it ended: `cut` at the limit of tokens, `withheld` by the provider or its model, `broken` where nobody said. */
  end: "whole" | "cut" | "withheld" | "broken";
  usage: ModelUsage | undefined;
}

/** Whole and not empty, or no answer. Whether it is of the form asked for is for the caller to see, who may mend it. */
export function replyOf({ text, calls: asked, end, usage }: Sent, called: string): ModelReply {
  const used = usage !== undefined && isCount(usage) ? { usage } : {};
  const calls = asked.map((call) => (isModest(call.arguments) ? call : { ...call, arguments: undefined }));
  const unusable = (why: string): ModelReply => ({ outcome: "unusable", why, ...used });
  switch (end) {
    case "cut":
      return unusable(`The answer of ${called} reached the limit of tokens before its end.`);
    case "withheld":
      return unusable(`${called} withheld its answer: its rules, or the model itself, refused.`);
    case "broken":
      return unusable(`The answer of ${called} broke off.`);
    case "whole":
  }
  if (text.trim() === "" && calls.length === 0) return unusable(`${called} sent an empty answer.`);
  if (calls.some(({ name }) => name === "")) return unusable(`${called} called a tool without a name.`);
  return { outcome: "answered", text, calls, ...used };
}

/** The longest prompts that models read have a tenth of it. */
const MOST_TOKENS = 10_000_000;

/**
 * Whether a request can have had so many tokens; what cannot is as good as not counted, and what was reckoned stays. Gateways that do
 * not count say 0: no prompt is empty, and a tenant's budget would never be spent.
 */
function isCount({ inputTokens, cachedTokens, outputTokens }: ModelUsage): boolean {
  const isSome = (count: number) => Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS;
  return [inputTokens, cachedTokens, outputTokens].every(isSome) && inputTokens > 0;
}

/** Of a tool's arguments: no tool has so many, or within each other. */
const MOST_DEPTH = 8;
const MOST_VALUES = 200;
const MOST_CHARS = 8_000;

/** Whether arguments are few, short and flat enough to be looked at: what goes through a deep value by itself does not come back. */
function isModest(written: unknown): boolean {
  let values = 0;
  let chars = 0;
  let level = [written];
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    for (const value of level) if (typeof value === "string") chars += value.length;
    if (depth > MOST_DEPTH || values > MOST_VALUES || chars > MOST_CHARS) return false;
    level = level.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (!Array.isArray(value)) chars += Object.keys(value).join("").length;
      return Object.values(value);
    });
  }
  return chars <= MOST_CHARS;
}

/** undefined where it is no JSON, which no JSON is. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
