import type { Card } from "../chat/card.ts";
import { type CommandDefinition, findCommand, type OptionDefinition, signature } from "../chat/command.ts";
import { type Command, defineCommand, message } from "./command.ts";

const command = {
  name: "command",
  kind: "command",
  description: "The command to explain",
  required: false,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

/** @param catalogue asked when help is, since help itself is part of it. */
export function helpCommand(catalogue: () => readonly CommandDefinition[]): Command {
  return defineCommand({
    name: "help",
    summary: "What there is, with examples",
    examples: ["help", "help analyze"],
    role: "viewer",
    visibility: "caller",
    options: [command],
    async run(call) {
      const asked = call.options.command;
      const card = asked === undefined ? overview(catalogue()) : detail(findCommand(catalogue(), asked));
      return message(card, "caller");
    },
  });
}

function overview(catalogue: readonly CommandDefinition[]): Card {
  return {
    title: "What LogHunter can do",
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: catalogue.map((command) => ({
          heading: [{ code: signature(command) }],
          detail: command.summary,
        })),
      },
      { kind: "text", text: ["More about one: ", { code: "help analyze" }, "."] },
    ],
  };
}

function detail(command: CommandDefinition): Card {
  return {
    title: `help: ${command.name}`,
    tone: "neutral",
    body: [
      { kind: "text", text: [{ code: signature(command) }] },
      { kind: "text", text: `${command.summary}.` },
      ...(command.options.length === 0
        ? []
        : [
            {
              kind: "facts" as const,
              facts: command.options.map((option) => ({
                label: option.name,
                value: `${option.description}${option.required ? "" : " (optional)"}`,
              })),
            },
          ]),
      { kind: "items", items: command.examples.map((example) => ({ heading: [{ code: example }] })) },
    ],
    footnote: `For ${command.role === "viewer" ? "everybody" : command.role === "admin" ? "admins" : "responders and admins"}. ${
      command.visibility === "caller" ? "Only you see the answer." : "The whole channel sees the answer."
    }`,
  };
}
