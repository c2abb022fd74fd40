import type { z } from "zod";

/** How zod begins what it says by itself: no schema of this house does. */
const ZODS_OWN = /^(Invalid|Unrecognized|Too (big|small))\b/;

const KINDS: Record<string, string> = {
  ...{ string: "a text", number: "a number", int: "a whole number", boolean: "true or false" },
  ...{ array: "a list", object: "an object", record: "an object" },
};
const FORMATS: Record<string, string> = {
  datetime: "a time such as 2026-01-31T14:00:00Z",
  uuid: "an id, as lists give it",
  url: "an address",
};

/** What is wrong with something that people wrote, as its schema says it, else in the words of this house and not of the library. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  if (!ZODS_OWN.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "unrecognized_keys":
      return `there is no ${issue.keys.map((key) => `"${key.slice(0, 60)}"`).join(" or ")} here`;
    case "invalid_type":
      // The issue itself does not hold what was given.
      return issue.message.endsWith("received undefined")
        ? "is missing"
        : `must be ${KINDS[issue.expected] ?? "something else"}`;
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.join(", ")}`;
    case "invalid_format":
      return `must be ${FORMATS[issue.format] ?? "written in another way"}`;
    case "too_small":
      return `must ${measured(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${measured(issue.origin, "at most", issue.maximum)}`;
    default:
      return "is not what is asked for here";
  }
}

function measured(origin: string, bound: string, count: number | bigint): string {
  if (origin === "string") return `have ${bound} ${count} ${count === 1 ? "character" : "characters"}`;
  if (origin === "array" || origin === "set")
    return `have ${bound} ${count} ${count === 1 ? "entry" : "entries"}`;
  return `be ${bound} ${count}`;
}
