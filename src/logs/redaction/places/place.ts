/** A place in a text where a secret stands. */
export interface Place {
  /** What has to be in the text for the pattern to be worth running. */
  hint: RegExp;
  /** What stands before, and the value. Every repetition is bounded. */
  pattern: RegExp;
  kind: string;
  /** Any value there is a secret, also one that looks like a word. */
  certain?: true;
  /** What a secret looks like there, where neither any value nor every value that is no name is one. */
  accepts?: (value: string) => boolean;
}

/**
 * What stands in quotes, with quotes in it that are doubled as SQL and CSV have it, or behind a backslash:
 * without them the tail of `'it''s x7Kp'` would stay.
 */
export const IN_QUOTES =
  "(?:[^'\"\\n\\\\]|''(?=[^\\s,;)'])|\"\"(?=[^\\s,;)\"])|\\\\['\"](?=[^\\s,;)\\\\'\"])){1,256}";
