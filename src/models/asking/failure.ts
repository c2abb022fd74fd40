import type { ModelReply } from "../languageModel.ts";
import type { ModelProvider } from "./provider.ts";

/** What came of a request that was not answered. */
export type Failure = Exclude<ModelReply, { outcome: "answered" }>;

/** What a provider said of an error. Read to tell errors apart, and never passed on: it quotes prompts and keys. */
export interface SaidError {
  /** Its words for the kind of error: `code`, `type` and the like. */
  words: readonly string[];
  message: string;
  /** The part of the request that it complains of. */
  param: string | undefined;
}

/** What the words of one provider mean where they say more than the status does. */
export type Explain = (
  said: SaidError,
  model: string | undefined,
  status: number | undefined,
) => Failure | undefined;

export function later(why: string, afterMs?: number): Failure {
  return { outcome: "later", why, ...(afterMs !== undefined && { afterMs }) };
}

export function refused(why: string): Failure {
  return { outcome: "refused", why };
}

export function unusable(why: string): Failure {
  return { outcome: "unusable", why };
}

/** An answer of HTTP that is no 2xx. https://platform.openai.com/docs/guides/error-codes, https://docs.claude.com/en/api/errors */
export function failureOfStatus(
  status: number,
  said: SaidError | undefined,
  model: string | undefined,
  { called, settings }: ModelProvider,
): Failure {
  switch (status) {
    case 401:
      return refused(`${called} does not accept the key. Check ${settings.key}.`);
    case 402:
      return refused(`${called} wants to be paid: the account has no credit left. Check its billing.`);
    case 403:
      return refused(
        `${called}, or a proxy before it, does not permit this. Check what the key of ${settings.key} may do, and whether it may be used from here.`,
      );
    case 404:
      return refused(
        said === undefined || model === undefined
          ? `There is no language model at the address of ${called}. Check ${settings.baseUrl} and the path in it.`
          : `${called} has no model ${quoted(model)}, or the key may not use it. Check the model's name.`,
      );
    case 408:
    case 504:
      return later(`${called} took too long (HTTP ${status}).`);
    case 413:
      return refused(`${called} does not take a request this large. Ask about less at once.`);
    case 429:
      return later(`${called} asks to wait: too many requests or tokens (HTTP 429).`);
    case 503:
    case 529:
      return later(`${called} is overloaded (HTTP ${status}).`);
    case 501:
    case 505:
      return refused(`${called} cannot do what was asked of it (HTTP ${status}). Check ${settings.baseUrl}.`);
    default:
      if (PASSES.has(status)) return later(`${called} could not take the request just now (HTTP ${status}).`);
      if (status >= 500) return later(`${called} failed (HTTP ${status}).`);
      if (status < 400) {
        return refused(
          `${called} sends elsewhere (HTTP ${status}), and that is not followed with a key. Set ${settings.baseUrl} to the final address.`,
        );
      }
      return refused(`${called} does not take the request${complaintOf(said)} (HTTP ${status}).`);
  }
}

/** Conflict with another request, too early, and nginx's "client closed request". */
const PASSES: ReadonlySet<number> = new Set([409, 425, 499]);

/** What we send, so that a provider's complaint can be named without repeating its words. */
const PARAMETERS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "response_format",
  "output_config",
  "max_tokens",
  "max_completion_tokens",
  "stream",
  "stream_options",
]);

function complaintOf(said: SaidError | undefined): string {
  const name = said?.param?.split(/[.[]/)[0] ?? "";
  return PARAMETERS.has(name) ? `: it complains of ${name}` : "";
}

/** A model's name is the operator's own word; it is shown short and on one line all the same. */
export function quoted(model: string): string {
  return `"${model.replace(/\s+/g, " ").slice(0, 80)}"`;
}
