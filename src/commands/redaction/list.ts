import { button, type Card } from "../../chat/card.ts";
import { type Effect, listPatterns, type RedactionPattern } from "../../redactionRules/store.ts";
import { type Command, defineCommand, message } from "../command.ts";

const ACTIONS = [
  button("Hide a pattern", { name: "redaction.hide", subject: "" }),
  button("Show a pattern", { name: "redaction.show", subject: "" }),
];
const HEADINGS: Record<Effect, string> = { hide: "Hidden", show: "Shown" };

export function listPatternsCommand(): Command {
  return defineCommand({
    name: "redaction list",
    summary: "What this organisation hides and shows beside the rules: each pattern, who set it and when",
    examples: ["redaction list"],
    // What somebody wants hidden tells of what there is to hide.
    role: "admin",
    visibility: "caller",
    options: [],
    async run(call) {
      return message(listCard(await listPatterns(call.workspace().scope)), "caller");
    },
  });
}

function listCard(patterns: readonly RedactionPattern[]): Card {
  const count = (wanted: Effect) => patterns.filter(({ effect }) => effect === wanted).length;
  if (patterns.length === 0) {
    return {
      title: "No redaction patterns",
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: "Secrets and personal data that the rules know are hidden without any. Say here what else to hide, and what to leave readable.",
        },
        {
          kind: "text",
          text: ["Hide customer numbers, for example: ", { code: "redaction hide CUST-########" }, "."],
        },
      ],
      actions: ACTIONS,
    };
  }
  return {
    title: `Redaction patterns: ${count("hide")} hidden, ${count("show")} shown`,
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: patterns.map(({ pattern, effect, createdBy, createdAtMs }) => ({
          heading: [{ strong: HEADINGS[effect] }],
          detail: [`Set by ${createdBy}, `, { atMs: createdAtMs, show: "date and time" }, "."],
          log: [pattern],
        })),
      },
    ],
    actions: ACTIONS,
    footnote: ["End one with ", { code: "redaction remove <pattern>" }, "."],
  };
}
