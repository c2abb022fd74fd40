import type { ModelHealth } from "../languageModel.ts";
import { type AskingParts, askOnce } from "./askOnce.ts";
import type { Exchange } from "./exchange.ts";
import { quoted } from "./failure.ts";

/**
 * Whether the provider answers and knows the models.
 * @param list names of the models it has
 * @param mend what to do about one that is missing
 */
export async function healthOf(
  parts: AskingParts,
  models: readonly string[],
  signal: AbortSignal,
  list: (exchange: Exchange) => Promise<readonly string[]>,
  mend = (_missing: readonly string[]) => "Check the models' names.",
): Promise<ModelHealth> {
  const { called } = parts.provider;
  const known = await askOnce(parts, undefined, signal, list);
  if ("outcome" in known) return { ok: false, summary: known.why };
  const missing = models.filter((model) => !known.includes(model));
  if (missing.length > 0) {
    return { ok: false, summary: `${called} has no ${missing.map(quoted).join(", ")}. ${mend(missing)}` };
  }
  return { ok: true, summary: `${called} answers and has ${models.map(quoted).join(", ")}.` };
}
