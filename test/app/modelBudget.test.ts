import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createLog } from "../../src/log.ts";
import { guardModel } from "../../src/models/guard.ts";
import { estimateTokens, type LanguageModel } from "../../src/models/languageModel.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const form = {
  verdict: "cause visible",
  hypotheses: [
    {
      cause: "The disk of the shop has no room left",
      service: "shop",
      for: [{ evidence: 1, quote: "" }],
      against: [],
      confidence: 1,
    },
  ],
  summary: [],
  nextStep: { advice: "", command: "" },
  lookAt: [],
};

function modelOf(provider: LanguageModel["provider"], runs: LanguageModel["runs"]): LanguageModel {
  return {
    provider,
    runs,
    models: [`${provider}-model`],
    countTokens: estimateTokens,
    health: async () => ({ ok: true, summary: "It answers." }),
    ask: async () => ({
      outcome: "answered",
      text: JSON.stringify(form),
      calls: [],
      usage: { inputTokens: 1_000, cachedTokens: 0, outputTokens: 100 },
    }),
  };
}

let opened: TestApp;
let chat: RecordingPlatform;
beforeAll(async () => {
  const lines = Array.from({ length: 100 }, (_, i) =>
    lineAt(NOW_MS - 500_000 + i * 5_000, "no space left on device", { service: "shop" }),
  );
  lines.push(
    ...Array.from({ length: 600 }, (_, i) => lineAt(NOW_MS - 6e6 + i * 1e4, "ok", { level: "INFO" })),
  );
  opened = await openTestApp({
    logs: createLinesSource(lines),
    models: {
      all: [modelOf("ollama", "locally"), modelOf("openai", "hosted")].map((one) =>
        guardModel(one, { log: createLog("silent") }),
      ),
      byDefault: "first",
      prices: parseModelPrices(""),
      budget: {},
      linkHosts: [],
    },
    now: () => NOW_MS,
  });
  ({ chat } = opened);
});
afterAll(() => opened.close());

async function admin(text: string): Promise<string> {
  const { reply } = await chat.type(text, { platformAdmin: true });
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return plainText(reply.card);
}
let asked = 0;
async function analyze(): Promise<string> {
  const { messageId } = await chat.type(`analyze shop since:${20 + asked++}m`);
  return plainText(await chat.until(messageId, (card: Card) => card.tone !== "working"));
}

beforeEach(async () => {
  await admin("model budget usd:off tokens:off");
  await admin("model use ollama");
});

test("a limit in money does not stop what runs locally and has no price, and shows no money for it", async () => {
  expect(await admin("model budget usd:5")).not.toContain("It is not asked");

  const card = await analyze();

  expect(card).toContain("The disk of the shop has no room left");
  expect(card).not.toContain("$");
  const shown = await admin("model show");
  expect(shown).toMatch(/Today \(UTC\): 1 request, 1,100 tokens; no price is known/);
  expect(shown).toContain("At most a day: $5.00");
});

test("a limit in tokens stops it all the same", async () => {
  await admin("model budget tokens:10");

  expect(await analyze()).toContain("the day's budget is spent");
});

test("both commands say that a hosted model without a price is not asked, and what to do", async () => {
  await admin("model budget usd:5");
  const used = await admin("model use openai");
  const set = await admin("model budget usd:4");

  for (const said of [used, set]) {
    expect(said).toContain("It is not asked: nobody has said what openai-model costs");
    expect(said).toContain("model budget usd:off");
  }
  expect(await analyze()).toContain("the price of openai-model is not known");
  expect(await admin("model budget usd:off")).not.toContain("It is not asked");
  expect(await analyze()).toContain("The disk of the shop has no room left");
});

test("off takes each limit away, and leaves the other", async () => {
  await admin("model budget tokens:200k usd:2.50");

  expect(await admin("model budget usd:off")).toContain("At most a day: 200,000 tokens");
  expect(await admin("model budget tokens:off")).toContain("At most a day: no limit");
});

test("no money at all says what that means", async () => {
  expect(await admin("model budget usd:0")).toContain("$0.00, so hosted models are never asked");
});
