import { keepFeedback, type Verdict } from "../analysis/store.ts";
import { UserError } from "../errors.ts";
import type { ActionHandler } from "./action.ts";
import { isRowId } from "./action.ts";

const THANKS: Record<Verdict, string> = {
  right: "Kept: this root cause was right.",
  partly: "Kept: this root cause was partly right.",
  wrong:
    "Kept: this root cause was wrong. Say with feedback give what it was: whoever has it again sees that.",
};

/** "👎 Not right" under a root cause: the form that asks how far it was not, and what it was. */
export function notRightAction(): ActionHandler {
  return {
    name: "feedback.other",
    opens: "form",
    command: "feedback give",
    values: async ({ subject }) => ({ verdict: "wrong", about: subject.slice(0, 8) }),
  };
}

/** 👍 under a root cause: one opinion a person, which the next press changes. Earlier versions had the others as buttons too. */
export function feedbackAction(verdict: Verdict): ActionHandler {
  return {
    name: `feedback.${verdict}`,
    opens: "answer",
    role: "viewer",
    async run(press) {
      const workspace = press.workspace();
      const kept =
        isRowId(press.subject) &&
        (await keepFeedback(workspace.scope, {
          analysisId: press.subject,
          workspaceId: workspace.id,
          personId: press.person.id,
          verdict,
        }));
      if (!kept) throw new UserError("That root cause is no longer kept. Ask for a new one with analyze.");
      return {
        kind: "message",
        visibility: "caller",
        card: { title: "Thank you", tone: "good", body: [{ kind: "text", text: THANKS[verdict] }] },
      };
    },
  };
}
