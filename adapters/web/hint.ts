import type { Card } from "../../src/chat/card.ts";
import { type CommandDefinition, commandAt } from "../../src/chat/command.ts";
import { holdsLogLines } from "../../src/logs/looksLogged.ts";

/** What commands begin with here and on Slack. */
export const SLASH = "/loghunter";

/** The answer to words in the channel that are no command: nobody else sees it. */
export function howToBegin(catalogue: readonly CommandDefinition[], typed: string): Card {
  const first = examples(catalogue, 1)[0];
  const meant = commandMeant(catalogue, typed);
  return {
    title: `Commands begin with ${SLASH}`,
    tone: "neutral",
    body: [
      {
        kind: "text",
        text:
          meant !== undefined
            ? ["Did you mean ", { code: `${SLASH} ${meant}` }, "? In the channel I only listen to commands."]
            : [
                ...(holdsLogLines(typed)
                  ? ["To have these lines explained, press ", { strong: "Explain this log" }, " under them. "]
                  : []),
                "In the channel I only listen to commands",
                ...(first === undefined ? ["."] : [", such as ", { code: first.command }, "."]),
                " To ask about a root cause, reply in its thread.",
              ],
      },
    ],
    footnote: ["Type ", { code: "/" }, " to see all commands."],
  };
}

/** `analyze checkout` or `/analyze checkout`: a command without its beginning. */
function commandMeant(catalogue: readonly CommandDefinition[], typed: string): string | undefined {
  const text = typed.trim().replace(/^\//, "");
  return text.length <= 80 && commandAt(catalogue, text.split(/\s+/)) !== undefined ? text : undefined;
}

/** Things to try: the first example of the first commands that a newcomer may use, help last. */
export function examples(
  catalogue: readonly CommandDefinition[],
  count: number,
): { command: string; summary: string }[] {
  const useful = catalogue.filter((command) => command.role !== "admin" && command.examples.length > 0);
  const ranked = [...useful].sort((a, b) => rank(a) - rank(b));
  return ranked
    .slice(0, count)
    .map((command) => ({ command: `${SLASH} ${command.examples[0]}`, summary: command.summary }));
}

/** Commands about a service first: they show at once what the bot is for. */
function rank(command: CommandDefinition): number {
  if (command.name === "help") return 2;
  return command.options.some((option) => option.required || option.takesRest) ? 0 : 1;
}
