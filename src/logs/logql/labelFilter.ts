import type { Matcher } from "./query.ts";
import type { Tokens } from "./tokens.ts";

export type AmountOp = "==" | "!=" | ">" | ">=" | "<" | "<=";

/** What a stage such as `| status >= 500 or (method="GET", path=~"/api/.*")` asks of a line's labels and fields. */
export type LabelFilter =
  | { kind: "and" | "or"; left: LabelFilter; right: LabelFilter }
  | ({ kind: "text" } & Matcher)
  /** Durations in nanoseconds. */
  | { kind: "amount"; unit: "number" | "duration" | "bytes"; name: string; op: AmountOp; amount: number }
  /** Addresses and ranges of them. */
  | { kind: "ip"; name: string; op: "=" | "!="; value: string };

/** The regular expressions in it. */
export function patternsIn(filter: LabelFilter): string[] {
  if (filter.kind === "and" || filter.kind === "or") {
    return [...patternsIn(filter.left), ...patternsIn(filter.right)];
  }
  return filter.kind === "text" && isRegexOp(filter.op) ? [filter.value] : [];
}

export function isRegexOp(op: string): boolean {
  return op === "=~" || op === "!~" || op === "|~";
}

/** Parentheses in parentheses; nobody writes so many, and each costs stack. */
const DEEPEST = 100;

export function labelFilter(tokens: Tokens, depth = 0): LabelFilter {
  // Yacc's shifts and reductions, so that `a or b, c` groups as in Loki: only "or" and "and" have a precedence
  // there, and the comma and mere adjacency bind whatever stands to their right first.
  const operands = [operand(tokens, depth)];
  const joins: Join[] = [];
  for (let join = nextJoin(tokens); join !== undefined; join = nextJoin(tokens)) {
    while (bindsFirst(joins.at(-1), join)) reduce(operands, joins);
    joins.push(join);
    operands.push(operand(tokens, depth));
  }
  while (joins.length > 0) reduce(operands, joins);
  return operands[0] ?? tokens.fail("a condition");
}

/** A comma, and nothing at all, mean "and". */
type Join = "or" | "and" | "beside";

function nextJoin(tokens: Tokens): Join | undefined {
  if (tokens.takeOp(",") !== undefined) return "beside";
  if (tokens.takeWord("or")) return "or";
  if (tokens.takeWord("and")) return "and";
  return tokens.isLabel() || tokens.isOp("(") ? "beside" : undefined;
}

function bindsFirst(left: Join | undefined, right: Join): boolean {
  if (left === undefined || left === "beside" || right === "beside") return false;
  return left === "and" || right === "or";
}

function reduce(operands: LabelFilter[], joins: Join[]): void {
  const [left, right] = operands.splice(-2);
  const join = joins.pop();
  if (left === undefined || right === undefined) throw new RangeError("a join without two sides");
  operands.push({ kind: join === "or" ? "or" : "and", left, right });
}

function operand(tokens: Tokens, depth: number): LabelFilter {
  if (tokens.isOp("{")) tokens.refuse("a second one begins here");
  if (!tokens.isOp("(")) return comparison(tokens);
  if (depth === DEEPEST) tokens.failBare(`more than ${DEEPEST} parentheses are open`);
  tokens.take();
  const inner = labelFilter(tokens, depth + 1);
  tokens.expectOp(")");
  return inner;
}

function comparison(tokens: Tokens): LabelFilter {
  const name = tokens.label("a label's name or a stage such as json");
  const op = tokens.takeOp("=", "!=", "=~", "!~", "==", ">", ">=", "<", "<=");
  if (op === undefined) return tokens.fail('"=" or another comparison');
  if (op === "=~" || op === "!~") return { kind: "text", name, op, value: tokens.regex() };
  if (op === "=" || op === "!=") {
    if (tokens.peek().kind === "string") return { kind: "text", name, op, value: tokens.string() };
    if (tokens.isCall("ip")) return { kind: "ip", name, op, value: ip(tokens) };
  }
  const expected =
    op === "=" || op === "!="
      ? "a text in double quotes or a number"
      : "a number, duration (1m30s) or size (5MB)";
  return { kind: "amount", name, op: op === "=" ? "==" : op, ...amount(tokens, expected) };
}

function amount(tokens: Tokens, expected: string): { unit: "number" | "duration" | "bytes"; amount: number } {
  const sign = tokens.takeOp("-", "+");
  const token = tokens.peek();
  if (token.kind === "number") {
    tokens.take();
    return { unit: token.kind, amount: sign === "-" ? -token.amount : token.amount };
  }
  if (sign !== undefined) return tokens.fail("a number");
  if (token.kind !== "duration" && token.kind !== "bytes") return tokens.fail(expected);
  tokens.take();
  return { unit: token.kind, amount: token.amount };
}

/** `ip("192.168.0.0/16")` */
export function ip(tokens: Tokens): string {
  tokens.take();
  tokens.expectOp("(");
  const value = tokens.string('an address such as "10.0.0.0/8"');
  tokens.expectOp(")");
  return value;
}
