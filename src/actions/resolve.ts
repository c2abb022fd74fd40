import { resolveIncident } from "../alerting/resolutions.ts";
import { RESOLVE } from "../anomalies/card.ts";
import { UserError } from "../errors.ts";
import { type ActionHandler, eventGone, isRowId } from "./action.ts";

/** "Resolve" under an alert: its messages, in all channels, then say who ended it. */
export function resolveAction({ now }: { now: () => number }): ActionHandler {
  return {
    name: RESOLVE,
    opens: "answer",
    role: "responder",
    async run({ workspace, subject: eventId, person }) {
      const { scope } = workspace();
      const ended = isRowId(eventId)
        ? await resolveIncident(scope, { eventId, by: person.name }, now())
        : undefined;
      if (ended === undefined) throw eventGone();
      if (ended === 0) throw new UserError("It is over already: its message says since when.");
      return {
        kind: "message",
        visibility: "caller",
        card: {
          title: "Resolved",
          tone: "good",
          badge: "RESOLVED",
          body: [
            {
              kind: "text",
              text: "Its message says so, wherever it was posted. If it goes on all the same, nothing more is said of it, unless it gets worse.",
            },
          ],
        },
      };
    },
  };
}
