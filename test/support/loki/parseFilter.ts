import { unknownHere } from "./failure.ts";
import type { CompareOp, LabelFilter, MatchOp } from "./syntax.ts";
import { MATCH_OPS, type Tokens } from "./tokens.ts";

const COMPARE_OPS: readonly CompareOp[] = [">", ">=", "<", "<=", "==", "!="];

/** `a="b" and (status >= 500 or duration > 70ms), c!=""`: `and`, a comma and a blank are one and the same. */
export function parseLabelFilter(tokens: Tokens): LabelFilter {
  let left = parseAll(tokens);
  while (tokens.accept("or")) left = { kind: "or", left, right: parseAll(tokens) };
  return left;
}

function parseAll(tokens: Tokens): LabelFilter {
  let left = parseOne(tokens);
  for (;;) {
    const joined = tokens.accept("and") || tokens.accept(",");
    if (!joined && tokens.peek().kind !== "(" && !isNextFilter(tokens)) return left;
    left = { kind: "and", left, right: parseOne(tokens) };
  }
}

/** A bare word behind a filter is an error of its own, reported by whoever reads on. */
function isNextFilter(tokens: Tokens): boolean {
  return tokens.peek().kind === "IDENTIFIER" && tokens.isFollowedBy([...MATCH_OPS, ...COMPARE_OPS]);
}

function parseOne(tokens: Tokens): LabelFilter {
  if (tokens.accept("(")) {
    const inner = parseLabelFilter(tokens);
    tokens.expect(")");
    return inner;
  }
  const name = tokens.expect("IDENTIFIER").text;
  const op = tokens.next().kind;
  const value = tokens.peek();
  if (value.kind === "ip") throw unknownHere("label filters by ip()");
  if (value.kind === "STRING") {
    const match = MATCH_OPS.find((one): one is MatchOp => one === op);
    if (match === undefined) throw tokens.unexpected();
    tokens.next();
    return { kind: "text", matcher: { name, op: match, value: value.text } };
  }
  const compare = COMPARE_OPS.find((one) => one === (op === "=" ? "==" : op));
  if (compare === undefined) throw tokens.unexpected();
  tokens.next();
  switch (value.kind) {
    case "NUMBER":
      return { kind: "number", name, op: compare, value: Number(value.text), unit: "number" };
    case "DURATION":
      return { kind: "number", name, op: compare, value: Number(value.ns ?? 0n), unit: "duration" };
    case "BYTES":
      return { kind: "number", name, op: compare, value: value.bytes ?? 0, unit: "bytes" };
    default:
      throw tokens.unexpected();
  }
}
