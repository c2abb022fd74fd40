import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createLog } from "../../src/log.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { guardModel } from "../../src/models/guard.ts";
import { estimateTokens, type LanguageModel } from "../../src/models/languageModel.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;

function every(service: string, level: string, text: string, fromMs: number, stepMs: number): LogLine[] {
  const count = Math.ceil((NOW_MS - fromMs) / stepMs);
  return Array.from({ length: count }, (_, i) =>
    lineAt(fromMs + i * stepMs, text, { service, level: level as "ERROR" }),
  );
}

const LINES = [
  ...every("checkout", "INFO", "order placed", NOW_MS - 100 * MINUTE, 5_000),
  ...every("orders-db", "INFO", "checkpoint complete", NOW_MS - 100 * MINUTE, 30_000),
  ...every("orders-db", "FATAL", "sorry, too many clients already", NOW_MS - 8 * MINUTE, 4_000),
  ...every("checkout", "ERROR", "orders-db refused the connection", NOW_MS - 8 * MINUTE + 4_000, 3_000),
];

const hypothesis = {
  cause: "The deploy of checkout 4.6.1 broke it",
  service: "checkout",
  for: [{ evidence: 3, quote: "" }],
  against: [{ evidence: 2, quote: "" }],
  confidence: 0.9,
};
const form = {
  verdict: "cause visible",
  hypotheses: [hypothesis],
  summary: [{ sentence: "checkout was deployed and failed", evidence: [3] }],
  nextStep: { advice: "Roll checkout back", command: "" },
  lookAt: [] as string[],
};

let says: object = form;
const model: LanguageModel = {
  provider: "ollama",
  runs: "locally",
  models: ["qwen3:14b"],
  countTokens: estimateTokens,
  health: async () => ({ ok: true, summary: "It answers." }),
  ask: async () => ({ outcome: "answered", text: JSON.stringify(says), calls: [] }),
};

let opened: TestApp;
let chat: RecordingPlatform;
beforeAll(async () => {
  opened = await openTestApp({
    logs: createLinesSource(LINES),
    models: {
      all: [guardModel(model, { log: createLog("silent") })],
      byDefault: "first",
      prices: parseModelPrices(""),
      budget: {},
      linkHosts: [],
    },
    now: () => NOW_MS,
  });
  ({ chat } = opened);
  const deployedAt = NOW_MS - 15 * MINUTE;
  const workspace = await opened.app.directory.findWorkspace("recording", "T1");
  await workspace?.scope.query(
    `insert into deploy_markers (tenant_id, service, namespace, version, deployed_at, marked_by, once_id)
     values ($1, 'checkout', '', '4.6.1', to_timestamp($2 / 1000.0), 'ci', 'ci-1')`,
    [workspace.scope.tenantId, deployedAt],
  );
});
afterAll(() => opened.close());

let asked = 0;
async function analyze(answer: object): Promise<{ card: Card; text: string }> {
  says = answer;
  const { messageId } = await chat.type(`analyze checkout since:${20 + asked++}m`);
  const card = await chat.until(messageId, ({ tone }) => tone !== "working");
  return { card, text: plainText(card) };
}

describe("an answer of a model of which less is left than the built-in analyzer can say", () => {
  test("stands below that, as a hypothesis with a confidence of its own, once", async () => {
    const { card, text } = await analyze(form);

    expect(card).toMatchObject({ title: "checkout: likely cause found", badge: "LIKELY CAUSE" });
    expect(text.split("\n\n")[1]).toBe(
      "orders-db: the database refuses connections because every slot is in use. (built-in analyzer)",
    );
    expect(text).toContain(
      "ollama qwen3:14b thinks: The deploy of checkout 4.6.1 broke it [3]; against it [2] (low)",
    );
    expect(text.match(/deploy of checkout 4\.6\.1 broke it/g)).toHaveLength(1);
    expect(text).toMatch(/Next: See who holds them/);
    expect(text).not.toContain("Roll checkout back");
    expect(text).toContain("Built-in analyzer, because what is left of the model's answer is less sure.");
    // What is cited is listed, be it the deploy.
    expect(text).toContain("[3] checkout 4.6.1 was deployed");
    expect(card.actions?.[0]?.label).toBe("👍 Right");
  });

  test("leads where it is as sure, under its name", async () => {
    const sure = { ...hypothesis, for: [{ evidence: 1, quote: "too many clients already" }] };
    const { text } = await analyze({ ...form, hypotheses: [sure, hypothesis] });

    expect(text.split("\n\n")[1]).toMatch(/^The deploy of checkout .*\(ollama qwen3:14b\)$/);
    expect(text).not.toContain("thinks:");
  });
});

describe("a model that sees no cause", () => {
  const none = {
    ...form,
    verdict: "not visible in these logs",
    hypotheses: [],
    nextStep: { advice: "", command: "" },
  };

  test("says where to look, and leaves what the built-in analyzer would do next", async () => {
    const { card, text } = await analyze({ ...none, lookAt: ["CPU and disk of the database host"] });

    expect(card.badge).toBe("NOT ENOUGH EVIDENCE");
    expect(text.split("\n\n")[1]).toBe("Not visible in these logs. (ollama qwen3:14b)");
    expect(text).toContain("These logs do not show: CPU and disk of the database host");
    expect(text).toContain("Next: See who holds them");
    expect(card.actions?.map(({ label }) => label)).toContain("👎 Not right");
  });

  test("without a word of where to look is given the built-in analyzer's", async () => {
    const { text } = await analyze(none);

    expect(text).toContain("Not visible in these logs. (ollama qwen3:14b)");
    expect(text).toContain("These logs do not show: metrics of CPU, memory and network");
  });
});

test("where a model gives nothing that holds, the first sentence says whose word it is instead", async () => {
  const { text } = await analyze({
    ...form,
    hypotheses: [{ ...hypothesis, for: [{ evidence: 77, quote: "" }] }],
  });

  expect(text.split("\n\n")[1]).toMatch(/ \(built-in analyzer, in place of ollama qwen3:14b\)$/);
});
