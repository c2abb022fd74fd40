import { oweMarks } from "../alerting/marks.ts";
import { muteService, unmuteService } from "../alerting/mutes.ts";
import { servicesOfIncident } from "../anomalies/store.ts";
import { button } from "../chat/card.ts";
import { mutedCard, namesOf, unmutedCard } from "../commands/mute.ts";
import { UserError } from "../errors.ts";
import { type ActionHandler, eventGone, isRowId, type Press } from "./action.ts";

const HOUR_MS = 60 * 60_000;

/** "Mute a service", and "Mute …" under an alert: the form, with the alert's service. */
export function muteAction(): ActionHandler {
  return {
    name: "mute",
    opens: "form",
    command: "mute",
    values: async (press) =>
      press.subject === "" ? {} : { service: (await servicesOf(press))[0] as string },
  };
}

/** "Mute 1 h" and "Mute 24 h" under an alert: from now on, and anew where its service is muted already. */
export function muteForAction(hours: 1 | 24, { now }: { now: () => number }): ActionHandler {
  return {
    name: `anomaly.mute${hours}h`,
    opens: "answer",
    role: "responder",
    async run(press) {
      const { scope } = press.workspace();
      const nowMs = now();
      const services = await servicesOf(press);
      const mute = { endsAtMs: nowMs + hours * HOUR_MS, mutedBy: press.person.name };
      await scope.transaction(async (db) => {
        for (const service of services) await muteService(scope, db, { ...mute, service }, nowMs);
        await oweMarks(scope, db, press.subject, nowMs);
      });
      const actions = [button("Unmute", { name: "anomaly.unmute", subject: press.subject })];
      const card = mutedCard(mute, services);
      return { kind: "message", visibility: "channel", card: { ...card, actions } };
    },
  };
}

/** "Unmute" under what a press has muted. */
export function unmuteAction({ now }: { now: () => number }): ActionHandler {
  return {
    name: "anomaly.unmute",
    opens: "answer",
    role: "responder",
    async run(press) {
      const { scope } = press.workspace();
      const services = await servicesOf(press);
      const was = await scope.transaction(async (db) => {
        const nowMs = now();
        let was = false;
        for (const service of services) was = (await unmuteService(scope, db, service, nowMs)) || was;
        if (was) await oweMarks(scope, db, press.subject, nowMs);
        return was;
      });
      if (!was)
        throw new UserError(
          `${namesOf(services)} ${services.length === 1 ? "is" : "are"} not muted. Type status to see what is.`,
        );
      return { kind: "message", visibility: "channel", card: unmutedCard(services, press.person.name) };
    },
  };
}

async function servicesOf({ subject, workspace }: Press): Promise<string[]> {
  const services = isRowId(subject) ? await servicesOfIncident(workspace().scope, subject) : [];
  if (services.length === 0) throw eventGone("Type mute with the service's name instead.");
  return services;
}
