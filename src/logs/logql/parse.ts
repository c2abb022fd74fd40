import { UserError } from "../../errors.ts";
import type { LogQuery, Matcher, Stage } from "./query.ts";
import { re2 } from "./re2.ts";
import { matcherAfter, nextStage } from "./stages.ts";
import { Tokens } from "./tokens.ts";
import { straightened } from "./typographic.ts";

/** Loki itself takes 131,072 characters; so many nobody types, and other places have to show them. */
const LONGEST = 5_000;
/** With the u flag a surrogate only matches where it stands alone. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/**
 * Reads one log query as Loki does, so that what comes back is one selector and its stages and nothing else:
 * stages can be appended to its text, and it can be wrapped into a metric query.
 * @throws UserError that says what is wrong and where.
 */
export function parseLogql(text: string): LogQuery {
  // Half a surrogate pair cannot be sent to anybody.
  const typed = text.replace(LONE_SURROGATE, "\ufffd");
  if (typed.length > LONGEST && [...typed].length > LONGEST) {
    throw new UserError(
      `That query is longer than ${LONGEST.toLocaleString("en")} characters: narrow it with fewer conditions.`,
    );
  }
  const asTyped = attempt(typed);
  if (!(asTyped instanceof UserError)) return asTyped;
  const [outside, everywhere] = straightened(typed);
  const likelier = attempt(outside);
  if (!(likelier instanceof UserError)) return likelier;
  const other = attempt(everywhere);
  // Where no reading helps, the likelier tells most: as typed, the first curly quote is all that is wrong.
  if (other instanceof UserError) throw likelier;
  return other;
}

function attempt(text: string): LogQuery | UserError {
  try {
    return queryOf(text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function queryOf(text: string): LogQuery {
  const tokens = new Tokens(text);
  let open = 0;
  while (tokens.takeOp("(") !== undefined) open++;
  refuseOther(tokens);
  const from = tokens.taken;
  const matchers = selector(tokens);
  const stages: Stage[] = [];
  for (let stage = nextStage(tokens); stage !== undefined; stage = nextStage(tokens)) stages.push(stage);
  const to = tokens.taken;
  for (; open > 0; open--) {
    if (tokens.takeOp(")") === undefined) refuseMore(tokens, '")"');
  }
  if (tokens.peek().kind !== "end") refuseMore(tokens, 'a stage such as |= "text" or the end');
  // Without the parentheses: Loki lets no stage follow them.
  return { text: tokens.textOf(from, to), matchers, stages };
}

/** What can begin a metric query, or nothing. */
function refuseOther(tokens: Tokens): void {
  const { kind, text } = tokens.peek();
  const next = tokens.peek(1);
  const isGrouped = next.kind === "name" && /^(?:by|without)$/i.test(next.text);
  if (kind === "name" && (tokens.isCall() || isGrouped)) {
    tokens.refuse(`"${text.slice(0, 30)}" begins a metric query or something else`);
  }
  if (kind === "number") tokens.refuse("a number belongs to a metric query");
}

function selector(tokens: Tokens): Matcher[] {
  if (!tokens.isOp("{")) tokens.fail('a selector such as {service_name="checkout"}');
  const at = tokens.taken;
  tokens.take();
  const matchers: Matcher[] = [];
  while (tokens.takeOp("}") === undefined) {
    if (matchers.length > 0) {
      if (tokens.takeOp(",") === undefined) tokens.fail('"," or "}"');
      if (tokens.takeOp("}") !== undefined) break;
    }
    matchers.push(matcherAfter(tokens, tokens.label('a label\'s name or "}"'), { dotAll: true }));
  }
  if (matchers.every(fitsEmpty)) tokens.failBack(at, ASK_FOR_SOMETHING);
  return matchers;
}

const ASK_FOR_SOMETHING =
  'a selector needs one label at least with a value that is not empty, such as service_name="checkout" or service_name=~".+"';

/** Whether lines without the label match: then Loki would have to read every stream. */
function fitsEmpty({ op, value }: Matcher): boolean {
  const isEqual = op === "=" || op === "!=" ? value === "" : re2(value, { dotAll: true }).fits("");
  return isEqual === (op === "=" || op === "=~");
}

const BINARY = ["+", "-", "*", "/", "%", "^", "==", ">", ">=", "<", "<="];

/** After a query only its end may come. */
function refuseMore(tokens: Tokens, expected: string): never {
  const word = tokens.word();
  if (tokens.isOp("[")) tokens.refuse("a range in brackets belongs to a metric query");
  if (tokens.isOp("{")) tokens.refuse("a second one begins here");
  const isBinary = word !== undefined && ["or", "and", "unless", "offset"].includes(word);
  if (isBinary || tokens.isOp(...BINARY)) {
    tokens.refuse(`"${tokens.peek().text}" would join it to another`);
  }
  return tokens.fail(expected);
}
