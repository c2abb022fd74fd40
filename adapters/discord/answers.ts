import type { Card } from "../../src/chat/card.ts";
import { answerIdOf, type MessageRef, type Person, type Place, type Reply } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Done } from "./api.ts";
import type { Failure } from "./errors.ts";
import type { InteractionPosting, InteractionToken } from "./interactionPosting.ts";
import { type DiscordMessage, privately } from "./message.ts";
import { CLOSED_DOOR, directly } from "./notes.ts";
import type { HowToPost, Posting } from "./posting.ts";
import { type Patience, retrying } from "./retrying.ts";
import type { Secrets } from "./secrets.ts";
import { nonceOf } from "./standing.ts";
import type { Threads } from "./threads.ts";

/** Where an act came from, and so where its answer goes. */
export interface Origin {
  actId: string;
  person: Person;
  /** Where the act was done. */
  place: Place;
  /** Where an answer for everybody goes; the thread in it is opened where there is none. */
  answerAt: Place;
  /** Absent for what was written: there nobody waits for Discord. */
  interaction?: InteractionOrigin;
  /** The message that was pressed. */
  pressed?: MessageRef;
}

export interface InteractionOrigin extends InteractionToken {
  /** What the first answer was; "nothing" where Discord did not take it. */
  first: "thinking" | "thinking privately" | "noted" | "nothing";
  /** The pressed message is for the person only. */
  ofPrivate?: boolean;
}

/** Shows what the core answers, and does not give up at the first failure. Never throws. */
export interface Answers {
  show(reply: Reply, origin: Origin): Promise<void>;
}

export interface AnswerParts {
  posting: Posting;
  byInteraction: InteractionPosting;
  threads: Threads;
  secrets: Secrets;
  log: Log;
  patience: Patience;
  draw(card: Card): Promise<DiscordMessage>;
  /** Sends a direct message. */
  tell(
    place: Place,
    person: string,
    message: DiscordMessage,
    how: HowToPost,
  ): Promise<Done<unknown> | Failure>;
}

/** One way to show an answer; the next is tried where Discord refuses it. */
type Way = (again: boolean) => Promise<Done<MessageRef> | Failure>;

export function createAnswers(parts: AnswerParts): Answers {
  const { posting, byInteraction, threads, log, patience } = parts;

  async function show(reply: Reply, origin: Origin): Promise<void> {
    const { interaction } = origin;
    switch (reply.kind) {
      case "silence":
        if (isThinking(interaction)) await removeThinking(interaction);
        return;
      case "replace":
        return await replace(reply.card, origin);
      case "message": {
        if (reply.secret !== undefined)
          return await parts.secrets.show(reply.card, reply.secret, origin, show);
        const message = await parts.draw(reply.card);
        const forAll = reply.visibility === "channel";
        const ways = forAll
          ? waysForAll(message, reply.card.title, origin)
          : waysForOne(message, reply.card, origin);
        const shown = await firstThatWorks(ways, origin);
        if (shown === undefined) return;
        if (forAll && reply.card.discussable && shown.place.thread === undefined) {
          await threads.openUnder(shown, reply.card.title);
        }
        await tellShown(reply, shown);
      }
    }
  }

  async function replace(card: Card, origin: Origin): Promise<void> {
    const { pressed, interaction } = origin;
    if (pressed === undefined) return await show({ kind: "message", visibility: "caller", card }, origin);
    const message = await parts.draw(card);
    const ways: Way[] = [];
    if (interaction?.first === "noted")
      ways.push(() => byInteraction.editOriginal(interaction, message, pressed));
    if (!interaction?.ofPrivate) ways.push(() => posting.edit(pressed, message, patience.stopping));
    const shown = await firstThatWorks(ways, origin);
    if (shown !== undefined && card.discussable && !interaction?.ofPrivate) {
      await threads.openUnder(pressed, card.title);
    }
  }

  function waysForAll(message: DiscordMessage, title: string, origin: Origin): Way[] {
    const { interaction, place, answerAt, actId } = origin;
    const post = (at: Place): Way => {
      return (maybeSent) => {
        const how = { title, nonce: nonceOf(answerIdOf(actId)), maybeSent, signal: patience.stopping };
        return posting.post(at, message, how);
      };
    };
    if (interaction === undefined) return [post(answerAt)];
    const followUp: Way = () => byInteraction.followUp(interaction, message, place);
    switch (interaction.first) {
      case "thinking":
        return [() => byInteraction.editOriginal(interaction, message, place), post(answerAt)];
      case "thinking privately": {
        const posted = post(answerAt);
        const instead: Way = async (again) => {
          const sent = await posted(again);
          if (sent.kind === "done") await removeThinking(interaction);
          return sent;
        };
        // Better seen by one than by nobody, where LogHunter may not write.
        return [instead, () => byInteraction.editOriginal(interaction, message, place)];
      }
      case "noted":
        // A private message has no thread, and where it stands the bot may not even be.
        return interaction.ofPrivate ? [followUp, post(place)] : [post(answerAt), followUp];
      case "nothing":
        return [post(answerAt)];
    }
  }

  function waysForOne(message: DiscordMessage, card: Card, origin: Origin): Way[] {
    const { interaction, place, person, actId } = origin;
    const direct: Way = async (maybeSent) => {
      const how = { title: "", nonce: nonceOf(answerIdOf(actId)), maybeSent, signal: patience.stopping };
      const told = await parts.tell(place, person.id, await parts.draw(directly(card)), how);
      return told.kind === "done" ? { kind: "done", value: { place, id: "" } } : told;
    };
    if (interaction === undefined) {
      const knock = { title: "LogHunter", nonce: nonceOf(`closed ${actId}`), signal: patience.stopping };
      return [direct, async () => await posting.post(place, await parts.draw(CLOSED_DOOR), knock)];
    }
    const own = privately(message);
    const followUp: Way = () => byInteraction.followUp(interaction, own, place);
    switch (interaction.first) {
      case "thinking privately":
        return [() => byInteraction.editOriginal(interaction, own, place), direct];
      case "thinking": {
        // What follows an answer that is still awaited takes its place, seen by everybody: so that goes first.
        const removed = removeThinking(interaction);
        return [() => removed.then(() => followUp(false)), direct];
      }
      case "noted":
        return [followUp, direct];
      case "nothing":
        return [direct];
    }
  }

  async function firstThatWorks(ways: readonly Way[], { actId }: Origin): Promise<MessageRef | undefined> {
    let why = "there was no way";
    for (const way of ways) {
      const outcome = await retrying(way, patience);
      if (outcome.kind === "done") return outcome.value;
      why = outcome.why;
      log.warn({ act: actId, why }, "discord: an answer could not be shown in this way");
    }
    log.error({ act: actId, why }, "discord: an answer could not be shown");
    return undefined;
  }

  async function removeThinking(interaction: InteractionOrigin): Promise<void> {
    const gone = await retrying(() => byInteraction.removeOriginal(interaction), patience);
    if (gone.kind !== "done") log.info({ why: gone.why }, "discord: what was shown as under way stays");
  }

  async function tellShown(reply: Extract<Reply, { kind: "message" }>, shown: MessageRef): Promise<void> {
    if (shown.id === "") return;
    try {
      await reply.shown?.(shown);
    } catch (err) {
      // The answer stands; only its later edits are lost.
      log.error({ err, message: shown.id }, "discord: the core could not note where its answer stands");
    }
  }

  return { show };
}

function isThinking(interaction: InteractionOrigin | undefined): interaction is InteractionOrigin {
  return interaction?.first === "thinking" || interaction?.first === "thinking privately";
}
