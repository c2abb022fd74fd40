/** A place in a text where a secret stands. */
export interface Place {
  /** What has to be in the text for the pattern to be worth running. */
  hint: RegExp;
  /** What stands before, and the value. Every repetition is bounded. */
  pattern: RegExp;
  kind: string;
  /** Any value there is a secret, also one that looks like a word. */
  certain?: true;
}
