import { muteService, unmuteService } from "../alerting/mutes.ts";
import { button } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { mutedCard, unmutedCard } from "../commands/mute.ts";
import { UserError } from "../errors.ts";
import { type ActionHandler, eventOf, type Press } from "./action.ts";

const HOUR_MS = 60 * 60_000;

/** "Mute a service", and "Mute …" under an alert: the form, with the alert's service. */
export function muteAction(): ActionHandler {
  return {
    name: "mute",
    opens: "form",
    command: "mute",
    values: async (press) => (press.subject === "" ? {} : { service: await serviceOf(press) }),
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
      const mute = {
        service: await serviceOf(press),
        endsAtMs: nowMs + hours * HOUR_MS,
        mutedBy: press.person.name,
      };
      await muteService(scope, mute, nowMs);
      const actions = [button("Unmute", { name: "anomaly.unmute", subject: press.subject })];
      return { kind: "message", visibility: "channel", card: { ...mutedCard(mute), actions } };
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
      const service = await serviceOf(press);
      const was = await unmuteService(press.workspace().scope, service, now());
      if (!was) throw new UserError(`${shownName(service)} is not muted. Type status to see what is.`);
      return { kind: "message", visibility: "channel", card: unmutedCard(service, press.person.name) };
    },
  };
}

async function serviceOf(press: Press): Promise<string> {
  return (await eventOf(press, "Type mute with the service's name instead.")).service;
}
