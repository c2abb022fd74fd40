import { compileMatcher } from "../../support/loki/matchers.ts";
import { parseQuery } from "../../support/loki/parse.ts";
import type { StandInRequest } from "../../support/loki/standIn.ts";
import type { LogQuery, Matcher, Query, Stage } from "../../support/loki/syntax.ts";

/** All that a request asks of lines, read by the stand-in's own parser, which shares nothing with the adapter. */
export function logQueriesIn({ path, params }: Pick<StandInRequest, "path" | "params">): LogQuery[] {
  const texts = [...params.getAll("query"), ...params.getAll("match[]")];
  const isQuery = /\/(?:query|query_range|series|index\/\w+)$/.test(path);
  if (isQuery !== texts.length > 0 || texts.length > 1)
    throw new Error(`${path} with ${texts.length} queries`);
  return texts.map((text) => logQueryIn(parseQuery(text)));
}

function logQueryIn(query: Query): LogQuery {
  if (query.kind === "log") return query;
  return query.kind === "range" ? query.log : logQueryIn(query.of);
}

/** `line line line_format` */
export function stageKinds(stages: readonly Stage[]): string {
  return stages.map(({ kind }) => kind).join(" ");
}

/** Values that a matcher lets through, of those given. */
export function valuesThrough(matcher: Matcher | undefined, values: readonly string[]): string[] {
  if (matcher === undefined) return [];
  const passes = compileMatcher(matcher);
  return values.filter((value) => passes(value));
}

/** What the adapter may ask at all: nothing a person types can make it ask another path. */
export const PATHS =
  /^\/loki\/api\/v1\/(?:query|query_range|labels|label\/service_name\/values|series|index\/volume|drilldown-limits)$/;

/** A regular expression that fits the text and nothing else, whatever its case. */
export function inAnyCase(text: string): string {
  return `(?i)${[...text].map((char) => ("\\.+*?()[]{}^$|".includes(char) ? `\\${char}` : char)).join("")}`;
}
