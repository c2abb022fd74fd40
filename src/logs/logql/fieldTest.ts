import { UserError } from "../../errors.ts";
import type { AmountOp, LabelFilter } from "./labelFilter.ts";
import { isKnownLabel, KNOWN_LABELS, labelTest, labelValue, type Stream, textTest } from "./labels.ts";
import { bytesOf, floatOf, goDuration } from "./units.ts";

/** A line on its way through the stages. */
export interface Passing {
  stream: Stream;
  /** The line as the stages before left it. */
  text: string;
  /** What parsers took from it; undefined where none did. */
  fields: ReadonlyMap<string, string> | undefined;
  /** The first error of a parser or a comparison, as Loki names it; else "". */
  error: string;
}

export type FieldTest = (passing: Passing) => boolean;

/** Loki's own label of a line that a stage could not work on. */
const ERROR = "__error__";
/** What Loki appends to a field's name where the stream has a label of that name. */
const TWICE = "_extracted";

/**
 * How a label filter is decided, as Loki does.
 * @param parsed whether fields can be there
 * @throws UserError where they cannot, and no label is known by the name
 */
export function fieldTest(filter: LabelFilter, parsed: boolean): FieldTest {
  switch (filter.kind) {
    case "and":
    case "or": {
      const [left, right] = [fieldTest(filter.left, parsed), fieldTest(filter.right, parsed)];
      if (filter.kind === "or") return (passing) => left(passing) || right(passing);
      // Both sides, always: each can leave an error, which a later stage can ask for.
      return (passing) => [left(passing), right(passing)].every(Boolean);
    }
    case "text": {
      const { name, op, value } = filter;
      const isText = textTest(op, value);
      if (name === ERROR) return ({ error }) => isText(error);
      refuseUnknown(name, parsed);
      const isLabel = isKnownLabel(name) ? labelTest(filter) : undefined;
      return ({ stream, fields }) => {
        const field = fieldOf(fields, name);
        return field === undefined && isLabel ? isLabel(stream) : isText(field ?? "");
      };
    }
    case "amount":
      refuseUnknown(filter.name, parsed);
      return amountTest(filter);
    case "ip":
      throw new UserError(
        'Log files do not understand ip(): compare the address as a text, such as client=~"10[.].*".',
      );
  }
}

function amountTest({ name, op, unit, amount }: LabelFilter & { kind: "amount" }): FieldTest {
  const read = READERS[unit];
  return (passing) => {
    const value =
      fieldOf(passing.fields, name) ??
      (isKnownLabel(name) ? labelValue(name, passing.stream) || undefined : undefined);
    if (value === undefined) return false;
    const other = read(value);
    if (other !== undefined) return compare(other, op, amount);
    // Loki lets a line pass that has something else there, and marks it.
    passing.error ||= "LabelFilterErr";
    return true;
  };
}

const READERS = { number: floatOf, duration: goDuration, bytes: bytesOf };

function compare(a: number, op: AmountOp, b: number): boolean {
  switch (op) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
  }
}

function fieldOf(fields: ReadonlyMap<string, string> | undefined, name: string): string | undefined {
  const field = fields?.get(name);
  if (field !== undefined || !name.endsWith(TWICE)) return field;
  const short = name.slice(0, -TWICE.length);
  return isKnownLabel(short) ? fields?.get(short) : undefined;
}

function refuseUnknown(name: string, parsed: boolean): void {
  if (parsed || isKnownLabel(name)) return;
  throw new UserError(
    `Log files have no label "${name}" of their own: put | json or | logfmt before it, or ask for ${KNOWN_LABELS}.`,
  );
}
