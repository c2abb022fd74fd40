import { jsonrepair } from "jsonrepair";
import type { z } from "zod";

/** Longer is no answer that was asked for. */
const MAX_CHARS = 60_000;

/**
 * What a model wrote, in the form that was asked for: as it stands, without the fence and the talk around it, or repaired (quotes,
 * commas, an end that is missing). undefined where nothing of that makes the form.
 */
export function parseForm<T>(text: string, form: z.ZodType<T>): T | undefined {
  if (text.length > MAX_CHARS) return undefined;
  for (const candidate of candidates(text)) {
    const parsed = form.safeParse(jsonOf(candidate));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function* candidates(text: string): Generator<string> {
  yield text;
  const fenced = fencedIn(text);
  if (fenced !== undefined) yield fenced;
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}");
  if (from >= 0 && to > from) yield text.slice(from, to + 1);
  if (from >= 0) yield repaired(text.slice(from));
}

/** What stands in the first fence, without the word behind it. */
function fencedIn(text: string): string | undefined {
  const opened = text.indexOf(FENCE);
  const closed = opened < 0 ? -1 : text.indexOf(FENCE, opened + FENCE.length);
  return closed < 0 ? undefined : text.slice(opened + FENCE.length, closed).replace(/^json(?=\s)/i, "");
}

const FENCE = "```";

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function repaired(text: string): string {
  try {
    return jsonrepair(text);
  } catch {
    return "";
  }
}
