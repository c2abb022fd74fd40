import { goDuration } from "./durations.ts";
import { parseError } from "./failure.ts";
import { bytesOf } from "./lexer.ts";
import { compileLineFilter } from "./lineFilter.ts";
import type { LineLabels } from "./lineLabels.ts";
import { compileMatcher } from "./matchers.ts";
import { parseJson, parseLogfmt, parseRegexp } from "./parsers.ts";
import { quote } from "./quotes.ts";
import { re2 } from "./re2.ts";
import type { ChosenLabel, CompareOp, LabelFilter, Stage } from "./syntax.ts";
import { compileTemplate } from "./template.ts";

/** What terminals take for colours and titles. */
const ANSI = /[\x1b\x9b][[\]()#;?]*(?:[\da-zA-Z;]*\x07|(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~])/g;

/** The line as it goes on, or undefined where it is dropped. */
export type Step = (line: string, labels: LineLabels) => string | undefined;

export interface Pipeline {
  /** Whether there is nothing to it: each line passes as it is. */
  any: boolean;
  /** The line filters that come first: they need no labels, and most lines go no further. */
  passes: (line: string) => boolean;
  steps: Step[];
}

export function compilePipeline(stages: readonly Stage[]): Pipeline {
  const firstOther = stages.findIndex(({ kind }) => kind !== "line");
  const leading = firstOther < 0 ? stages : stages.slice(0, firstOther);
  const filters = leading.flatMap((stage) => (stage.kind === "line" ? [compileLineFilter(stage)] : []));
  return {
    any: stages.length === 0,
    passes: (line) => filters.every((filter) => filter(line)),
    steps: stages.slice(leading.length).map(compileStage),
  };
}

export function runSteps(steps: readonly Step[], line: string, labels: LineLabels): string | undefined {
  let text: string | undefined = line;
  for (const step of steps) {
    text = step(text, labels);
    if (text === undefined) return undefined;
  }
  return text;
}

function compileStage(stage: Stage): Step {
  switch (stage.kind) {
    case "line": {
      const filter = compileLineFilter(stage);
      return (line) => (filter(line) ? line : undefined);
    }
    case "json":
      return aside((line, labels) => parseJson(line, labels, stage.fields));
    case "logfmt":
      return aside((line, labels) => parseLogfmt(line, labels, stage));
    case "regexp": {
      const expression = re2(stage.pattern);
      if ("why" in expression) {
        throw parseError(
          `stage '| regexp ${quote(stage.pattern)}' : error parsing regexp: ${expression.why}`,
        );
      }
      if (!/\(\?P?</.test(stage.pattern)) {
        throw parseError("invalid regexp parser: at least one named capture must be supplied");
      }
      return aside((line, labels) => parseRegexp(line, labels, expression));
    }
    case "line_format":
      return compileTemplate(stage.template, `| line_format ${quote(stage.template)}`);
    case "label_format":
      return labelFormat(stage.labels);
    case "decolorize":
      return (line) => line.replace(ANSI, "");
    case "drop":
    case "keep":
      return choose(stage.kind, stage.labels);
    case "labels": {
      const filter = compileLabelFilter(stage.filter);
      return (line, labels) => (filter(labels) ? line : undefined);
    }
  }
}

/** A stage that only adds labels. */
function aside(act: (line: string, labels: LineLabels) => void): Step {
  return (line, labels) => {
    act(line, labels);
    return line;
  };
}

function labelFormat(formats: Extract<Stage, { kind: "label_format" }>["labels"]): Step {
  const made = formats.map(({ name, value }) => ({
    name,
    ...("label" in value
      ? { from: value.label }
      : { template: compileTemplate(value.template, `| label_format ${name}=${quote(value.template)}`) }),
  }));
  return aside((line, labels) => {
    for (const { name, ...how } of made) {
      if ("template" in how) {
        labels.set("parsed", name, how.template(line, labels));
        continue;
      }
      const category = labels.categoryOf(how.from);
      const value = labels.get(how.from);
      if (category === undefined || value === undefined) continue;
      labels.set(category, name, value);
      labels.delete(how.from);
    }
  });
}

function choose(kind: "drop" | "keep", chosen: readonly ChosenLabel[]): Step {
  const tests = chosen.map(({ name, matcher }) => ({
    name,
    matches: matcher === undefined ? () => true : compileMatcher(matcher),
  }));
  const isChosen = (name: string, value: string) =>
    tests.some((test) => test.name === name && test.matches(value));
  return aside((_, labels) => {
    for (const [name, value] of labels.merged()) {
      // The error is not a label that `keep` takes away.
      if (kind === "keep" ? !name.startsWith("__error") && !isChosen(name, value) : isChosen(name, value)) {
        labels.delete(name);
      }
    }
  });
}

function compileLabelFilter(filter: LabelFilter): (labels: LineLabels) => boolean {
  switch (filter.kind) {
    case "and":
    case "or": {
      const left = compileLabelFilter(filter.left);
      const right = compileLabelFilter(filter.right);
      return filter.kind === "and"
        ? (labels) => left(labels) && right(labels)
        : (labels) => left(labels) || right(labels);
    }
    case "text": {
      const matches = compileMatcher(filter.matcher);
      return (labels) => matches(labels.get(filter.matcher.name) ?? "");
    }
    case "number":
      return numberFilter(filter);
  }
}

/** A value that is no number does not drop the line: it marks it with an error. */
function numberFilter({ name, op, value, unit }: Extract<LabelFilter, { kind: "number" }>) {
  return (labels: LineLabels): boolean => {
    if (labels.error !== "") return true;
    const text = labels.get(name);
    if (text === undefined) return false;
    const found = read(text, unit);
    if (found !== undefined) return compare(found, op, value);
    labels.error = "LabelFilterErr";
    labels.errorDetails =
      unit === "duration"
        ? `time: invalid duration ${quote(text)}`
        : `strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`;
    return true;
  };
}

function read(text: string, unit: "number" | "duration" | "bytes"): number | undefined {
  if (unit === "duration") {
    const ns = goDuration(text);
    return ns === undefined ? undefined : Number(ns);
  }
  if (unit === "bytes") return bytesOf(text);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function compare(found: number, op: CompareOp, value: number): boolean {
  switch (op) {
    case ">":
      return found > value;
    case ">=":
      return found >= value;
    case "<":
      return found < value;
    case "<=":
      return found <= value;
    case "==":
      return found === value;
    case "!=":
      return found !== value;
  }
}
