/** A log query as a person wrote it in LogQL, taken apart: https://grafana.com/docs/loki/latest/query/log_queries/ */
export interface LogQuery {
  /** As written, without comments. */
  text: string;
  matchers: readonly Matcher[];
  stages: readonly Stage[];
}

/** `name="value"` of a stream selector; the value is unquoted. A regular expression is RE2's, and fits the whole value. */
export interface Matcher {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}

export type Stage =
  /** `|= "a" or "b"`, `!= "a"`, `|~ "re"`, `!~ "re"`: what stands in the line, upper and lower case told apart. */
  | { kind: "line"; op: "|=" | "!=" | "|~" | "!~"; values: readonly string[] }
  /**
   * Parsers, label filters, formats: Loki's own work. `name` is what it is called, such as `json`; `text` is the
   * whole stage from its `|` on, without comments.
   */
  | { kind: "other"; name: string; text: string };
