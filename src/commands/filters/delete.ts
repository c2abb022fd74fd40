import { inQuotes, quoted } from "../../chat/words.ts";
import { type Filter, meaningOf } from "../../filters/filter.ts";
import { deleteFilter, type SavedFilter } from "../../filters/store.ts";
import { NO_NAMESPACE } from "../../logs/findService.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { filterName } from "../options.ts";
import { noFilter } from "./savedFilter.ts";

export function deleteFilterCommand(): Command {
  return defineCommand({
    name: "filters delete",
    summary: "Delete a saved filter, for everybody of this organisation",
    examples: ["filters delete payments-5xx"],
    role: "responder",
    visibility: "channel",
    options: [filterName],
    async run(call) {
      const { scope } = call.workspace();
      // As it is when it goes: somebody may have changed it just now.
      const { name, filter } =
        (await audited<SavedFilter | undefined>(
          call,
          (gone) => gone && { action: "filter.changed", subject: gone.name, detail: { deleted: "yes" } },
          (db) => deleteFilter(scope, db, call.options.name),
        )) ?? (await noFilter(scope, call.options.name));
      return message(
        {
          title: `Filter ${name} deleted`,
          tone: "good",
          badge: "DELETED",
          body: [
            { kind: "text", text: `It was: ${meaningOf(filter)}.` },
            { kind: "text", text: ["Make it again with ", { code: savingCommand(name, filter) }, "."] },
          ],
        },
        "channel",
      );
    },
  });
}

/** The command that saves it. A keyword that looks like an option is kept apart from those by its quotes. */
function savingCommand(name: string, { service, namespace, levels, keywords }: Filter): string {
  const keyword = (word: string) =>
    /^(name|service|namespace|levels|keywords):/i.test(word) ? inQuotes(word) : quoted(word);
  return [
    `filters save ${name}`,
    ...(service === undefined ? [] : [`service:${quoted(service)}`]),
    ...(namespace === undefined ? [] : [`namespace:${quoted(namespace || NO_NAMESPACE)}`]),
    ...(levels === undefined ? [] : [`levels:${levels.join(",").toLowerCase()}`]),
    ...(keywords ?? []).map(keyword),
  ].join(" ");
}
