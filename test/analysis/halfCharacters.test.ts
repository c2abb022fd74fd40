import { expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import type { LookUpParts } from "../../src/analysis/lookUp.ts";
import { createLookUps } from "../../src/analysis/lookUps.ts";
import { discussionMessages } from "../../src/analysis/prompt/discussion.ts";
import { estimateTokens } from "../../src/models/languageModel.ts";
import { packOf } from "../support/groundedPacks.ts";

const pack = packOf();
/** One character stands across each place where a text may be cut. */
const FACES = ["", "x"].map((before) => before + "🙂".repeat(800));

test.each(FACES)("what was said in a thread is told without half a character at its end: %#", (body) => {
  const messages = discussionMessages({
    ...{ pack, fence: "EVIDENCE-1", answer: analyseBuiltin(pack), question: body, nowMs: 0 },
    turns: [
      { author: "person", body, lookedUp: [] },
      { author: "bot", body, lookedUp: [] },
    ],
    fit: { maxTokens: 6_000, countTokens: estimateTokens },
  });

  expect(messages.filter((one) => "text" in one && !one.text.isWellFormed())).toEqual([]);
});

test.each(FACES)("so is what a model asked for: %#", async (text) => {
  // None of the calls comes to the logs.
  const lookUps = createLookUps({
    ...{ pack, fence: "EVIDENCE-1", firstNumber: 9, nowMs: 0, signal: new AbortController().signal },
    show: () => undefined,
  } as Partial<LookUpParts> as Parameters<typeof createLookUps>[0]);
  const when = { from: "2026-01-31T14:00:00Z", to: "2026-01-31T15:00:00Z" };
  const { results, callsAs } = await lookUps.doAll([
    { id: "a", name: "search_lines", arguments: { service: "checkout", text, ...when } },
    { id: "b", name: text, arguments: {} },
  ]);

  const told = [...(results.role === "results" ? results.results : []), ...callsAs((said) => said)];
  const strings = told.flatMap((one) => ("text" in one ? one.text : Object.values(one.arguments as object)));
  expect(strings).toHaveLength(6);
  expect(strings.filter((one: string) => !one.isWellFormed())).toEqual([]);
});
