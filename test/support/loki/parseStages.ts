import { unknownHere } from "./failure.ts";
import { parseLabelFilter } from "./parseFilter.ts";
import type { ChosenLabel, Extraction, LineOp, Stage } from "./syntax.ts";
import { MATCH_OPS, type Tokens } from "./tokens.ts";

const LINE_OPS: readonly LineOp[] = ["|=", "!=", "|~", "!~", "|>", "!>"];

/** All that follows a selector: `|= "a" or "b" | json | status >= 500 …`. */
export function parseStages(tokens: Tokens): Stage[] {
  const stages: Stage[] = [];
  for (;;) {
    const token = tokens.peek();
    const op = LINE_OPS.find((one) => one === token.kind);
    if (op !== undefined) {
      tokens.next();
      stages.push(parseLineFilter(tokens, op));
    } else if (tokens.accept("|")) stages.push(parseStage(tokens));
    else return stages;
  }
}

function parseLineFilter(tokens: Tokens, op: LineOp): Stage {
  if (tokens.peek().kind === "ip") throw unknownHere("line filters by ip()");
  const texts = [tokens.expect("STRING").text];
  while (tokens.accept("or")) texts.push(tokens.expect("STRING").text);
  return { kind: "line", op, texts };
}

function parseStage(tokens: Tokens): Stage {
  const { kind } = tokens.peek();
  switch (kind) {
    case "json":
      tokens.next();
      return { kind: "json", fields: parseExtractions(tokens) };
    case "logfmt": {
      tokens.next();
      const flags: string[] = [];
      while (tokens.peek().kind === "PARSER_FLAG") flags.push(tokens.next().text);
      if (flags.includes("--strict")) throw unknownHere("logfmt --strict");
      return { kind: "logfmt", fields: parseExtractions(tokens), keepEmpty: flags.includes("--keep-empty") };
    }
    case "regexp":
      tokens.next();
      return { kind: "regexp", pattern: tokens.expect("STRING").text };
    case "line_format":
      tokens.next();
      return { kind: "line_format", template: tokens.expect("STRING").text };
    case "label_format":
      tokens.next();
      return { kind: "label_format", labels: parseLabelFormats(tokens) };
    case "decolorize":
      tokens.next();
      return { kind: "decolorize" };
    case "drop":
    case "keep":
      tokens.next();
      return { kind, labels: parseChosenLabels(tokens) };
    case "pattern":
    case "unpack":
      throw unknownHere(`the parser ${kind}`);
    default:
      return { kind: "labels", filter: parseLabelFilter(tokens) };
  }
}

/** `code="status", msg`: the fields to take, none for all. */
function parseExtractions(tokens: Tokens): Extraction[] {
  const fields: Extraction[] = [];
  if (tokens.peek().kind !== "IDENTIFIER") return fields;
  do {
    const { text } = tokens.expect("IDENTIFIER");
    fields.push({ as: text, from: tokens.accept("=") ? tokens.expect("STRING").text : text });
  } while (tokens.accept(","));
  return fields;
}

type LabelFormats = Extract<Stage, { kind: "label_format" }>["labels"];

function parseLabelFormats(tokens: Tokens): LabelFormats {
  const labels: LabelFormats = [];
  do {
    const name = tokens.expect("IDENTIFIER").text;
    tokens.expect("=", ["="]);
    const value = tokens.peek();
    if (value.kind !== "STRING" && value.kind !== "IDENTIFIER") throw tokens.unexpected();
    tokens.next();
    labels.push({ name, value: value.kind === "STRING" ? { template: value.text } : { label: value.text } });
  } while (tokens.accept(","));
  return labels;
}

function parseChosenLabels(tokens: Tokens): ChosenLabel[] {
  const labels: ChosenLabel[] = [];
  do {
    const name = tokens.expect("IDENTIFIER").text;
    const op = MATCH_OPS.find((one) => one === tokens.peek().kind);
    if (op === undefined) labels.push({ name });
    else {
      tokens.next();
      labels.push({ name, matcher: { name, op, value: tokens.expect("STRING").text } });
    }
  } while (tokens.accept(","));
  return labels;
}
