import { removedCard } from "../commands/redaction/remove.ts";
import { UserError } from "../errors.ts";
import { type Effect, removePattern } from "../redactionRules/store.ts";
import { type ActionHandler, isRowId } from "./action.ts";

/** "Hide a pattern" and "Show a pattern": the form of the command. */
export function setPatternAction(effect: Effect): ActionHandler {
  return {
    name: `redaction.${effect}`,
    opens: "form",
    command: `redaction ${effect}`,
    values: async () => ({}),
  };
}

/** "Remove" under a pattern that was just set. */
export function removePatternAction(): ActionHandler {
  return {
    name: "redaction.remove",
    opens: "answer",
    role: "admin",
    async run({ subject, person, workspace }) {
      const removed = isRowId(subject)
        ? await removePattern(workspace().scope, subject, person.name)
        : undefined;
      if (removed === undefined)
        throw new UserError("That pattern is not there any more. Type redaction list to see what is.");
      return { kind: "message", visibility: "caller", card: removedCard(removed) };
    },
  };
}
