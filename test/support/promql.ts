import { parser } from "@prometheus-io/lezer-promql";

/** One series selector of a PromQL expression, and what is left of its labels. */
export interface Selector {
  metric: string;
  matchers: { label: string; matches(value: string): boolean }[];
  /** Labels that the aggregations around it keep; undefined where there is none around it. */
  grouped?: string[];
}

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

const strict = parser.configure({ strict: true });
/** Those that take all series together, unless they are told by what. */
const KEEPS_ALL = ["topk", "bottomk"];

/** @throws where it is no PromQL; variables of Grafana stand for a time. */
export function readPromql(expression: string): Selector[] {
  const text = expression.replaceAll("$__rate_interval", "5m");
  const selectors: Selector[] = [];
  const said = (node: SyntaxNode) => text.slice(node.from, node.to);
  strict.parse(text).iterate({
    enter({ name, node }) {
      if (name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      if (metric === null) throw new Error(`a selector without a metric: ${said(node)}`);
      const matchers = childrenDeep(node, ["UnquotedLabelMatcher", "QuotedLabelMatcher"]).map((matcher) =>
        matcherOf(said(matcher)),
      );
      const grouped = groupingOf(node, said);
      selectors.push({ metric: said(metric), matchers, ...(grouped !== undefined && { grouped }) });
    },
  });
  return selectors;
}

function matcherOf(text: string): Selector["matchers"][number] {
  const [, label = "", operator, value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text) ?? [];
  if (label === "") throw new Error(`not a matcher: ${text}`);
  const is = operator?.includes("~")
    ? (found: string) => new RegExp(`^(?:${value})$`).test(found)
    : (found: string) => found === value;
  return { label, matches: operator?.startsWith("!") ? (found) => !is(found) : is };
}

/** The nearest aggregation's labels: those further out keep fewer. */
function groupingOf(selector: SyntaxNode, said: (node: SyntaxNode) => string): string[] | undefined {
  for (let node: SyntaxNode | null = selector.parent; node !== null; node = node.parent) {
    if (node.name !== "AggregateExpr") continue;
    const operation = node.getChild("AggregateOp");
    const labels = childrenDeep(node.getChild("AggregateModifier"), ["LabelName"]).map(said);
    if (operation !== null && KEEPS_ALL.includes(said(operation)) && labels.length === 0) continue;
    return labels;
  }
  return undefined;
}

function childrenDeep(node: SyntaxNode | null, names: readonly string[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node?.cursor().iterate((cursor) => {
    if (names.includes(cursor.name)) found.push(cursor.node);
  });
  return found;
}
