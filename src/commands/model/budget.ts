import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { setBudget } from "../../models/choices.ts";
import { audited, type Change } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { type ModelParts, modelCard } from "./show.ts";

const MOST_TOKENS = 10_000_000_000;
const MOST_USD = 1_000_000;
/** Takes a limit away. */
const OFF = "off";

const tokens = {
  name: "tokens",
  kind: "text",
  description: "Tokens a day (UTC), read and written together: 200000, 200k, 2m; off: no limit",
  required: false,
  parse(raw: string): number | null {
    if (raw.trim().toLowerCase() === OFF) return null;
    const [, digits, unit = ""] = /^(\d{1,11})\s*([km]?)$/i.exec(raw.trim().replaceAll(",", "")) ?? [];
    const found = Number(digits) * ({ k: 1_000, m: 1_000_000 }[unit.toLowerCase()] ?? 1);
    if (found <= MOST_TOKENS) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is no number of tokens. Write 200000, 200k or 2m, or off.`);
  },
} as const satisfies OptionDefinition<number | null>;

const usd = {
  name: "usd",
  kind: "text",
  description: "US dollars a day (UTC): 2.50; 0: hosted models are never asked; off: no limit",
  required: false,
  parse(raw: string): number | null {
    if (raw.trim().toLowerCase() === OFF) return null;
    const found = Number(/^\$?(\d{1,7}(?:\.\d{1,4})?)$/.exec(raw.trim())?.[1]);
    if (found <= MOST_USD) return found;
    throw new UserError(
      `"${raw.slice(0, 40)}" is no amount of money. Write 2.50 for two and a half US dollars, or off.`,
    );
  },
} as const satisfies OptionDefinition<number | null>;

/** `model budget`: what this organisation may spend on a model in a day. */
export function modelBudgetCommand({ models }: ModelParts): Command {
  return defineCommand({
    name: "model budget",
    summary: "Limit what a language model may cost in a day: tokens, US dollars",
    examples: ["model budget tokens:500k", "model budget usd:2.50", "model budget usd:off"],
    role: "admin",
    visibility: "channel",
    options: [tokens, usd],
    async run(call) {
      const { scope } = call.workspace();
      const { tokens: dailyTokens, usd: dailyUsd } = call.options;
      const isGiven = dailyTokens !== undefined || dailyUsd !== undefined;
      if (isGiven)
        await audited(call, changeOf(dailyTokens, dailyUsd), (db) =>
          setBudget(
            scope,
            db,
            {
              ...(dailyTokens !== undefined && { dailyTokens }),
              ...(dailyUsd !== undefined && { dailyUsd }),
            },
            call.person.id,
          ),
        );
      return message(await modelCard(scope, models, isGiven), "channel");
    },
  });
}

function changeOf(tokens: number | null | undefined, usd: number | null | undefined): Change {
  const limits = Object.entries({ tokens, usd }).filter(([, limit]) => limit !== undefined);
  return {
    action: "model.changed",
    subject: "budget",
    detail: Object.fromEntries(
      limits.map(([name, limit]) => [name, limit === null ? OFF : `${limit} a day`]),
    ),
  };
}
