import type { OptionDefinition } from "../chat/command.ts";
import { literalWords } from "../chat/words.ts";
import { UserError } from "../errors.ts";
import { type Filter, narrowed } from "../filters/filter.ts";
import { parseLogql } from "../logs/logql/parse.ts";
import type { LogQuery } from "../logs/logql/query.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Command, defineCommand, message, type ValuesOf } from "./command.ts";
import { savedFilter } from "./filters/savedFilter.ts";
import type { Follower } from "./follow.ts";
import { followSearch } from "./followSearch.ts";
import { filterName, levels, namespace, optionalService, parseDuration, since } from "./options.ts";
import { type Asked, type SearchParts, searchLines } from "./searchLines.ts";

const text = {
  name: "text",
  kind: "text",
  description: "What must stand in the line, upper or lower case alike; or LogQL that begins with {",
  required: false,
  takesRest: true,
  asTyped: true,
  maxChars: 5_000,
  parse(raw: string): string | LogQuery {
    if (OWN_QUERY.test(raw)) return parseLogql(raw);
    const words = literalWords(raw).join(" ");
    if (words.length < 2)
      throw new UserError("One letter stands in nearly every line. Search for at least two.");
    return words;
  },
} as const satisfies OptionDefinition<string | LogQuery>;

/** LogQL begins with a selector, `{app="checkout"}`. `{"` begins JSON, which is looked for as text. */
const OWN_QUERY = /^\{(?!\s*")/;

const level = { ...levels, name: "level" } as const;
const filter = {
  ...filterName,
  name: "filter",
  description: "A saved filter; the other options narrow it further",
  required: false,
} as const;

const MAX_FOLLOW_MS = 15 * 60_000;
const follow = {
  name: "follow",
  kind: "duration",
  description: "Show new lines as they come, for so long: 5m, at most 15m",
  required: false,
  usual: ["1m", "5m", "15m"],
  parse(raw: string) {
    const ms = parseDuration(raw);
    if (ms > MAX_FOLLOW_MS)
      throw new UserError("Lines are followed for 15m at most. Search again after that.");
    return ms;
  },
} as const satisfies OptionDefinition<number>;

const OPTIONS = [text, optionalService, level, filter, since, namespace, follow] as const;

export function searchCommand(parts: SearchParts & { follower: Follower }): Command {
  return defineCommand({
    name: "search",
    summary:
      "Lines that hold a text or fit a saved filter, newest last, with secrets and personal data taken out",
    examples: [
      "search too many clients",
      'search "order 4711" service:checkout since:6h',
      "search timeout filter:payments-5xx",
      "search service:checkout level:error,fatal",
      'search {service_name="checkout"} |~ "time(d )?out" since:6h',
      "search service:checkout level:error follow:5m",
    ],
    role: "viewer",
    visibility: "channel",
    options: OPTIONS,
    async run(call) {
      const { scope } = call.workspace();
      const { follow, since } = call.options;
      const asked = await askedOf(scope, call.options);
      if (follow !== undefined) {
        if (since !== undefined)
          throw new UserError(
            "follow shows what comes from now on: leave out since, or search without follow.",
          );
        return followSearch(parts, call, asked, follow);
      }
      return message(await searchLines(parts, scope, asked, since), "channel");
    },
  });
}

async function askedOf(scope: TenantScope, options: ValuesOf<typeof OPTIONS>): Promise<Asked> {
  const { text, service, namespace, level } = options;
  if (typeof text === "object") return { logql: alone(text, options) };
  const own: Filter = {
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace }),
    ...(level !== undefined && { levels: level }),
    ...(text !== undefined && { keywords: [text] }),
  };
  if (options.filter !== undefined) {
    const saved = await savedFilter(scope, options.filter);
    return { filter: narrowed(saved, own), saved };
  }
  if (Object.keys(own).length > 0) return { filter: own };
  throw new UserError("Say what to search for: a text, service:…, level:…, namespace:… or filter:….");
}

/** @throws UserError where other options stand beside it: a log query says itself which lines it wants. */
function alone(logql: LogQuery, { service, namespace, level, filter }: ValuesOf<typeof OPTIONS>): LogQuery {
  const beside = Object.entries({ service, namespace, level, filter })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `${name}:`);
  if (beside.length === 0) return logql;
  throw new UserError(
    `A log query of your own says itself which lines it wants: leave out ${beside.join(" and ")}, or write it into the query.`,
  );
}
