import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { choose } from "../../models/choices.ts";
import { PROVIDERS, type Provider } from "../../models/languageModel.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { type ModelParts, modelCard } from "./show.ts";

const CHOICES = ["builtin", ...PROVIDERS] as const;

const provider = {
  name: "provider",
  kind: "state",
  description: "openai, anthropic, ollama or vllm, as set up; builtin: no model",
  required: true,
  choices: CHOICES,
  parse(raw: string): Provider | "builtin" {
    const found = CHOICES.find((one) => one === raw.toLowerCase());
    if (found !== undefined) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is no provider. Use ${CHOICES.join(", ")}.`);
  },
} as const satisfies OptionDefinition<Provider | "builtin">;

const model = {
  name: "model",
  kind: "text",
  description: "One of its models, as model show lists them; the first unless said",
  required: false,
  parse: (raw: string) => raw.trim(),
} as const satisfies OptionDefinition<string>;

/** `model use`: whom this organisation asks. */
export function useModelCommand({ models }: ModelParts): Command {
  return defineCommand({
    name: "model use",
    summary: "Choose the language model that explains root causes, or none",
    examples: ["model use ollama", "model use openai gpt-5-mini", "model use builtin"],
    role: "admin",
    visibility: "channel",
    options: [provider, model],
    async run(call) {
      const { scope } = call.workspace();
      const wanted = call.options.provider;
      const name = call.options.model;
      if (wanted === "builtin" && name !== undefined)
        throw new UserError("The built-in analyzer has no models to choose from. Leave the name out.");
      const port = models.all.find((one) => one.provider === wanted);
      if (wanted !== "builtin" && port === undefined) {
        const there = models.all.map((one) => one.provider).join(", ") || "none";
        throw new UserError(
          `${wanted} is not set up; ${there === "none" ? "no provider is" : `there is ${there}`}. Whoever runs LogHunter can set it up (docs/models.md).`,
        );
      }
      if (name !== undefined && port !== undefined && !port.models.includes(name))
        throw new UserError(
          `${wanted} has no model "${name.slice(0, 60)}" here. Use ${port.models.join(", ")}.`,
        );
      const chosen = { provider: wanted, ...(name !== undefined && { model: name }) };
      await audited(
        call,
        { action: "model.changed", subject: wanted, ...(name !== undefined && { detail: { model: name } }) },
        (db) => choose(scope, db, chosen, call.person.id),
      );
      return message(await modelCard(scope, models, true), "channel");
    },
  });
}
