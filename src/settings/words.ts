import type { z } from "zod";

/** The commonest reason for which an address with a password cannot be read, or leads elsewhere. */
export const SIGNS_IN_PASSWORDS = "signs such as @, / and # in a password are written %40, %2F and %23";

/** What is wrong with a value, where its setting says nothing itself: the library's sentences are for programmers. */
export function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "string" ? "must not be empty" : `must be ${issue.minimum} or more`;
    case "too_big":
      return `must be ${issue.maximum} or less`;
    case "invalid_type":
      return issue.expected === "int" ? "must be a whole number" : "must be a number";
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    default:
      return undefined;
  }
}
