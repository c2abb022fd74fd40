import type { Card } from "../../src/chat/card.ts";
import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import { answerIdOf, type Inbound, type Place, type Reply, type Secret } from "../../src/chat/platform.ts";
import type { Handled } from "./acts.ts";
import { placeOf, YOU } from "./message.ts";
import { createSecrets, type SecretsParts } from "./secrets.ts";
import { withoutSecrets } from "./withoutSecrets.ts";

/** What is answered to acts, kept in the history: from there every page shows it. */
export interface Answers {
  /**
   * @param at where a message that answers goes
   * @param about the message that was pressed, or asked about
   */
  show(reply: Reply, inbound: Inbound, at: Place, about?: KeptMessage): Promise<Handled>;
  /** Says it to the one who acted and to nobody else. */
  whisper(actId: string, at: Place, card: Card): Promise<void>;
}

export interface AnswersParts extends SecretsParts {
  history: MessageHistory;
  /** Called after each change of the history. */
  changed: () => void;
}

export function createAnswers(parts: AnswersParts): Answers {
  const { history, log, changed } = parts;
  const showOnce = createSecrets(parts);

  async function show(reply: Reply, inbound: Inbound, at: Place, about?: KeptMessage): Promise<Handled> {
    switch (reply.kind) {
      case "silence":
        return { outcome: "done" };
      case "replace":
        if (about !== undefined && (await history.edit(about.id, reply.card)) === undefined) {
          return { outcome: "refused", why: "This message is gone." };
        }
        changed();
        return { outcome: "done" };
      case "message": {
        if (reply.secret !== undefined) return await showSecret(reply.card, reply.secret, inbound, at);
        const isPrivate =
          reply.visibility === "caller" || (inbound.kind === "explain" && about?.onlyFor !== undefined);
        const kept = await keep(inbound.id, at, reply.card, isPrivate ? YOU : undefined);
        await tellShown(reply, at, kept);
        return { outcome: "done", ...(kept.thread !== undefined && { thread: kept.thread }) };
      }
    }
  }

  async function showSecret(
    card: Card,
    secret: Secret,
    { id, person: { zone } }: Inbound,
    at: Place,
  ): Promise<Handled> {
    const then = await showOnce(card, secret, { id, zone, keep: (shown) => keep(id, at, shown, YOU) });
    try {
      if (then !== undefined) await keep(`${id}:after`, at, then, YOU);
    } catch (err) {
      // It is done all the same, and must not be done again.
      log.error({ err, act: id }, "web: what came of a secret could not be said");
    }
    return { outcome: "done", ...(at.thread !== undefined && { thread: at.thread }) };
  }

  async function keep(
    actId: string,
    at: Place,
    card: Card,
    onlyFor: string | undefined,
  ): Promise<KeptMessage> {
    const kept = await history.append({
      channel: at.channel,
      ...(at.thread !== undefined && { thread: at.thread }),
      author: { kind: "bot" },
      body: { card: withoutSecrets(card, await history.redactor()) },
      ...(onlyFor !== undefined && { onlyFor }),
      onceId: answerIdOf(actId),
    });
    changed();
    return kept;
  }

  async function tellShown(
    reply: Extract<Reply, { kind: "message" }>,
    at: Place,
    kept: KeptMessage,
  ): Promise<void> {
    try {
      await reply.shown?.({ place: placeOf(kept, at), id: kept.id });
    } catch (err) {
      // The answer stands; only its later edits are lost.
      log.error({ err, message: kept.id }, "web: the core could not note where its answer stands");
    }
  }

  return {
    show,
    async whisper(actId, at, card) {
      await keep(actId, at, card, YOU);
    },
  };
}
