import { z } from "zod";
import { UserError } from "../errors.ts";
import { isLabelName } from "../logs/logql/names.ts";
import { readKeys } from "../secrets/keyring.ts";

export const port = z.coerce.number().int().min(0).max(65_535);
export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

export const text = z.string().min(1);
export const address = z.url({ protocol: /^https?$/, error: "must be an http or https address" });
export const label = z
  .string()
  .refine(isLabelName, "must be the name of a label: letters, digits and _, and no word of LogQL");

export const yesNo = z.enum(["yes", "no"]).transform((answer) => answer === "yes");

/** What begins as it does on its platform: a token in the wrong place is found at the start. */
export const beginning = (start: string) => z.string().startsWith(start, `must begin with ${start}`);

export const keys = z.string().transform((raw, ctx) => {
  try {
    return readKeys(raw);
  } catch (error) {
    ctx.addIssue({ code: "custom", message: error instanceof UserError ? error.message : "are wrong" });
    return z.NEVER;
  }
});
