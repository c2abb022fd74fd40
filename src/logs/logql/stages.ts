import { ip, labelFilter } from "./labelFilter.ts";
import type { Matcher, Stage } from "./query.ts";
import type { Tokens } from "./tokens.ts";

/** The stage that comes; undefined where none does. */
export function nextStage(tokens: Tokens): Stage | undefined {
  const from = tokens.taken;
  const op = tokens.takeOp("|=", "!=", "|~", "!~", "|>", "!>", "|");
  if (op === undefined) return undefined;
  if (op !== "|") return lineFilter(tokens, op, from);
  const name = piped(tokens);
  return { kind: "other", name, text: tokens.textOf(from, tokens.taken) };
}

type LineOp = "|=" | "!=" | "|~" | "!~" | "|>" | "!>";

/** Each text of an `or` chain is held against the line in the way of the first one's operator. */
function lineFilter(tokens: Tokens, op: LineOp, from: number): Stage {
  const values: string[] = [];
  let hasAddress = false;
  do {
    if (tokens.isCall("ip")) {
      ip(tokens);
      hasAddress = true;
    } else if (tokens.isOp("{")) {
      tokens.refuse("a second one begins here");
    } else {
      values.push(op === "|~" || op === "!~" ? tokens.regex() : tokens.string());
    }
  } while (tokens.takeWord("or"));
  const text = tokens.textOf(from, tokens.taken);
  if (hasAddress) return { kind: "other", name: "ip", text };
  return op === "|>" || op === "!>" ? { kind: "other", name: op, text } : { kind: "line", op, values };
}

/** What stands after a pipe, by its first word. */
const PIPED: Readonly<Record<string, (tokens: Tokens) => void>> = {
  json: extractions,
  logfmt(tokens) {
    while (tokens.peek().kind === "flag") tokens.take();
    extractions(tokens);
  },
  unpack() {},
  decolorize() {},
  regexp: (tokens) => tokens.regex(),
  pattern: (tokens) => tokens.string(),
  line_format: (tokens) => tokens.string(),
  label_format: labelFormats,
  drop: labelChoices,
  keep: labelChoices,
};

/** What a label filter is called, which has no name of its own. */
export const LABEL_FILTER = "label filter";

function piped(tokens: Tokens): string {
  const word = tokens.word();
  if (word === "unwrap") return tokens.refuse('"unwrap" belongs to a metric query');
  if (word !== undefined && Object.hasOwn(PIPED, word)) {
    tokens.take();
    PIPED[word]?.(tokens);
    return word;
  }
  labelFilter(tokens);
  return LABEL_FILTER;
}

/** `status, method="request.method"`, or nothing */
function extractions(tokens: Tokens): void {
  if (!tokens.isLabel()) return;
  do {
    tokens.label();
    if (tokens.takeOp("=") !== undefined) tokens.string();
  } while (tokens.takeOp(",") !== undefined);
}

/** `to=from, greeting="hello {{.name}}"` */
function labelFormats(tokens: Tokens): void {
  do {
    tokens.label();
    tokens.expectOp("=");
    if (tokens.isLabel()) tokens.take();
    else tokens.string("a label's name or a template in double quotes");
  } while (tokens.takeOp(",") !== undefined);
}

/** `level, method="GET"` */
function labelChoices(tokens: Tokens): void {
  do {
    const name = tokens.label();
    // `| drop level != "debug"` could be a line filter after it too; Loki reads it so.
    if (tokens.isOp("=", "!=", "=~", "!~")) matcherAfter(tokens, name);
  } while (tokens.takeOp(",") !== undefined);
}

/** The rest of a matcher, after its name. */
export function matcherAfter(tokens: Tokens, name: string, options?: { dotAll?: boolean }): Matcher {
  const op = tokens.takeOp("=", "!=", "=~", "!~");
  if (op === undefined) return tokens.fail('"=" or another comparison');
  const isRegex = op === "=~" || op === "!~";
  return { name, op, value: isRegex ? tokens.regex(options) : tokens.string() };
}
