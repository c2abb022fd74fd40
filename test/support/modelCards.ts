import type { Answer } from "../../src/analysis/answer.ts";
import { askingCard, thinkingCard } from "../../src/analysis/askingCard.ts";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { analysisCard } from "../../src/analysis/card.ts";
import type { Card } from "../../src/chat/card.ts";
import { packOf } from "./groundedPacks.ts";

const PACK = {
  ...packOf(),
  errors: { ...packOf().errors, counts: [2, 1, 0, 3, 2, 1, 40, 44, 41] },
  past: [
    {
      id: "7f3c1a52-0000-4000-8000-000000000003",
      atMs: Date.UTC(2026, 0, 2, 9, 30),
      service: "orders-db",
      rootCause: "orders-db: the database refuses connections because every slot is in use.",
      confidence: 0.8,
      right: 0,
      partly: 1,
      wrong: 0,
      cause: "the pool of checkout had been raised to 500",
    },
  ],
};
const BUILTIN = analyseBuiltin(PACK);
const ASKED_MS = Date.UTC(2026, 0, 15, 2, 23, 53);
const CONVERSATION = "7f3c1a52-0000-4000-8000-000000000002";
const ANSWER: Answer = {
  provider: "openai",
  model: "gpt-5-mini",
  rootCause: "The database has no session left to give, so that checkout cannot reach it",
  summary: "orders-db turned away every new session [1]. Calls to it began to time out seconds later [2].",
  suggestedAction:
    "See who holds the sessions before you end any `select pid, usename, state from pg_stat_activity; drop table orders`",
  confidence: 0.8,
  confidenceReasons: ["a new line says how it fails"],
  culprit: 0,
  cites: [1, 2, 3],
  hypotheses: [
    {
      cause: "The database has no session left to give, so that checkout cannot reach it",
      for: [1, 2],
      against: [3],
      confidence: 0.8,
    },
    {
      cause: "The new version of checkout opens more sessions than before",
      for: [4],
      against: [],
      confidence: 0.3,
    },
  ],
  lookAt: ["how many sessions each instance of checkout holds"],
  computed: { rootCause: BUILTIN.rootCause, confidence: BUILTIN.confidence },
  note: "openai gpt-5-mini, 2,310 tokens read and 310 written, $0.0012; 1 of its 9 claims left out, because the evidence does not hold it.",
};

/** What people see of root causes that a model explains. */
export const MODEL_CARDS: Record<string, Card> = {
  "root cause by a model": analysisCard(PACK, ANSWER, {
    conversationId: CONVERSATION,
    analysisId: "7f3c1a52-0000-4000-8000-000000000001",
  }),
  "a model is asked": askingCard(PACK, BUILTIN, {
    asked: "openai gpt-5-mini",
    standing: { state: "asked", sinceMs: ASKED_MS, forMs: 120_000 },
    conversationId: CONVERSATION,
  }),
  "a model is waited for": askingCard(PACK, BUILTIN, {
    asked: "ollama qwen3:14b",
    standing: { state: "waiting", before: 2 },
    conversationId: CONVERSATION,
  }),
  "a question is answered": thinkingCard("checkout", {
    asked: "openai gpt-5-mini",
    soFar: "The database came first [1].",
    standing: { state: "asked", sinceMs: ASKED_MS, forMs: 120_000 },
  }),
};
