import type { ModelReply, ModelRequest, ModelUsage, ToolCall } from "../languageModel.ts";

/** What a provider sent, whole or not, in words that are the same for all. */
export interface Sent {
  text: string;
  calls: readonly ToolCall[];
  /** Why it ended: `cut` at the limit of tokens, `withheld` by the provider or its model, `broken` where nobody said. */
  end: "whole" | "cut" | "withheld" | "broken";
  usage: ModelUsage | undefined;
}

/** Whole, not empty, and JSON where JSON was asked for; otherwise it is no answer. */
export function replyOf(
  { text, calls, end, usage }: Sent,
  { schema }: Pick<ModelRequest, "schema">,
  called: string,
): ModelReply {
  const used = usage === undefined ? {} : { usage };
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
  if (schema === undefined || calls.length > 0) return { outcome: "answered", text, calls, ...used };
  const json = unfenced(text);
  if (!isJson(json)) return unusable(`${called} answered with something else than the JSON asked for.`);
  return { outcome: "answered", text: json, calls, ...used };
}

/** Models that are told in words to answer in JSON like to put it into a block of Markdown. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)?.[1] ?? text.trim();
}

function isJson(text: string): boolean {
  return parsedJson(text) !== undefined;
}

/** undefined where it is no JSON, which no JSON is. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
