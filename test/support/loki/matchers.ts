import { parseError } from "./failure.ts";
import { re2 } from "./re2.ts";
import type { Matcher } from "./syntax.ts";

/** A test of a label's value. Regular expressions of labels are anchored at both ends, and their dot takes newlines. */
export function compileMatcher({ op, value }: Matcher): (value: string) => boolean {
  switch (op) {
    case "=":
      return (found) => found === value;
    case "!=":
      return (found) => found !== value;
    case "=~":
    case "!~": {
      const expression = re2(value, { anchored: true, dotAll: true });
      if ("why" in expression) throw parseError(`error parsing regexp: ${expression.why}`);
      return op === "=~" ? (found) => expression.test(found) : (found) => !expression.test(found);
    }
  }
}
