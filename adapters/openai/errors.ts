import { type Explain, later, quoted, refused, unusable } from "../../src/models/asking/failure.ts";
import type { ModelProvider } from "../../src/models/asking/provider.ts";

/** What OpenAI's codes mean, and vLLM's texts where it has no code. https://platform.openai.com/docs/guides/error-codes */
export function explain({ called, settings }: ModelProvider): Explain {
  return ({ words, message }, model, status) => {
    const says = (...codes: string[]) => codes.some((code) => words.includes(code));
    // Comes as 429, and does not pass.
    if (says("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")) {
      return refused(`The account at ${called} has no quota left. Check its plan and billing.`);
    }
    if (says("context_length_exceeded", "string_above_max_length") || TOO_LONG.test(message)) {
      return refused(
        `The request is longer than ${called} lets the model ${quoted(model ?? "")} read. Ask about less at once, or take a model with a longer context.`,
      );
    }
    if (says("content_filter", "content_policy_violation", "invalid_prompt")) {
      return unusable(`${called} withheld its answer: its rules refused the request.`);
    }
    if (says("model_not_found")) {
      return refused(
        `${called} has no model ${quoted(model ?? "")}, or the key may not use it. Check the model's name.`,
      );
    }
    if (says("invalid_api_key")) {
      return refused(`${called} does not accept the key. Check ${settings.key}.`);
    }
    // From here on the status says as much, and better where it asks to wait.
    if (status !== undefined) return undefined;
    if (says("rate_limit_exceeded", "server_error", "overloaded", "InternalServerError", "500", "503")) {
      return later(`${called} failed within its answer.`);
    }
    return says("invalid_request_error", "BadRequestError")
      ? refused(`${called} does not take the request.`)
      : undefined;
  };
}

/** vLLM: "This model's maximum context length is 8192 tokens. However, …" */
const TOO_LONG = /maximum context length|longer than the maximum model length/i;
