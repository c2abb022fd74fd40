import { badRequest, parseError, unknownHere } from "./failure.ts";
import { compileMatcher } from "./matchers.ts";
import { parseStages } from "./parseStages.ts";
import type {
  Grouping,
  LogQuery,
  Matcher,
  MetricQuery,
  Query,
  RangeFunction,
  VectorFunction,
} from "./syntax.ts";
import { MATCH_OPS, Tokens } from "./tokens.ts";

const LONGEST = 131_072;
const RANGE_FUNCTIONS: readonly string[] = ["count_over_time", "rate", "bytes_over_time", "bytes_rate"];
const VECTOR_FUNCTIONS: readonly string[] = ["sum", "count", "max", "min", "avg"];
const BINARY: readonly string[] = [..."+-*/%^<>", "==", "!=", ">=", "<=", "or", "and", "unless"];

/** Reads a whole query, or fails with the text that Loki gives. */
export function parseQuery(text: string): Query {
  if (text === "") throw parseError("syntax error: unexpected $end");
  if (text.length > LONGEST) throw parseError(`input size too long (${text.length} > ${LONGEST})`);
  const tokens = new Tokens(text);
  const query = parseExpression(tokens);
  const next = tokens.peek();
  if (BINARY.includes(next.kind)) {
    if (query.kind !== "log") throw unknownHere(`the binary operation ${next.kind}`);
    const type = query.stages.length > 0 ? "PipelineExpr" : "MatchersExpr";
    throw parseError(`unexpected type for left leg of binary operation (${next.kind}): *syntax.${type}`);
  }
  tokens.expect("$end");
  return query;
}

/** A selector alone, as /series and the index endpoints take it. */
export function parseSelector(text: string): Matcher[] {
  const query = parseQuery(text);
  if (query.kind !== "log" || query.stages.length > 0) throw badRequest("only label matchers are supported");
  return query.matchers;
}

function parseExpression(tokens: Tokens): Query {
  const { kind } = tokens.peek();
  if (kind === "{") return parseLog(tokens);
  if (kind === "(") {
    tokens.next();
    const inner = parseExpression(tokens);
    tokens.expect(")");
    return inner;
  }
  if (RANGE_FUNCTIONS.includes(kind)) return parseRange(tokens, kind as RangeFunction);
  if (VECTOR_FUNCTIONS.includes(kind)) return parseVector(tokens, kind as VectorFunction);
  if (
    /^(\w+_over_time|rate_counter|vector|topk|bottomk|approx_topk|sort\w*|std\w+|label_replace|NUMBER)$/.test(
      kind,
    )
  ) {
    throw unknownHere(kind);
  }
  throw tokens.unexpected();
}

function parseLog(tokens: Tokens): LogQuery {
  const matchers = parseMatchers(tokens);
  return { kind: "log", matchers, stages: parseStages(tokens) };
}

function parseMatchers(tokens: Tokens): Matcher[] {
  tokens.expect("{");
  const matchers: Matcher[] = [];
  if (!tokens.accept("}")) {
    do {
      const name = tokens.expect("IDENTIFIER", matchers.length === 0 ? ["IDENTIFIER", "}"] : ["IDENTIFIER"]);
      const op = MATCH_OPS.find((one) => one === tokens.peek().kind);
      if (op === undefined) throw tokens.unexpected(["=", "!=", "=~", "!~"]);
      tokens.next();
      matchers.push({ name: name.text, op, value: tokens.expect("STRING", ["STRING"]).text });
    } while (tokens.accept(","));
    tokens.expect("}", ["}", ","]);
  }
  // All are looked at, so that a bad regular expression is found even behind one that is enough.
  const narrowing = matchers.map(compileMatcher).filter((matches) => !matches(""));
  if (narrowing.length === 0) {
    throw parseError(
      "queries require at least one regexp or equality matcher that does not have an empty-compatible value. " +
        'For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    );
  }
  return matchers;
}

function parseRange(tokens: Tokens, name: RangeFunction): MetricQuery {
  tokens.next();
  tokens.expect("(");
  const ranged = parseRanged(tokens);
  tokens.expect(")");
  if (/^(by|without)$/.test(tokens.peek().kind)) {
    throw parseError(`grouping not allowed for ${name} aggregation`);
  }
  return { kind: "range", function: name, ...ranged };
}

interface Ranged {
  log: LogQuery;
  rangeNs: bigint;
  offsetNs: bigint;
}

function parseRanged(tokens: Tokens): Ranged {
  const ranged = parseMaybeRanged(tokens);
  if ("rangeNs" in ranged) return ranged;
  throw tokens.unexpected();
}

/** `{…} | … [5m] offset 1h`, or with the range right behind the selector; parentheses may stand around either. */
function parseMaybeRanged(tokens: Tokens): LogQuery | Ranged {
  let log: LogQuery;
  if (tokens.accept("(")) {
    const inner = parseMaybeRanged(tokens);
    tokens.expect(")");
    if ("rangeNs" in inner) return inner;
    log = inner;
  } else log = parseLog(tokens);
  if (tokens.peek().kind !== "RANGE") return log;
  const span = parseSpan(tokens);
  return { log: { ...log, stages: [...log.stages, ...parseStages(tokens)] }, ...span };
}

function parseSpan(tokens: Tokens): { rangeNs: bigint; offsetNs: bigint } {
  const { ns: rangeNs = 0n } = tokens.expect("RANGE");
  const offsetNs = tokens.accept("offset") ? (tokens.expect("DURATION", ["DURATION"]).ns ?? 0n) : 0n;
  return { rangeNs, offsetNs };
}

function parseVector(tokens: Tokens, name: VectorFunction): MetricQuery {
  tokens.next();
  const before = parseGrouping(tokens);
  tokens.expect("(");
  const of = parseExpression(tokens);
  if (of.kind === "log") throw tokens.unexpected();
  if (BINARY.includes(tokens.peek().kind)) throw unknownHere(`the binary operation ${tokens.peek().kind}`);
  tokens.expect(")");
  return { kind: "vector", function: name, grouping: before ?? parseGrouping(tokens), of };
}

function parseGrouping(tokens: Tokens): Grouping | undefined {
  const { kind } = tokens.peek();
  if (kind !== "by" && kind !== "without") return undefined;
  tokens.next();
  tokens.expect("(");
  const labels: string[] = [];
  if (!tokens.accept(")")) {
    do labels.push(tokens.expect("IDENTIFIER").text);
    while (tokens.accept(","));
    tokens.expect(")", [",", ")"]);
  }
  return { without: kind === "without", labels };
}
