import { failureKindOf } from "./failureKinds.ts";

/** What introduces an error in a stack, in most languages: its class and message, or its cause. */
const ERROR_LINE = /^\s*(?:Caused by|Error|Traceback|panic|\[?\w*(?:Error|Exception)\b)/;

/**
 * The lines of a sample that show most in so many lines: the first, then those that name a known kind of
 * failure, then those that name an error, then the rest from the top. In their order, with a mark where
 * some are left out.
 */
export function proofLines(sample: string, max: number): string[] {
  const lines = sample.split("\n");
  if (lines.length <= max) return lines;
  const wanted = [0, ...telling(lines), ...lines.keys()];
  const shown = new Set<number>();
  for (const at of wanted) {
    if (shown.size === max) break;
    shown.add(at);
  }
  const kept: string[] = [];
  let last = -1;
  for (const at of [...shown].sort((a, b) => a - b)) {
    if (at > last + 1) kept.push(leftOut(at - last - 1));
    kept.push(lines[at] as string);
    last = at;
  }
  if (last < lines.length - 1) kept.push(leftOut(lines.length - 1 - last));
  return kept;
}

/** Line numbers worth showing, the most telling first. */
function telling(lines: readonly string[]): number[] {
  const ranked = lines.map((line, at) => ({
    at,
    rank: failureKindOf(line) !== undefined ? 0 : ERROR_LINE.test(line) ? 1 : 2,
  }));
  return ranked
    .filter(({ rank }) => rank < 2)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ at }) => at);
}

function leftOut(count: number): string {
  return `… ${count} more ${count === 1 ? "line" : "lines"}`;
}
