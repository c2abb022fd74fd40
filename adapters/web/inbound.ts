import type { CommandCall } from "../../src/chat/call.ts";
import { type Card, decodeAction, encodeAction } from "../../src/chat/card.ts";
import { findCommand } from "../../src/chat/command.ts";
import { formCall } from "../../src/chat/form.ts";
import type { KeptMessage } from "../../src/chat/history.ts";
import { plainText } from "../../src/chat/plainText.ts";
import {
  answerIdOf,
  type ChatCore,
  type FormAct,
  type Inbound,
  type Person,
  type Place,
} from "../../src/chat/platform.ts";
import { typedCall } from "../../src/chat/typedCall.ts";
import type { Acts, Asked, Filled, Handled, Pressed, Said } from "./acts.ts";
import { type AnswersParts, createAnswers } from "./answers.ts";
import { sendableForm } from "./forms.ts";
import { howToBegin, SLASH } from "./hint.ts";
import { mayRead, placeOf, YOU, YOUR_NAME } from "./message.ts";
import { rememberActs } from "./once.ts";

export interface ActParts extends AnswersParts {
  core: ChatCore;
  workspace: string;
  platform: string;
}

export function createActs(parts: ActParts): Acts {
  const { core, history, changed } = parts;
  const once = rememberActs();
  const answers = createAnswers(parts);

  /** What was typed is kept without the secrets in it, and so it is shown: it stays longer than it is needed. */
  async function keepSaid(said: Said, shown: string, command: string | undefined): Promise<KeptMessage> {
    const forCaller =
      command === undefined ? said.thread === undefined : core.visibilityOf({ text: command }) === "caller";
    const kept = await history.append({
      channel: said.channel,
      ...(said.thread !== undefined && { thread: said.thread }),
      author: { kind: "person", id: YOU, name: YOUR_NAME },
      body: { text: shown },
      ...(forCaller && { onlyFor: YOU }),
      onceId: said.id,
    });
    changed();
    return kept;
  }

  async function handleSaid(said: Said): Promise<Handled> {
    const root = await rootOf(said);
    if (root === "gone") return { outcome: "refused", why: "This thread is gone." };
    const command = commandIn(said.text);
    const call: CommandCall = { text: command ?? "" };
    const opens = command !== undefined && core.opensForm({ kind: "command", call });
    // A form in place of an answer: nothing was said yet.
    const asked = opens ? await openForm({ ...actOf(said), kind: "command", call }, said) : undefined;
    if (asked !== undefined && !("card" in asked)) return asked;
    const redact = await history.redactor();
    const shown = redact(said.text);
    const kept = await keepSaid(said, shown, command);
    if (asked !== undefined) {
      await answers.whisper(said.id, placeOf(kept, parts), asked.card);
      return { outcome: "done" };
    }
    // What stands in the history is the act: a repeat with the same id cannot become another one.
    if (kept.author.kind !== "person" || !("text" in kept.body)) return REFUSED_ID;
    if ((await history.findOnce(answerIdOf(said.id))) !== undefined) return { outcome: "done" };

    const act = actOf(said);
    // What was typed, secrets and all, is what is done, where that is what stands there.
    const text = kept.body.text === shown ? said.text : kept.body.text;
    const typed = commandIn(text);
    if (typed !== undefined)
      return await answer({ ...act, kind: "command", call: { text: typed } }, act.place);
    if (kept.thread !== undefined) {
      const toBot = root?.author.kind === "bot";
      return await answer({ ...act, kind: "reply", text, toBot, alone: true }, act.place);
    }
    await answers.whisper(act.id, act.place, howToBegin(core.catalogue, text));
    return { outcome: "done" };
  }

  async function handlePress(pressed: Pressed): Promise<Handled> {
    const message = await history.get(pressed.message);
    if (message === undefined || !mayRead(message))
      return { outcome: "refused", why: "This message is gone." };
    const action = decodeAction(pressed.action);
    const shown = "card" in message.body ? (message.body.card.actions ?? []) : [];
    if (action === undefined || !shown.some((button) => encodeAction(button.action) === pressed.action)) {
      return {
        outcome: "refused",
        why: "This message has changed, and the button is gone. Look at it again.",
      };
    }
    const place = placeOf(message, parts);
    const act = { kind: "press", action, message: { place, id: message.id } } as const;
    const inbound = { id: pressed.id, place, person: person(pressed.zone), ...act };
    const under = threadUnder(message, place);
    if (!core.opensForm(act)) return await answer(inbound, under, message);
    const asked = await openForm(inbound, under);
    if (!("card" in asked)) return asked;
    await answers.whisper(pressed.id, under, asked.card);
    return { outcome: "done" };
  }

  async function handleFilled(filled: Filled): Promise<Handled> {
    const { id, command, channel, thread, zone } = filled;
    if (!core.catalogue.some(({ name, form }) => name === command && form !== undefined))
      return { outcome: "refused", why: "This form is from another version of LogHunter. Open it again." };
    const call = formCall(command, filled.values);
    const mistakes = core.mistakes(call);
    if (Object.keys(mistakes).length > 0) return { outcome: "mistakes", mistakes };
    // What stands there for it is what would have been typed.
    const text = `${SLASH} ${typedCall(findCommand(core.catalogue, command), call.options)}`;
    const said = { id, text, channel, thread, zone };
    if ((await rootOf(said)) === "gone") return { outcome: "refused", why: "This thread is gone." };
    const redact = await history.redactor();
    const kept = await keepSaid(said, redact(text), text.slice(SLASH.length));
    if (kept.author.kind !== "person") return REFUSED_ID;
    if ((await history.findOnce(answerIdOf(id))) !== undefined) return { outcome: "done" };
    const act = actOf(said);
    return await answer({ ...act, kind: "command", call }, act.place);
  }

  async function handleExplain({ id, message: wanted, zone }: Asked): Promise<Handled> {
    const message = await history.get(wanted);
    if (message === undefined || !mayRead(message))
      return { outcome: "refused", why: "This message is gone." };
    if ((await history.findOnce(answerIdOf(id))) !== undefined) return { outcome: "done" };
    const place = placeOf(message, parts);
    const text = "text" in message.body ? message.body.text : plainText(message.body.card);
    const explain = { kind: "explain", text, message: { place, id: message.id } } as const;
    // Also under a message that only its writer sees: the thread is as private as it is.
    const under = { ...place, thread: message.thread ?? message.id };
    return await answer({ id, place, person: person(zone), ...explain }, under, message);
  }

  async function answer(inbound: Inbound, at: Place, about?: KeptMessage): Promise<Handled> {
    return await answers.show(await core.handle(inbound), inbound, at, about);
  }

  async function openForm(
    inbound: Inbound & FormAct,
    at: { channel: string; thread?: string | undefined },
  ): Promise<Extract<Handled, { outcome: "form" }> | { card: Card }> {
    const asked = await core.form(inbound);
    if ("card" in asked) return asked;
    return { outcome: "form", form: sendableForm(core.catalogue, asked.form, at) };
  }

  /** The message that a thread hangs under; undefined in the channel itself. */
  async function rootOf(said: Said): Promise<KeptMessage | "gone" | undefined> {
    if (said.thread === undefined) return undefined;
    const root = await history.get(said.thread);
    if (root !== undefined && mayRead(root) && root.channel === said.channel && root.thread === undefined)
      return root;
    return "gone";
  }

  function actOf({ id, zone, channel, thread }: Omit<Said, "text">) {
    return { id, place: placeOf({ channel, thread }, parts), person: person(zone) };
  }

  return {
    say: (said) => once(said.id, () => handleSaid(said)),
    press: (pressed) => once(pressed.id, () => handlePress(pressed)),
    // What was wrong is sent off again, put right, with an id of its own.
    fill: (filled) => once(filled.id, () => handleFilled(filled)),
    explain: (asked) => once(asked.id, () => handleExplain(asked)),
    settled: once.settled,
  };
}

/** An answer to a press goes under what was pressed; what only one person sees has no thread. */
function threadUnder(pressed: KeptMessage, place: Place): Place {
  if (pressed.onlyFor !== undefined) return place;
  return { ...place, thread: pressed.thread ?? pressed.id };
}

const REFUSED_ID: Handled = {
  outcome: "refused",
  why: "This id was used for something else. Reload the page.",
};

/** Who holds the printed address runs the process, or was given it by who does. */
function person(zone: string | undefined): Person {
  return {
    id: YOU,
    name: YOUR_NAME,
    platformAdmin: true,
    operator: true,
    ...(zone !== undefined && { zone }),
  };
}

/** What follows `/loghunter`; undefined for any other text. Phones like to write it with a capital. */
function commandIn(text: string): string | undefined {
  const trimmed = text.trimStart();
  if (trimmed.slice(0, SLASH.length).toLowerCase() !== SLASH) return undefined;
  const rest = trimmed.slice(SLASH.length);
  return rest === "" || /^\s/.test(rest) ? rest.trim() : undefined;
}
