import { RE2JS, RE2JSException } from "re2js";

/** A regular expression as Loki has it: RE2's, so that no pattern takes longer than the text is long. */
export interface Re2 {
  /** Whether it fits somewhere in the text. */
  isIn(text: string): boolean;
  /** Whether it fits the whole text. */
  fits(text: string): boolean;
}

/**
 * Compiles what Go's regexp package would.
 * @param dotAll `.` takes line breaks too: so in stream selectors (Prometheus's matchers), not in the pipeline
 */
export function compileRe2(pattern: string, { dotAll = false } = {}): Re2 | { why: string } {
  try {
    const regex = RE2JS.compile(pattern, dotAll ? RE2JS.DOTALL : 0);
    return { isIn: (text) => regex.test(text), fits: (text) => regex.testExact(text) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { why: error.message.replace(/^error parsing regexp: /, "") };
  }
}

/** Of a pattern that was compiled before, when its query was read. */
export function re2(pattern: string, options?: { dotAll?: boolean }): Re2 {
  const regex = compileRe2(pattern, options);
  if ("why" in regex) throw new RangeError(`not a regular expression: ${regex.why}`);
  return regex;
}
