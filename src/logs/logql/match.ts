import { UserError } from "../../errors.ts";
import { withoutAnsi } from "../redaction/clean.ts";
import type { LogLine } from "../source.ts";
import { jsonLineFields, type LineFields, logfmtLineFields } from "./fields.ts";
import { type FieldTest, fieldTest, type Passing } from "./fieldTest.ts";
import { isRegexOp, type LabelFilter, labelFilter, patternsIn } from "./labelFilter.ts";
import { isKnownLabel, KNOWN_LABELS, labelTest, type Stream } from "./labels.ts";
import type { LogQuery, Stage } from "./query.ts";
import { re2 } from "./re2.ts";
import { regexSize } from "./regexSize.ts";
import { LABEL_FILTER } from "./stages.ts";
import { Tokens } from "./tokens.ts";

/** A query's two halves, for sources that know services and levels before they read a line. */
export interface QueryMatch {
  /** Whether lines of this service, namespace and level are asked for. */
  stream(stream: Stream): boolean;
  /** Whether a line passes the stages. */
  line(line: LogLine): boolean;
}

/**
 * Decides by itself what Loki would, for sources that are not Loki.
 * @throws UserError where that takes labels or stages that only Loki has.
 */
export function matcherOf(query: LogQuery): (line: LogLine) => boolean {
  const match = matchOfQuery(query);
  return (line) => match.stream(line) && match.line(line);
}

/** `matcherOf`, in two. @throws UserError as it does */
export function matchOfQuery({ matchers, stages }: LogQuery): QueryMatch {
  refuseLarge([
    ...matchers.filter(({ op }) => isRegexOp(op)).map(({ value }) => value),
    ...stages.flatMap(patternsOf),
  ]);
  const streamTests = matchers.map((matcher) => {
    if (!isKnownLabel(matcher.name)) throw unknownLabel(matcher.name);
    return labelTest(matcher, { dotAll: true });
  });
  let parsed = false;
  const steps = stages.map((stage) => {
    const step = stepOf(stage, parsed);
    parsed ||= stage.kind === "other" && (stage.name === "json" || stage.name === "logfmt");
    return step;
  });
  return {
    stream: (stream) => streamTests.every((test) => test(stream)),
    line: steps.length === 0 ? () => true : (line) => passes(line, steps),
  };
}

/** A line of 100 KB is held against them in some tenths of a second at worst, and other work waits for that. */
const LARGEST_REGEXES = 2_000;

function refuseLarge(patterns: readonly string[]): void {
  if (patterns.reduce((sum, pattern) => sum + regexSize(pattern), 0) <= LARGEST_REGEXES) return;
  throw new UserError(
    "The regular expressions of that query are too large for log files: repeat less, such as .* instead of .{1000}, or look for a plain text with |=.",
  );
}

function patternsOf(stage: Stage): readonly string[] {
  if (stage.kind === "line") return isRegexOp(stage.op) ? stage.values : [];
  return stage.name === LABEL_FILTER ? patternsIn(filterOf(stage.text)) : [];
}

function filterOf(stageText: string): LabelFilter {
  const tokens = new Tokens(stageText);
  tokens.expectOp("|");
  return labelFilter(tokens);
}

function passes(line: LogLine, steps: readonly FieldTest[]): boolean {
  const passing: Passing = { stream: line, text: line.text, fields: undefined, error: "" };
  return steps.every((step) => step(passing));
}

/** @param parsed whether a parser came before */
function stepOf(stage: Stage, parsed: boolean): FieldTest {
  if (stage.kind === "line") {
    const isHeld = lineTest(stage);
    return ({ text }) => isHeld(text);
  }
  switch (stage.name) {
    case "json":
      refuseNames(stage.text, "json");
      return (passing) => take(passing, jsonLineFields(passing.text));
    case "logfmt": {
      refuseNames(stage.text, "logfmt");
      const flags = {
        isStrict: stage.text.includes("--strict"),
        keepsEmpty: stage.text.includes("--keep-empty"),
      };
      return (passing) => take(passing, logfmtLineFields(passing.text, flags));
    }
    case "decolorize":
      return (passing) => {
        passing.text = withoutAnsi(passing.text);
        return true;
      };
    case LABEL_FILTER:
      return fieldTest(filterOf(stage.text), parsed);
    default:
      throw new UserError(
        `Log files understand line filters, json, logfmt, decolorize and label filters; "${stage.name}" is Loki's own, so leave that stage out.`,
      );
  }
}

function take(passing: Passing, { fields, error }: LineFields): boolean {
  passing.fields = passing.fields === undefined ? fields : new Map([...passing.fields, ...fields]);
  passing.error ||= error;
  return true;
}

function lineTest({ op, values }: Stage & { kind: "line" }): (text: string) => boolean {
  const isIn =
    op === "|=" || op === "!="
      ? values.map((value) => (text: string) => text.includes(value))
      : values.map((value) => re2(value).isIn);
  // Of a negative filter's texts, none may stand in the line.
  const isWanted = op === "|=" || op === "|~";
  return (text) => isIn.some((test) => test(text)) === isWanted;
}

function refuseNames(text: string, name: string): void {
  if (/^\|\s*\w+(?:\s+--[a-z-]+)*$/.test(text)) return;
  throw new UserError(
    `Log files understand | ${name} without names after it: all fields are there, those within others as outer_inner.`,
  );
}

function unknownLabel(name: string): UserError {
  return new UserError(
    `Log files have no label "${name}": known are ${KNOWN_LABELS}, and fields of a line after | json or | logfmt.`,
  );
}
