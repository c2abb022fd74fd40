import { UserError } from "../errors.ts";
import type { ModelUsage } from "./languageModel.ts";

/** What models cost. Prices change, and differ by contract: the operator says them, nobody else knows them. */
export interface ModelPrices {
  /** In US dollars; undefined where the model's price is not known, which is not 0. */
  costOf(usage: ModelUsage, model: string): number | undefined;
}

/** In US dollars for a million tokens. */
interface Price {
  input: number;
  cached: number;
  output: number;
}

const TOKENS = 1_000_000;
const FORM = "Write name=input/output or name=input/cached/output in US dollars per million tokens, such as";

/**
 * Reads MODEL_PRICES, entries parted by commas. Empty: no price is known.
 * @throws UserError naming the entry that cannot be read.
 */
export function parseModelPrices(text: string): ModelPrices {
  const prices = new Map<string, Price>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [, name, written = ""] = /^(.+?)\s*=\s*([^=]*)$/.exec(entry) ?? [];
    const numbers = written.split("/").map((number) => number.trim());
    const isPrice = numbers.every((number) => /^\d+(?:\.\d+)?$/.test(number));
    if (name === undefined || !isPrice || numbers.length < 2 || numbers.length > 3) {
      throw new UserError(
        `"${entry.slice(0, 80)}" in MODEL_PRICES is not a price. ${FORM} gpt-5=1.25/0.125/10.`,
      );
    }
    if (prices.has(name)) throw new UserError(`MODEL_PRICES has two prices for ${name}. Leave one.`);
    const [input = 0, ...rest] = numbers.map(Number);
    const output = rest.at(-1) ?? 0;
    // Without a price of its own, what came from the cache is paid for as the rest.
    prices.set(name, { input, cached: rest.length === 2 ? (rest[0] ?? input) : input, output });
  }
  return {
    costOf({ inputTokens, cachedTokens, outputTokens }, model) {
      const price = prices.get(model);
      if (price === undefined) return undefined;
      const cached = Math.min(cachedTokens, inputTokens);
      const cost = (inputTokens - cached) * price.input + cached * price.cached + outputTokens * price.output;
      return cost / TOKENS;
    },
  };
}
