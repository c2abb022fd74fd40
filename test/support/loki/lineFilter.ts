import { parseError } from "./failure.ts";
import { quote } from "./quotes.ts";
import { re2 } from "./re2.ts";
import type { LineOp, Stage } from "./syntax.ts";

/** `|= "a" or "b"` passes lines with either; `!= "a" or "b"` those with neither. */
export function compileLineFilter({
  op,
  texts,
}: Extract<Stage, { kind: "line" }>): (line: string) => boolean {
  const finders = texts.map((text) => finder(op, text));
  const [only] = finders;
  const negative = op.startsWith("!");
  if (only !== undefined && finders.length === 1) return negative ? (line) => !only(line) : only;
  return (line) => finders.some((finds) => finds(line)) !== negative;
}

function finder(op: LineOp, text: string): (line: string) => boolean {
  switch (op) {
    case "|=":
    case "!=":
      return (line) => line.includes(text);
    case "|~":
    case "!~": {
      const expression = re2(text);
      if ("why" in expression) {
        throw parseError(`stage '${op} ${quote(text)}' : error parsing regexp: ${expression.why}`);
      }
      return (line) => expression.test(line);
    }
    case "|>":
    case "!>": {
      const literals = text.split("<_>").map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
      const expression = new RegExp(`^${literals.join(".+?")}`, "s");
      const whole = new RegExp(`^${literals.join(".+?")}$`, "s");
      return (line) => (text.endsWith("<_>") ? expression.test(line) : whole.test(line));
    }
  }
}
