import type { ParsedLine } from "../logs/parse.ts";

/** The part of a line that says what kind of thing happened: what is fingerprinted. */
export function clusterText(parsed: ParsedLine): string {
  return parsed.message;
}
