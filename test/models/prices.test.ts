import { describe, expect, test } from "@jest/globals";
import { UserError } from "../../src/errors.ts";
import { parseModelPrices } from "../../src/models/prices.ts";

const MILLION = 1_000_000;

describe("prices of models", () => {
  test("are in dollars for a million tokens of prompt and of answer", () => {
    const prices = parseModelPrices("gpt-5=1.25/10, Qwen/Qwen3-8B = 0/0.5");
    const usage = { inputTokens: 2 * MILLION, cachedTokens: 0, outputTokens: MILLION };
    expect(prices.costOf(usage, "gpt-5")).toBeCloseTo(12.5);
    expect(prices.costOf(usage, "Qwen/Qwen3-8B")).toBeCloseTo(0.5);
  });

  test("may be lower for what came from the cache, and are the same where nothing is said", () => {
    const usage = { inputTokens: MILLION, cachedTokens: 600_000, outputTokens: 0 };
    expect(parseModelPrices("a=1/0.1/8").costOf(usage, "a")).toBeCloseTo(0.4 + 0.06);
    expect(parseModelPrices("a=1/8").costOf(usage, "a")).toBeCloseTo(1);
  });

  test("of a model that has none are unknown, which is not nothing; a price of 0 is nothing", () => {
    const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 10 };
    expect(parseModelPrices("").costOf(usage, "gpt-5")).toBeUndefined();
    expect(parseModelPrices("gpt-5=1/2").costOf(usage, "gpt-5-mini")).toBeUndefined();
    expect(parseModelPrices("local=0/0").costOf(usage, "local")).toBe(0);
  });

  test("are never below nothing, whatever the provider counts", () => {
    const usage = { inputTokens: 10, cachedTokens: 99, outputTokens: 0 };
    expect(parseModelPrices("a=1/0.1/8").costOf(usage, "a")).toBeGreaterThan(0);
  });

  test.each([
    "gpt-5",
    "gpt-5=",
    "gpt-5=1",
    "gpt-5=1/2/3/4",
    "gpt-5=a/b",
    "gpt-5=-1/2",
    "=1/2",
    "gpt-5=1,25/10",
    "a=1/2, b",
  ])("cannot be read from %j, and that is said", (text) => {
    expect(() => parseModelPrices(text)).toThrow(UserError);
    expect(() => parseModelPrices(text)).toThrow(/is not a price\. Write name=input\/output/);
  });

  test("are one for each name", () => {
    expect(() => parseModelPrices("a=1/2,a=1/3")).toThrow("MODEL_PRICES has two prices for a. Leave one.");
  });
});
