import { type Block, button, type Card } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { literalWords } from "../../chat/words.ts";
import { UserError } from "../../errors.ts";
import { type Filter, meaningOf, readFilter } from "../../filters/filter.ts";
import { saveFilter } from "../../filters/store.ts";
import { findService } from "../../logs/findService.ts";
import type { LogSource } from "../../logs/source.ts";
import { redactionOf } from "../../redactionRules/tenantRedaction.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { filterName, levels, namespace, optionalService } from "../options.ts";

const keywords = {
  name: "keywords",
  kind: "text",
  description: "What must all stand in the line; quotes keep words together",
  required: false,
  takesRest: true,
  asTyped: true,
  maxChars: 5_000,
  parse: literalWords,
} as const satisfies OptionDefinition<string[]>;

/** Made up by whoever saves it: those that are there are no help with it. */
const newName = {
  ...filterName,
  kind: "text",
  description: "The filter's name: letters, digits, - and _; one that is there already is replaced",
} as const satisfies OptionDefinition<string>;

export interface SaveFilterParts {
  logs: LogSource;
  now: () => number;
}

export function saveFilterCommand({ logs, now }: SaveFilterParts): Command {
  return defineCommand({
    name: "filters save",
    summary: "Keep conditions on lines under a name, for everybody of this organisation",
    examples: [
      "filters save payments-5xx service:payments levels:error,fatal timeout",
      'filters save refused service:checkout "connection refused" orders-db',
    ],
    role: "responder",
    visibility: "channel",
    options: [newName, optionalService, namespace, levels, keywords],
    form: {
      title: "Save a filter",
      submitLabel: "Save",
      fields: ["name", "service", "namespace", "levels", "keywords"],
    },
    async run(call) {
      const { scope } = call.workspace();
      const { name, ...given } = call.options;
      const typed = readFilter(
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
        await redactionOf(scope),
      );
      const { filter, doubt } = await asKnown(logs, scope.lokiOrgId, typed, now());
      const change = {
        action: "filter.changed",
        subject: name,
        detail: { means: meaningOf(filter) },
      } as const;
      const replaced = await audited(call, change, (db) =>
        saveFilter(scope, db, { name, filter, savedBy: call.person.name }),
      );
      return message(savedCard(name, filter, replaced, doubt), "channel");
    },
  });
}

/**
 * The filter with its service's name as the service itself writes it. One that is not known is kept as typed: it
 * may be silent, or still to come; the doubt says so, since it may be a typo as well.
 */
async function asKnown(
  logs: LogSource,
  org: string,
  filter: Filter,
  nowMs: number,
): Promise<{ filter: Filter; doubt?: string }> {
  const { service, namespace } = filter;
  if (service === undefined) return { filter };
  try {
    const ref = await findService(logs, org, { service, namespace }, { fromMs: nowMs, toMs: nowMs });
    return {
      filter: {
        ...filter,
        service: ref.service,
        ...(namespace !== undefined && { namespace: ref.namespace }),
      },
    };
  } catch (error) {
    if (error instanceof UserError) return { filter, doubt: error.message };
    throw error;
  }
}

function savedCard(
  name: string,
  filter: Filter,
  replaced: Filter | undefined,
  doubt: string | undefined,
): Card {
  const body: Block[] = [{ kind: "text", text: `${meaningOf(filter)}.` }];
  if (replaced !== undefined) body.push({ kind: "text", text: `It was until now: ${meaningOf(replaced)}.` });
  if (doubt !== undefined) body.push({ kind: "text", text: `Saved as typed, but: ${doubt}` });
  body.push({
    kind: "text",
    text: [
      "See its lines with ",
      { code: `filters run ${name}` },
      ", or narrow it: ",
      { code: `search <text> filter:${name}` },
      ".",
    ],
  });
  return {
    title: `Filter ${name} ${replaced === undefined ? "saved" : "replaced"}`,
    tone: doubt === undefined ? "good" : "warning",
    badge: replaced === undefined ? "SAVED" : "REPLACED",
    body,
    actions: [button("Change", { name: "filters.save", subject: name })],
  };
}
