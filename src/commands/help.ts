import type { Block, Card } from "../chat/card.ts";
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
  if (asked === undefined) return overview(catalogue);
  const under = commandsUnder(catalogue, asked);
  if (under.length > 0) return together(asked.toLowerCase(), under);
  return detail(findCommand(catalogue, asked));
}

/** What people come for, and the first words of the commands for it. */
const AREAS: readonly [area: string, firstWords: readonly string[]][] = [
  ["Find a cause", ["analyze", "errors", "search", "filters", "feedback"]],
  ["What is unusual", ["anomalies", "explain", "baseline", "backtest", "deploy"]],
  ["Alerts", ["channel", "mute", "unmute", "watch"]],
  ["How things stand", ["status", "doctor", "audit", "help"]],
  ["Who may do what", ["connect", "tenant", "members", "keys"]],
  ["What models and people see", ["model", "redaction"]],
];

/** Names alone: all of them with what they do have room on no platform. */
function overview(catalogue: readonly CommandDefinition[]): Card {
  const firstOf = ({ name }: CommandDefinition) => name.split(" ")[0] as string;
  const placed = new Set(AREAS.flatMap(([, firstWords]) => firstWords));
  const others = new Set(catalogue.map(firstOf).filter((first) => !placed.has(first)));
  const areas = [...AREAS, ["More", [...others]] as const].map(([label, firstWords]) => ({
    label,
    names: firstWords.flatMap((first) => catalogue.filter((command) => firstOf(command) === first)),
  }));
  return {
    title: "What LogHunter can do",
    tone: "neutral",
    body: [
      {
        kind: "facts",
        facts: areas
          .filter(({ names }) => names.length > 0)
          .map(({ label, names }) => ({ label, value: names.map(({ name }) => name).join(", ") })),
      },
      {
        kind: "text",
        text: [
          "More about one: ",
          { code: "help analyze" },
          ". About several: ",
          { code: "help filters" },
          ".",
        ],
      },
      QUOTES,
    ],
  };
}

/** The commands under one first word, with what they do. */
function together(first: string, commands: readonly CommandDefinition[]): Card {
  return {
    title: `help: ${first}`,
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: commands.map((command) => ({
          heading: [{ code: signature(command) }],
          detail: command.summary,
        })),
      },
      { kind: "text", text: ["More about one: ", { code: `help ${commands[0]?.name}` }, "."] },
      QUOTES,
    ],
  };
}

const QUOTES: Block = {
  kind: "text",
  text: [
    "Quotes keep words together: ",
    { code: 'service:"order worker"' },
    ". What holds a quote itself goes between backticks: ",
    { code: 'service:`the "new" worker`' },
    ".",
  ],
};

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
