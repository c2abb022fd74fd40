import type { Card } from "../chat/card.ts";
import {
  type CommandDefinition,
  commandsUnder,
  findCommand,
  type OptionDefinition,
} from "../chat/command.ts";
import { signature } from "../chat/signature.ts";
import { type Command, defineCommand, message } from "./command.ts";

const command = {
  name: "command",
  kind: "command",
  description: "The command to explain",
  required: false,
  // A name may have two words.
  takesRest: true,
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
      return message(helpCard(catalogue(), asked), "caller");
    },
  });
}

function helpCard(catalogue: readonly CommandDefinition[], asked: string | undefined): Card {
  if (asked === undefined) return overview("What LogHunter can do", catalogue);
  const under = commandsUnder(catalogue, asked);
  if (under.length > 0) return overview(`help: ${asked.toLowerCase()}`, under);
  return detail(findCommand(catalogue, asked));
}

function overview(title: string, commands: readonly CommandDefinition[]): Card {
  const known = commands.find((command) => command.name === "analyze") ?? commands[0];
  return {
    title,
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: commands.map((command) => ({
          heading: [{ code: signature(command) }],
          detail: command.summary,
        })),
      },
      { kind: "text", text: ["More about one: ", { code: `help ${known?.name ?? ""}` }, "."] },
      {
        kind: "text",
        text: [
          "Quotes keep words together: ",
          { code: 'service:"order worker"' },
          ". What holds a quote itself goes between backticks: ",
          { code: 'service:`the "new" worker`' },
          ".",
        ],
      },
    ],
  };
}

function detail(command: CommandDefinition): Card {
  return {
    title: `help: ${command.name}`,
    tone: "neutral",
    body: [
      { kind: "text", text: [{ code: signature(command) }] },
      { kind: "text", text: `${command.summary}.${command.formOnly ? " A form asks for:" : ""}` },
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
