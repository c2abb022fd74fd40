import { acknowledgeEpisode } from "../alerting/acknowledgements.ts";
import { ACKNOWLEDGE } from "../anomalies/card.ts";
import type { Card } from "../chat/card.ts";
import { UserError } from "../errors.ts";
import { type ActionHandler, eventGone, isRowId } from "./action.ts";

/** "Acknowledge" under an alert: its messages, in all channels, then say who looks into it. */
export function acknowledgeAction({ now }: { now: () => number }): ActionHandler {
  return {
    name: ACKNOWLEDGE,
    opens: "answer",
    role: "responder",
    async run({ workspace, subject: eventId, person }) {
      const { scope } = workspace();
      const said = isRowId(eventId)
        ? await acknowledgeEpisode(scope, { eventId, by: person.name }, now())
        : undefined;
      if (said === undefined) throw eventGone();
      if (said.is === "over") throw new UserError("It is over already: there is nothing left to look into.");
      const { by, atMs } = said.acknowledgement;
      const card: Card = {
        title: said.is === "new" ? "You look into it" : `${by} looks into it`,
        tone: "good",
        badge: "ACKNOWLEDGED",
        body: [
          {
            kind: "text",
            text: ["Since ", { atMs, show: "time" }, ": its message says so, wherever it was posted."],
          },
        ],
      };
      return { kind: "message", visibility: "caller", card };
    },
  };
}
