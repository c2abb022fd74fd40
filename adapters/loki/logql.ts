import { isLabelName } from "../../src/logs/logql/names.ts";
import type { LogQuery } from "../../src/logs/logql/query.ts";

/**
 * Text of LogQL from values of any kind. Nothing outside this file writes a value into a query: each goes through
 * `quoted`, each text in a regular expression through `literal` first, and label names through `name`.
 */

/** Go reads a JSON string as JSON does; checked against Loki for quotes, backslashes, line ends, NUL and all of Unicode. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}

/** Characters with a meaning in RE2: https://github.com/google/re2/wiki/Syntax */
export function literal(text: string): string {
  return text.replace(/[\\.+*?()[\]{}^$|]/g, "\\$&");
}

/** @throws RangeError for a name that cannot be one: names cannot be quoted in LogQL. */
export function name(label: string): string {
  if (!isLabelName(label)) throw new RangeError("not the name of a label");
  return label;
}

/** `{a="x", b=~"y|z"}` */
export function selector(matchers: readonly string[]): string {
  return `{${matchers.join(", ")}}`;
}

export function isAnyOf(label: string, values: readonly string[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? `${name(label)}=${quoted(only)}`
    : `${name(label)}=~${quoted(values.map(literal).join("|"))}`;
}

export function isSet(label: string): string {
  return `${name(label)}=~".+"`;
}

/** Upper and lower case alike. Loki knows this form and searches for it without a regular expression. */
export function contains(text: string): string {
  return `|~ ${quoted(`(?i)${literal(text)}`)}`;
}

/** Whole values that are one of these names in any case: for labels and label filters alike. */
export function namedOneOf(label: string, op: "=~" | "!~", names: readonly string[]): string {
  return `${name(label)}${op}${quoted(`(?i)(?:${names.map(literal).join("|")})`)}`;
}

/** Cuts lines on the server: Loki has sent lines of megabytes. */
export function cutAt(characters: number): string {
  return `| line_format \`{{ __line__ | trunc ${characters} }}\``;
}

export function grouped(labels: readonly string[], pipeline: string, rangeMs: number, offsetNs = 0n): string {
  const offset = offsetNs === 0n ? "" : ` offset ${offsetNs}ns`;
  return `sum by (${labels.map(name).join(", ")}) (count_over_time(${pipeline} [${rangeMs}ms]${offset}))`;
}

/** A person's own query, which the parser has found to be one log query and nothing else: written anew from its parts. */
export function ownPipeline({ matchers, stages }: LogQuery): { matchers: string[]; pipeline: string } {
  return {
    matchers: matchers.map((one) => `${name(one.name)}${one.op}${quoted(one.value)}`),
    pipeline: stages
      .map((stage) =>
        stage.kind === "line" ? `${stage.op} ${stage.values.map(quoted).join(" or ")}` : stage.text,
      )
      .join(" "),
  };
}
