import type { App } from "@slack/bolt";
import { type Card, decodeAction } from "../../src/chat/card.ts";
import type { Inbound } from "../../src/chat/platform.ts";
import { answerAtHome } from "./home.ts";
import { acknowledge, type Hearing, vouched } from "./inbound.ts";
import { type BlockActions, blockActions } from "./payloads.ts";
import type { Arrival } from "./reception.ts";
import { PRESS } from "./render.ts";

/** Presses of buttons, on messages and in the Home tab. */
export function hearPresses(app: App, { core, reception, answers, forms, home, log }: Hearing): void {
  // A field of a form that was filled in, a link that was followed: nothing is to be done.
  app.action(new RegExp(`^(?!${PRESS})`), ({ ack }) => acknowledge(log, () => ack()));

  app.action(new RegExp(`^${PRESS}`), async ({ ack, body, context }) => {
    await acknowledge(log, () => ack());
    const parsed = blockActions.safeParse(body);
    if (!parsed.success) return log.warn({ err: parsed.error }, "slack: a press could not be read");
    const press = parsed.data;
    const pressed = whereOf(press);
    if (pressed === undefined)
      return log.warn({ on: press.container.type }, "slack: a press on what bears no button");
    const action = decodeAction(press.actions[0].value ?? "");
    const arrival: Arrival = {
      ...vouched(context),
      actId: `press:${press.user.id}:${pressed.id}:${press.actions[0].action_ts ?? press.trigger_id}`,
      userId: press.user.id,
      userName: press.user.username ?? press.user.name ?? undefined,
      userTeam: press.user.team_id ?? undefined,
      responseUrl: press.response_url ?? undefined,
      at: pressed.answerAt,
      ...(!pressed.isHome && {
        pressed: { message: pressed.id, thread: pressed.place.thread, isEphemeral: pressed.isEphemeral },
      }),
    };

    void reception.receive(arrival, async ({ person, asker, placeOf }) => {
      if (action === undefined) return answers.whisper(asker, UNKNOWN_BUTTON);
      const place = placeOf(pressed.place);
      const message = { place, id: pressed.id };
      const inbound: Inbound & { kind: "press" } = {
        kind: "press",
        id: arrival.actId,
        place,
        person,
        action,
        message,
      };
      if (core.opensForm({ kind: "press", action })) {
        const { isEphemeral } = pressed;
        const origin = {
          ...pressed.answerAt,
          message: pressed.id,
          ...(isEphemeral && { isEphemeral: true as const }),
        };
        return forms.open(inbound, asker, press.trigger_id, pressed.isHome ? pressed.answerAt : origin);
      }
      const reply = await core.handle(inbound);
      if (!pressed.isHome) return answers.give(asker, reply);
      await answerAtHome({ home, answers }, { asker, person }, reply, arrival.actId);
    });
  });
}

interface Pressed {
  /** Of the message or the view. */
  id: string;
  place: { channel: string; thread?: string };
  answerAt: { channel: string; thread?: string };
  isHome: boolean;
  isEphemeral: boolean;
}

function whereOf({ container, channel, message, view }: BlockActions): Pressed | undefined {
  if (view?.type === "home") {
    const nowhere = { channel: "" };
    return { id: view.id, place: nowhere, answerAt: nowhere, isHome: true, isEphemeral: false };
  }
  const id = container.message_ts;
  const at = container.channel_id ?? channel?.id;
  if (id === undefined || id === null || at === undefined) return undefined;
  const root = message?.thread_ts ?? container.thread_ts ?? undefined;
  const isEphemeral = container.is_ephemeral === true;
  // A message that starts a thread names itself as its root.
  const thread = root === id ? undefined : root;
  // Nothing hangs under what only one person sees.
  const under = isEphemeral ? thread : (thread ?? id);
  return {
    id,
    place: { channel: at, ...(thread !== undefined && { thread }) },
    answerAt: { channel: at, ...(under !== undefined && { thread: under }) },
    isHome: false,
    isEphemeral,
  };
}

const UNKNOWN_BUTTON: Card = {
  title: "That did not work",
  tone: "warning",
  badge: "NOT DONE",
  body: [{ kind: "text", text: "That button is from another version of LogHunter. Run the command again." }],
};
