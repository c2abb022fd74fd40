import { endPattern, removedCard } from "../commands/redaction/remove.ts";
import { UserError } from "../errors.ts";
import type { Effect } from "../redactionRules/store.ts";
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
    async run(press) {
      const removed = isRowId(press.subject) ? await endPattern(press, press.subject) : undefined;
      if (removed === undefined)
        throw new UserError("That pattern is not there any more. Type redaction list to see what is.");
      return { kind: "message", visibility: "caller", card: removedCard(removed) };
    },
  };
}
