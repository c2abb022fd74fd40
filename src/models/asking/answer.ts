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
export function replyOf({ text, calls, end, usage }: Sent, called: string): ModelReply {
  // Gateways that do not count say 0: no prompt is empty, and a tenant's budget would never be spent.
  const used = usage === undefined || usage.inputTokens === 0 ? {} : { usage };
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

/** undefined where it is no JSON, which no JSON is. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
