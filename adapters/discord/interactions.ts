import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessage,
  type APIMessageApplicationCommandInteraction,
  type APIMessageComponentInteraction,
  ApplicationCommandType,
  InteractionType,
} from "discord.js";
import type { CommandCall } from "../../src/chat/call.ts";
import { type Action, type Card, decodeAction } from "../../src/chat/card.ts";
import type { ChatCore, Inbound, MessageRef, Place } from "../../src/chat/platform.ts";
import { type Acting, type Answerable, acknowledge, actingOf, type FirstAnswer } from "./acting.ts";
import type { Origin } from "./answers.ts";
import { chosen, focused } from "./chosen.ts";
import type { NativeCommands } from "./commands.ts";
import { textIn } from "./explained.ts";
import { createFormActs } from "./formActs.ts";
import { askModal } from "./forms.ts";
import type { InboundParts } from "./inbound.ts";
import { CHOICE_CHARS, CHOICES } from "./limits.ts";
import { privately } from "./message.ts";
import { FORM_AGAIN, note } from "./notes.ts";
import { idsIn, interactionOf, isPrivate, under } from "./origin.ts";
import type { Found } from "./places.ts";
import { ASK_ID } from "./render.ts";
import { within } from "./waits.ts";

/** What people do with commands, buttons and forms. */
export interface Interactions {
  take(interaction: APIInteraction): Promise<void>;
}

