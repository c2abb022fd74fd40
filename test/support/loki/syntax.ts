/** What the parser makes of a query and the readers work by. */

export type MatchOp = "=" | "!=" | "=~" | "!~";
export type LineOp = "|=" | "!=" | "|~" | "!~" | "|>" | "!>";
export type CompareOp = ">" | ">=" | "<" | "<=" | "==" | "!=";

export interface Matcher {
  name: string;
  op: MatchOp;
  value: string;
}

export type LabelFilter =
  | { kind: "and" | "or"; left: LabelFilter; right: LabelFilter }
  | { kind: "text"; matcher: Matcher }
  | { kind: "number"; name: string; op: CompareOp; value: number; unit: "number" | "duration" | "bytes" };

/** `as` is the label that is made, `from` a path into JSON or a key of logfmt. */
export interface Extraction {
  as: string;
  from: string;
}

export interface ChosenLabel {
  name: string;
  /** Only where its value is like this. */
  matcher?: Matcher;
}

export type Stage =
  | { kind: "line"; op: LineOp; texts: string[] }
  | { kind: "json"; fields: Extraction[] }
  | { kind: "logfmt"; fields: Extraction[]; keepEmpty: boolean }
  | { kind: "regexp"; pattern: string }
  | { kind: "line_format"; template: string }
  | { kind: "label_format"; labels: { name: string; value: { label: string } | { template: string } }[] }
  | { kind: "decolorize" }
  | { kind: "drop" | "keep"; labels: ChosenLabel[] }
  | { kind: "labels"; filter: LabelFilter };

export interface LogQuery {
  kind: "log";
  matchers: Matcher[];
  stages: Stage[];
}

export interface Grouping {
  without: boolean;
  labels: string[];
}

export type RangeFunction = "count_over_time" | "rate" | "bytes_over_time" | "bytes_rate";
export type VectorFunction = "sum" | "count" | "max" | "min" | "avg";

export type MetricQuery =
  | { kind: "range"; function: RangeFunction; log: LogQuery; rangeNs: bigint; offsetNs: bigint }
  | { kind: "vector"; function: VectorFunction; grouping: Grouping | undefined; of: MetricQuery };

export type Query = LogQuery | MetricQuery;
