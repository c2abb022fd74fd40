import { countOf } from "../../analysis/words.ts";
import type { Block, Card, Fact, Item } from "../../chat/card.ts";
import { type Spent, spentToday } from "../../models/calls.ts";
import { findChoice } from "../../models/choices.ts";
import { budgetOf, chosenOf, isUnwatched, type Models } from "../../models/tenantModel.ts";
import type { TenantScope } from "../../tenancy/scope.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { loadText } from "./load.ts";

export interface ModelParts {
  models: Models;
}

/** A provider that does not say by then that it is there is said not to be. */
const HEALTH_MS = 5_000;

/** `model show`: who is asked, what may be chosen, and what it has cost today. */
export function showModelCommand({ models }: ModelParts): Command {
  return defineCommand({
    name: "model show",
    summary: "Which language model is asked, which could be, and what it has cost today",
    examples: ["model show"],
    role: "viewer",
    visibility: "channel",
    options: [],
    async run(call) {
      return message(await modelCard(call.workspace().scope, models), "channel");
    },
  });
}

/** How things stand with language models. */
export async function modelCard(scope: TenantScope, models: Models, saved = false): Promise<Card> {
  const [choice, spent, items] = await Promise.all([
    findChoice(scope),
    spentToday(scope),
    Promise.all(models.all.map(providerItem)),
  ]);
  const chosen = chosenOf(choice, models);
  const budget = budgetOf(choice, models);
  const facts: Fact[] = [
    {
      label: "Root causes are explained by",
      value: [
        {
          strong:
            chosen === undefined ? "the built-in analyzer alone" : `${chosen.model.provider} ${chosen.name}`,
        },
      ],
    },
    { label: "Today (UTC)", value: spentText(spent) },
    { label: "At most a day", value: budgetText(budget) },
  ];
  return {
    title: chosen === undefined ? "No language model is asked" : "Language model",
    tone: saved ? "good" : "neutral",
    badge: saved ? "SAVED" : "MODEL",
    body: [
      { kind: "facts", facts },
      ...(chosen !== undefined && isUnwatched(chosen, budget, models)
        ? [notAsked(chosen.name, models.budget.dailyUsd === undefined)]
        : []),
      ...(items.length === 0 ? NONE_SET_UP : [{ kind: "items" as const, items }]),
    ],
    footnote:
      "Evidence is the same with and without a model, and secrets are taken out of it before it is sent.",
  };
}

/** A limit that keeps the chosen model from being asked at all is said where it is set, and not only when it is missed. */
function notAsked(name: string, isOwnLimit: boolean): Block {
  const remedy = isOwnLimit
    ? [", or take the limit away with ", { code: "model budget usd:off" }, "."]
    : ["; whoever runs LogHunter has set the limit."];
  return {
    kind: "text",
    text: [
      { strong: "It is not asked: " },
      `nobody has said what ${name} costs, and there is a limit in US dollars, so the built-in analyzer answers. Set MODEL_PRICES (docs/models.md)`,
      ...remedy,
    ],
  };
}

const NONE_SET_UP: Block[] = [
  {
    kind: "text",
    text: "None is set up. Whoever runs LogHunter can set OPENAI_API_KEY, ANTHROPIC_API_KEY, OLLAMA_BASE_URL or VLLM_BASE_URL (docs/models.md).",
  },
];

async function providerItem(model: Models["all"][number]): Promise<Item> {
  const { provider, models, runs } = model;
  const { ok, summary } = await model.health(AbortSignal.timeout(HEALTH_MS));
  const load = loadText(model);
  return {
    heading: [
      { strong: provider },
      runs === "locally" ? " (runs locally)" : " (hosted)",
      ok ? "" : ": not working",
    ],
    detail: [`${models.join(", ")}. ${summary}`, ...(load.length === 0 ? [] : [" ", ...load, "."])],
  };
}

function spentText({ calls, tokens, usd, unpriced }: Spent): string {
  if (calls === 0) return "nothing yet";
  // A request that failed has cost nothing, which is not what the others cost.
  const cost =
    unpriced === 0
      ? `, $${usd.toFixed(2)}`
      : usd === 0
        ? "; no price is known"
        : `, $${usd.toFixed(2)} without the ${countOf(unpriced, "request", "requests")} of no known price`;
  return `${countOf(calls, "request", "requests")}, ${tokens.toLocaleString("en-US")} tokens${cost}`;
}

function budgetText({ dailyTokens, dailyUsd }: ReturnType<typeof budgetOf>): string {
  const parts = [
    ...(dailyTokens === undefined ? [] : [`${dailyTokens.toLocaleString("en-US")} tokens`]),
    ...(dailyUsd === undefined ? [] : [dailyUsd === 0 ? NO_MONEY : `$${dailyUsd.toFixed(2)}`]),
  ];
  return parts.length === 0 ? "no limit" : parts.join(" and ");
}

const NO_MONEY = "$0.00, so hosted models are never asked";
