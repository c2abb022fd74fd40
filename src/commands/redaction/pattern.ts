import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { readPattern } from "../../logs/redaction/patterns.ts";

/** A pattern that can be used. */
export const pattern = {
  name: "pattern",
  kind: "text",
  description: "The form of the values: # is one digit, * is any characters but blanks: CUST-########",
  required: true,
  takesRest: true,
  parse(raw: string): string {
    const read = readPattern(raw);
    if (typeof read !== "string") return read.text;
    throw new UserError(`${read} Write the form of one value, as in CUST-######## or *-##.internal.corp.`);
  },
} as const satisfies OptionDefinition<string>;
