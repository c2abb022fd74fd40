import { oweMarks } from "../alerting/marks.ts";
import { clearLabels, countLabels, labelEpisode, shiftOf, type Verdict } from "../anomalies/labels.ts";
import { button } from "../chat/card.ts";
import { atStart, shownName } from "../chat/shownName.ts";
import type { ServiceRef } from "../logs/source.ts";
import { type ActionHandler, eventGone, isRowId } from "./action.ts";

/** "Right" and "Not an anomaly" under an alert: the last word counts, and moves the service's threshold. */
export function labelAction(verdict: Verdict, { now }: { now: () => number }): ActionHandler {
  return {
    name: verdict === "right" ? "anomaly.right" : "anomaly.wrong",
    opens: "answer",
    role: "responder",
    async run({ workspace, subject: eventId, person }) {
      const { scope } = workspace();
      const [ref, ...others] = isRowId(eventId)
        ? await labelEpisode(scope, { eventId, verdict, person })
        : [];
      if (ref === undefined) throw eventGone();
      await scope.transaction((db) => oweMarks(scope, db, eventId, now()));
      const counts = await scope.transaction((db) => countLabels(scope, db, now()));
      const count = counts.find((one) => one.service === ref.service && one.namespace === ref.namespace) ?? {
        right: 0,
        noAnomaly: 0,
      };
      return {
        kind: "message",
        visibility: "channel",
        card: {
          title: `${namesOf(ref, others)}: ${verdict === "right" ? "that was right" : "that was no anomaly"}`,
          tone: "good",
          badge: "KEPT",
          body: [
            { kind: "text", text: `${atStart(person.name)} said so. ${meaningOf(shiftOf(count))}` },
            {
              kind: "facts",
              facts: [
                { label: "Right, in four weeks", value: String(count.right) },
                { label: "No anomaly", value: String(count.noAnomaly) },
              ],
            },
          ],
          actions: [button("Take it all back", { name: "anomaly.unlabel", subject: eventId })],
        },
      };
    },
  };
}

/** "Take it all back": what was said of the alerts of a service, or of all that its message lists, counts no longer. */
export function unlabelAction({ now }: { now: () => number }): ActionHandler {
  return {
    name: "anomaly.unlabel",
    opens: "answer",
    role: "responder",
    async run({ workspace, subject: eventId, person }) {
      const { scope } = workspace();
      const [ref, ...others] = isRowId(eventId) ? await clearLabels(scope, eventId) : [];
      if (ref === undefined) throw eventGone();
      await scope.transaction((db) => oweMarks(scope, db, eventId, now()));
      return {
        kind: "message",
        visibility: "channel",
        card: {
          title: `${namesOf(ref, others)}: as at first`,
          tone: "good",
          badge: "TAKEN BACK",
          body: [
            {
              kind: "text",
              text: `${atStart(person.name)} took back what was said of ${others.length === 0 ? "its" : "their"} alerts: they come as they did before.`,
            },
          ],
        },
      };
    },
  };
}

function namesOf({ service }: ServiceRef, others: readonly ServiceRef[]): string {
  return `${shownName(service)}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

function meaningOf(shift: number): string {
  const times = 10 ** Math.abs(shift);
  if (Math.abs(shift) < 0.01) return "Its alerts come as before.";
  return shift > 0
    ? `From now on an alert about it has to be ${times.toFixed(1)} times as rare as usual.`
    : `From now on an alert about it may be ${times.toFixed(1)} times as common as usual.`;
}
