import { type Explain, later, quoted, refused } from "../../src/models/asking/failure.ts";
import type { ModelProvider } from "../../src/models/asking/provider.ts";

/** Ollama has no codes: its texts, as of 0.5 to 0.12, tell errors apart. They are matched, and not repeated. */
export function explain({ called }: ModelProvider): Explain {
  return ({ message }, model, status) => {
    const name = quoted(model ?? "");
    if (model !== undefined && /model .*not found/i.test(message)) {
      return refused(`${called} has no model ${name}. Run ollama pull ${model}.`);
    }
    if (/does not support tools/i.test(message)) {
      return refused(`The model ${name} cannot call tools. Take one that can, such as qwen3 or llama3.1.`);
    }
    // Of ollama.com. Comes as 429, and lasts for hours or days.
    if (/usage limit/i.test(message)) {
      return refused(`The account at ${called} has reached its limit. Check its plan.`);
    }
    // Comes as 500, and does not pass.
    if (/more system memory|out of memory|insufficient memory/i.test(message)) {
      return refused(
        `${called} has not enough memory for the model ${name}. Take a smaller one, or set OLLAMA_CONTEXT_TOKENS lower.`,
      );
    }
    if (
      /exceeds? the (?:available |maximum )?context|context (?:length|size) exceeded|input length exceeds/i.test(
        message,
      )
    ) {
      return refused(
        `The request is longer than the context of the model ${name}. Ask about less at once, or take a model with a longer one.`,
      );
    }
    if (status !== undefined) return undefined;
    // The package's own texts, for a stream that ended without its last line.
    const isPackages = /^did not receive done|^missing body/i.test(message);
    return message === "" || isPackages ? undefined : later(`${called} failed within its answer.`);
  };
}
