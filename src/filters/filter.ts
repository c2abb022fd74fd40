import { z } from "zod";
import { shownName } from "../chat/shownName.ts";
import { inQuotes } from "../chat/words.ts";
import { UserError } from "../errors.ts";
import type { Redaction } from "../logs/redaction.ts";
import { LEVELS, type LineQuery } from "../logs/source.ts";

/** Longer than any label value a service is named by. */
const MAX_LABEL_CHARS = 200;
const MAX_KEYWORD_CHARS = 200;
const MAX_KEYWORDS = 10;
const PARTS = "service, namespace, levels and keywords";

const label = (what: string) =>
  z
    .string(`A ${what} is a text.`)
    .max(MAX_LABEL_CHARS, `A ${what} has at most ${MAX_LABEL_CHARS} characters.`);

const keyword = z
  .string("A keyword is a text.")
  .min(2, "One letter stands in nearly every line: a keyword has at least two.")
  .max(MAX_KEYWORD_CHARS, `A keyword has at most ${MAX_KEYWORD_CHARS} characters.`);

/** What a saved filter may say, wherever it comes from: saved_filters.filter_json. */
const Filter = z
  .strictObject(
    {
      service: label("service").min(1, "A service has a name.").exactOptional(),
      /** "" is: without a namespace. */
      namespace: label("namespace").exactOptional(),
      /** Any of them. */
      levels: z
        .array(z.enum(LEVELS, `A level is one of ${LEVELS.join(", ")}.`), "Levels are a list.")
        .min(1, "An empty list of levels would fit no line: leave it out.")
        .transform((given) => LEVELS.filter((known) => given.includes(known)))
        .exactOptional(),
      /** All of them, upper or lower case alike. */
      keywords: z
        .array(keyword, "Keywords are a list.")
        .min(1, "An empty list of keywords says nothing: leave it out.")
        .max(
          MAX_KEYWORDS,
          `A filter has at most ${MAX_KEYWORDS} keywords. Put quotes around words that stand together.`,
        )
        .exactOptional(),
    },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? `A filter has ${PARTS}, and nothing else.`
          : "A filter is an object.",
    },
  )
  .refine((filter) => Object.keys(filter).length > 0, `A filter needs at least one of ${PARTS}.`);

/** Conditions that a line meets all of. */
export type Filter = z.infer<typeof Filter>;

/**
 * @param redaction the tenant's: what it hides cannot be part of a filter
 * @throws UserError that says what is wrong with it.
 */
export function readFilter(given: unknown, redaction: Redaction): Filter {
  const read = Filter.safeParse(given);
  if (!read.success) throw new UserError(read.error.issues[0]?.message ?? "That is not a filter.");
  if (!holdsSecret(read.data, redaction)) return read.data;
  throw new UserError(
    "That filter holds what looks like a password, a token or personal data, and filters are kept for everybody: leave it out, and search for it without saving.",
  );
}

/** Redacted, it would find other lines than it says: so it is refused. Words are secrets together as well. */
function holdsSecret(
  { service = "", namespace = "", keywords = [] }: Filter,
  { redact }: Redaction,
): boolean {
  return [service, namespace, ...keywords, keywords.join(" ")].some((text) => redact(text) !== text);
}

/** @throws UserError that says what a filter's name is made of. */
export function readFilterName(given: string): string {
  if (/^[A-Za-z0-9_-]{1,50}$/.test(given)) return given;
  throw new UserError(
    `"${given.slice(0, 40)}" cannot be a filter's name: 1 to 50 letters, digits, - and _, without spaces.`,
  );
}

/** What it asks of a log source. */
export function queryOf({
  service,
  namespace,
  levels,
  keywords,
}: Filter): Pick<LineQuery, "services" | "namespace" | "levels" | "contains"> {
  return {
    ...(service !== undefined && { services: [service] }),
    ...(namespace !== undefined && { namespace }),
    ...(levels !== undefined && { levels }),
    ...(keywords !== undefined && { contains: keywords }),
  };
}

/** As it is typed, by option of `filters save`: what the fields of its form hold at first. */
export function typedFilter({ service, namespace, levels, keywords }: Filter): Record<string, string> {
  return {
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace: namespace === "" ? "-" : namespace }),
    ...(levels !== undefined && { levels: levels.join(",").toLowerCase() }),
    ...(keywords !== undefined && { keywords: keywords.map(inQuotes).join(" ") }),
  };
}

/** What it means, for people: `ERROR or FATAL lines of checkout in shop that hold "timeout" and "retry"`. */
export function meaningOf({ keywords, ...filter }: Filter): string {
  const hold =
    keywords === undefined ? "" : ` that hold ${keywords.map((word) => `"${word}"`).join(" and ")}`;
  const what = filter.levels === undefined ? "Lines" : `${filter.levels.join(" or ")} lines`;
  return `${what} of ${placeOf(filter)}${hold}`;
}

/** `checkout in shop`, `all services without a namespace`. */
export function placeOf({ service, namespace }: Pick<Filter, "service" | "namespace">): string {
  const of = service === undefined ? "all services" : shownName(service);
  if (namespace === undefined) return of;
  return `${of} ${namespace === "" ? "without a namespace" : `in ${shownName(namespace)}`}`;
}

/**
 * A saved filter that somebody narrows further.
 * @throws UserError where nothing would be left of it.
 */
export function narrowed(saved: { name: string; filter: Filter }, further: Filter): Filter {
  const { name, filter } = saved;
  for (const part of ["service", "namespace"] as const) {
    const [kept, asked] = [filter[part], further[part]];
    if (kept !== undefined && asked !== undefined && kept.toLowerCase() !== asked.toLowerCase())
      throw new UserError(contradiction(name, placeOf(filter), `${part}:${asked || "-"}`));
  }
  const levels = filter.levels?.filter((level) => further.levels?.includes(level) ?? true) ?? further.levels;
  if (levels?.length === 0) {
    const asked = further.levels?.join(",").toLowerCase();
    throw new UserError(contradiction(name, `${filter.levels?.join(" or ")} lines`, `level:${asked}`));
  }
  const keywords = [...new Set([...(filter.keywords ?? []), ...(further.keywords ?? [])])];
  return {
    ...filter,
    ...further,
    ...(levels !== undefined && { levels }),
    ...(keywords.length > 0 && { keywords }),
  };
}

function contradiction(name: string, about: string, asked: string): string {
  return `The filter ${name} is about ${about}, so with ${asked} nothing is left. Leave one of them out.`;
}
