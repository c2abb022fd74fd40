import { type Command, defineCommand, message } from "../command.ts";
import { filterName, since } from "../options.ts";
import { type SearchParts, searchLines } from "../searchLines.ts";
import { savedFilter } from "./savedFilter.ts";

export function runFilterCommand(parts: SearchParts): Command {
  return defineCommand({
    name: "filters run",
    summary: "The newest lines that fit a saved filter",
    examples: ["filters run payments-5xx", "filters run payments-5xx since:6h"],
    role: "viewer",
    visibility: "channel",
    options: [filterName, since],
    async run(call) {
      const { scope } = call.workspace();
      const saved = await savedFilter(scope, call.options.name);
      const asked = { filter: saved.filter, saved };
      return message(await searchLines(parts, scope, asked, call.options.since), "channel");
    },
  });
}
