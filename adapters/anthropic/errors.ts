import { type Explain, failureOfStatus, later, quoted, refused } from "../../src/models/asking/failure.ts";
import type { ModelProvider } from "../../src/models/asking/provider.ts";

/** What Anthropic's types of errors mean. https://platform.claude.com/docs/en/api/errors */
export function explain(provider: ModelProvider): Explain {
  const { called } = provider;
  return (said, model, status) => {
    const { words, message } = said;
    const says = (...types: string[]) => types.some((type) => words.includes(type));
    // The first comes as 429 and the others as 400, and none of them passes.
    if (says("enforced_spend_limit_reached") || /credit balance is too low|usage limits/i.test(message)) {
      return refused(
        `The account at ${called} has reached its limit of spending, or has no credit left. Check its billing.`,
      );
    }
    if (/prompt is too long|exceed context limit/i.test(message)) {
      return refused(
        `The request is longer than ${called} lets the model ${quoted(model ?? "")} read. Ask about less at once, or take a model with a longer context.`,
      );
    }
    if (status !== undefined) return undefined;
    // Within a stream there is no status: https://platform.claude.com/docs/en/build-with-claude/streaming#error-events
    const known = words.map((type) => STATUSES[type]).find((found) => found !== undefined);
    if (known !== undefined) return failureOfStatus(known, said, model, provider);
    return says("api_error") ? later(`${called} failed within its answer.`) : undefined;
  };
}

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};