export function createInteractions(
  parts: InboundParts & { core: ChatCore; native: NativeCommands },
): Interactions {
  const { core, native, api, answers, once, places, channels, patience, log } = parts;
  const { waits, now } = patience;
  const forms = createFormActs({ ...parts, doing: { answerFirst, say, actOn, thinkingFor } });

  async function take(interaction: APIInteraction): Promise<void> {
    if (!once.isNew(interaction.id)) return;
    const acting = actingOf(interaction, now());
    if (acting === undefined) return await takeFromNoServer(interaction);
    channels.note(acting.channel);
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        if (interaction.data.type === ApplicationCommandType.ChatInput) {
          return await command(acting, interaction as APIChatInputApplicationCommandInteraction);
        }
        if (interaction.data.type === ApplicationCommandType.Message) {
          return await explain(acting, interaction as APIMessageApplicationCommandInteraction);
        }
        return;
      case InteractionType.ApplicationCommandAutocomplete:
        return await complete(acting, interaction);
      case InteractionType.MessageComponent:
        return await press(acting, interaction);
      case InteractionType.ModalSubmit:
        return await forms.submit(acting, interaction);
    }
  }

  /** A button under what was said directly, most likely: whose logs it is about nobody vouches for. */
  async function takeFromNoServer({ id, token, type }: APIInteraction): Promise<void> {
    const from = { id, token, arrivedAtMs: now() };
    if (type === InteractionType.ApplicationCommandAutocomplete)
      return await answerFirst(from, { kind: "choices", choices: [] });
    if (type !== InteractionType.Ping) await say(from, note("no server"));
  }

  async function command(acting: Acting, { data }: APIChatInputApplicationCommandInteraction) {
    const found = chosen(data.options ?? [], native);
    if (found === undefined) return await say(acting, note("old command"));
    const call: CommandCall = { name: found.definition.name, options: found.values };
    if (core.opensForm({ kind: "command", call }))
      return await forms.openForm(acting, { kind: "command", call });
    await actOn(acting, thinkingFor(call), ({ place }) => ({
      inbound: { kind: "command", call },
      answerAt: place,
    }));
  }

  function thinkingFor(call: CommandCall): FirstAnswer {
    return { kind: "thinking", privately: core.visibilityOf(call) === "caller" };
  }

  async function explain(acting: Acting, { data }: APIMessageApplicationCommandInteraction) {
    const target = data.resolved.messages[data.target_id];
    const text = target === undefined ? "" : textIn(target);
    if (target === undefined || text === "") {
      const isFile = (target?.attachments.length ?? 0) > 0;
      return await say(acting, note(isFile ? "only a file" : "nothing to explain"));
    }
    await actOn(acting, { kind: "thinking", privately: true }, ({ place }) => {
      places.note(target.id, target.author.id === acting.application);
      return {
        inbound: { kind: "explain", text, message: { place, id: target.id } },
        answerAt: under(place, target.id),
      };
    });
  }

  async function complete(acting: Acting, { data }: APIApplicationCommandAutocompleteInteraction) {
    const found = focused(data.options, native);
    const choices = found === undefined ? [] : await suggestions(acting, found);
    await answerFirst(acting, { kind: "choices", choices });
  }

  async function suggestions(acting: Acting, asked: { command: string; option: string; typed: string }) {
    try {
      const asking = places
        .of(acting.guild, acting.channel)
        .then(({ place }) => core.suggest({ place, person: acting.person, ...asked }));
      const values = (await within(waits.askCoreMs, asking)) ?? [];
      const fitting = values.filter((value) => value.trim() !== "" && value.length <= CHOICE_CHARS);
      return [...new Set(fitting)].slice(0, CHOICES).map((value) => ({ name: value, value }));
    } catch (err) {
      log.warn({ err }, "discord: what is typed could not be completed");
      return [];
    }
  }

  async function press(acting: Acting, { data, message }: APIMessageComponentInteraction) {
    if (data.custom_id === ASK_ID) return await answerFirst(acting, { kind: "modal", modal: askModal() });
    const action = decodeAction(data.custom_id);
    if (action === undefined || !isPressable(acting, message, data.custom_id)) {
      return await say(acting, note("old button"));
    }
    if (action.name === FORM_AGAIN) return await forms.openAgain(acting, action.subject);
    const act = { kind: "press" as const, action };
    if (core.opensForm(act)) return await forms.openForm(acting, act, message);
    await actOn(acting, { kind: "noted" }, ({ place }) => pressOf(place, action, message), message);
  }

  function pressOf(place: Place, action: Action, { id }: APIMessage) {
    const ref: MessageRef = { place, id };
    return {
      inbound: { kind: "press" as const, action, message: ref },
      answerAt: under(place, id),
      pressed: ref,
    };
  }

  /** Only what stands on a message of LogHunter's, in the channel where it was pressed. */
  function isPressable({ application, channel }: Acting, message: APIMessage, id: string): boolean {
    const { author, channel_id, components } = message;
    const isOwn = author.id === parts.me() || message.application_id === application;
    return isOwn && channel_id === channel.id && idsIn(components ?? []).includes(id);
  }

  /** Acknowledges at once, hands the act to the core, and shows what it answers. */
  async function actOn(acting: Acting, first: FirstAnswer, read: (at: Found) => Act, on?: APIMessage) {
    const [acknowledged, mine] = await Promise.all([
      acknowledge(acting, first, { api, patience }),
      once.begin(acting.guild, acting.id),
    ]);
    if (!mine) return;
    const at = await places.of(acting.guild, acting.channel);
    const { inbound, answerAt, pressed, place = at.place, isUnseen } = read(at);
    const origin: Origin = {
      actId: acting.id,
      person: acting.person,
      place,
      answerAt,
      interaction: interactionOf(acting, first, acknowledged, on !== undefined && isPrivate(on)),
      ...(pressed !== undefined && { pressed }),
    };
    const reply = await core.handle({ id: acting.id, place, person: acting.person, ...inbound });
    // Where the others see no answer there is nothing for them to know the question of.
    if (isUnseen && reply.kind === "message" && reply.visibility === "channel" && reply.asked !== undefined)
      await parts.quote(answerAt, acting.person, reply.asked, acting.id);
    await answers.show(reply, origin);
    await once.end(acting.guild, acting.id);
  }

  /** An answer for the person only, made here. */
  async function say(acting: Answerable, card: Card) {
    await answerFirst(acting, { kind: "message", message: privately(await parts.draw(card)) });
  }

  async function answerFirst(acting: Answerable, answer: FirstAnswer) {
    const acknowledged = await acknowledge(acting, answer, { api, patience });
    // Of several processes one answers, and the others are told that it did.
    if (acknowledged === "no") {
      log.warn(
        { interaction: acting.id, kind: answer.kind },
        "discord: an interaction was answered too late",
      );
    }
  }

  return { take };
}

/** How an act is acknowledged and done. */
export interface Doing {
  answerFirst(acting: Answerable, answer: FirstAnswer): Promise<void>;
  /** An answer for the person only, made here. */
  say(acting: Answerable, card: Card): Promise<void>;
  actOn(acting: Acting, first: FirstAnswer, read: (at: Found) => Act, on?: APIMessage): Promise<void>;
  thinkingFor(call: CommandCall): FirstAnswer;
}

/** What is to be done, once it is known where. */
export interface Act {
  inbound: DistributedOmit<Inbound, "id" | "place" | "person">;
  /** Where the act is done, if not where the interaction was. */
  place?: Place;
  answerAt: Place;
  pressed?: MessageRef;
  /** It was asked in a field: the others in the thread are to see what is answered. */
  isUnseen?: true;
}

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
