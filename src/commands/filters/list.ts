import { button, type Card } from "../../chat/card.ts";
import { meaningOf } from "../../filters/filter.ts";
import { listFilters, type SavedFilter } from "../../filters/store.ts";
import { type Command, defineCommand, message } from "../command.ts";

const SHOWN = 200;
const SAVE = button("Save a filter", { name: "filters.save", subject: "" });

export function listFiltersCommand(): Command {
  return defineCommand({
    name: "filters list",
    summary: "The saved filters: what each means, who saved it and when",
    examples: ["filters list"],
    role: "viewer",
    visibility: "caller",
    options: [],
    async run(call) {
      return message(listCard(await listFilters(call.workspace().scope, SHOWN)), "caller");
    },
  });
}

function listCard(filters: readonly SavedFilter[]): Card {
  if (filters.length === 0) {
    return {
      title: "No saved filters",
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: [
            "Save the first one: ",
            { code: "filters save slow service:checkout levels:warn,error timeout" },
            ".",
          ],
        },
      ],
      actions: [SAVE],
    };
  }
  return {
    title: filters.length === 1 ? "1 saved filter" : `${filters.length} saved filters`,
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: filters.map(({ name, filter, savedBy, savedAtMs }) => ({
          heading: [{ strong: name }],
          detail: [
            `${meaningOf(filter)}. Saved by ${savedBy}, `,
            { atMs: savedAtMs, show: "date and time" },
            ".",
          ],
        })),
      },
    ],
    actions: [SAVE],
    footnote: [
      ...(filters.length === SHOWN ? [`The first ${SHOWN} by name. `] : []),
      "See the lines of one with ",
      { code: "filters run <name>" },
      ".",
    ],
  };
}
