import type { APIMessage, APIModalSubmitInteraction } from "discord.js";
import { formCall, formOf } from "../../src/chat/form.ts";
import type { ChatCore, FormAct, Inbound } from "../../src/chat/platform.ts";
import { holdsOwnKey } from "../../src/logs/redaction/ownKeys.ts";
import type { Acting, FirstAnswer } from "./acting.ts";
import { modalOf, QUESTION, readFormId, valuesIn } from "./forms.ts";
import type { InboundParts } from "./inbound.ts";
import type { Doing } from "./interactions.ts";
import { mistakesCard, note } from "./notes.ts";
import { isPrivate, under } from "./origin.ts";
import { ASK_ID } from "./render.ts";
import { createTyped } from "./typed.ts";
import { pause, within } from "./waits.ts";

/** Forms that acts open, and what is sent off with them. */
export function createFormActs(parts: InboundParts & { core: ChatCore; doing: Doing }) {
  const { core, places, patience, log } = parts;
  const { answerFirst, say, actOn, thinkingFor } = parts.doing;
  const { waits, now } = patience;
  const typed = createTyped(now);

  async function openForm(acting: Acting, act: FormAct, message?: APIMessage) {
    const asking = places.of(acting.guild, acting.channel).then(({ place }) => {
      const base = { id: acting.id, place, person: acting.person };
      const pressed = message === undefined ? {} : { message: { place, id: message.id } };
      return core.form({ ...base, ...act, ...pressed } as Inbound & FormAct);
    });
    const opened = await within(waits.askCoreMs, asking).catch((err) => {
      log.error({ err }, "discord: a form could not be asked for");
      return undefined;
    });
    if (opened === undefined) return await say(acting, note("slow form"));
    if ("card" in opened) return await say(acting, opened.card);
    const definition = core.catalogue.find(({ name }) => name === opened.form.command);
    if (definition === undefined) return await say(acting, note("old button"));
    const modal = modalOf(opened.form, definition, message?.id ?? "");
    await answerFirst(acting, { kind: "modal", modal });
  }

  /** The form with what was typed into it. */
  async function openAgain(acting: Acting, actId: string) {
    const form = typed.find(actId, acting.person.id);
    if (form !== undefined) {
      const modal = modalOf(formOf(form.definition, form.values), form.definition, actId);
      return await answerFirst(acting, { kind: "modal", modal });
    }
    // Another process may have it, and be the one that answers.
    await pause(waits.pauseMs, patience.stopping);
    await say(acting, note("no form"));
  }

  async function submit(acting: Acting, { data, message }: APIModalSubmitInteraction) {
    const values = valuesIn(data.components);
    if (data.custom_id === ASK_ID) return await ask(acting, values[QUESTION] ?? "", message);
    const form = readFormId(data.custom_id);
    const definition = form && core.catalogue.find(({ name }) => name === form.command);
    if (form === undefined || definition === undefined) return await say(acting, note("old form"));
    const filled = { ...form.given, ...values };
    const call = formCall(definition.name, filled);
    // Opened from a message that is seen by all, its answer goes under that message, like that of a press.
    const isFromAll = message !== undefined && !isPrivate(message);
    const from = isFromAll ? message.id : typed.find(form.from, acting.person.id)?.from;
    const mistakes = Object.values(core.mistakes(call));
    if (mistakes.length > 0) {
      if (definition.form === undefined) return await say(acting, note("old form"));
      typed.keep(acting.id, { person: acting.person.id, definition, values: withoutKeys(filled), from });
      return await say(acting, mistakesCard(mistakes, acting.id));
    }
    const first: FirstAnswer = from === undefined ? thinkingFor(call) : { kind: "noted" };
    await actOn(acting, first, ({ place }) => ({
      inbound: { kind: "command", call },
      answerAt: from === undefined ? place : under(place, from),
    }));
  }

  async function ask(acting: Acting, text: string, message: APIMessage | undefined) {
    if (message === undefined) return await say(acting, note("old form"));
    if (text.trim() === "") return await say(acting, note("no question"));
    await actOn(acting, { kind: "noted" }, ({ place }) => {
      const thread = under(place, message.id);
      return {
        inbound: { kind: "reply", text, toBot: true },
        place: thread,
        answerAt: thread,
        isUnseen: true,
      };
    });
  }

  return { openForm, openAgain, submit };
}

/** What is shown again, and sent to Discord for it. */
function withoutKeys(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !holdsOwnKey(value)));
}
