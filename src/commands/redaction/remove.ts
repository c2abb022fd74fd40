import type { Card } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { nearest } from "../../chat/nearest.ts";
import { UserError } from "../../errors.ts";
import { listPatterns, type RedactionPattern, removePattern } from "../../redactionRules/store.ts";
import { audited, type Caller } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";

const pattern = {
  name: "pattern",
  kind: "text",
  description: "The pattern as redaction list shows it",
  required: true,
  takesRest: true,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

export function removePatternCommand(): Command {
  return defineCommand({
    name: "redaction remove",
    summary: "End a pattern that hides or shows: only the rules hold for its values again",
    examples: ["redaction remove CUST-########"],
    role: "admin",
    visibility: "caller",
    options: [pattern],
    async run(call) {
      const { scope } = call.workspace();
      const wanted = call.options.pattern.toLowerCase();
      const patterns = await listPatterns(scope);
      const found = patterns.find((one) => one.pattern.toLowerCase() === wanted);
      const removed = found && (await endPattern(call, found.id));
      if (removed === undefined) throw new UserError(noSuchPattern(wanted, patterns));
      return message(removedCard(removed), "caller");
    },
  });
}

/** @returns what it was; undefined where it is not there any more */
export function endPattern(call: Caller, id: string): Promise<RedactionPattern | undefined> {
  return audited(
    call,
    (ended) =>
      ended && {
        action: "redaction.changed",
        subject: ended.pattern,
        detail: { effect: `no longer ${ended.effect}` },
      },
    (db) => removePattern(call.workspace().scope, db, id, call.person.name),
  );
}

function noSuchPattern(wanted: string, patterns: readonly RedactionPattern[]): string {
  const near = nearest(
    wanted,
    patterns.map(({ pattern }) => pattern.toLowerCase()),
  );
  const found = patterns.find(({ pattern }) => pattern.toLowerCase() === near);
  return `There is no such pattern. ${found === undefined ? "Type redaction list to see them all." : `Did you mean ${found.pattern}?`}`;
}

export function removedCard({ pattern, effect }: RedactionPattern): Card {
  return {
    title: "Pattern removed",
    tone: "good",
    badge: "REMOVED",
    body: [
      {
        kind: "log",
        caption:
          effect === "hide"
            ? "Values of this form are readable again, unless a rule takes them for secrets:"
            : "Values of this form are redacted again where a rule takes them for secrets:",
        lines: [pattern],
      },
    ],
    footnote: ["What is left: ", { code: "redaction list" }, "."],
  };
}
