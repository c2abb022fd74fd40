import type { Card } from "../chat/card.ts";
import { plainText } from "../chat/plainText.ts";
import type { Person, Place } from "../chat/platform.ts";
import { sumOf } from "../evidence/numbers.ts";
import { ERROR_LEVELS, type LogSource } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { analyseBuiltin } from "./builtin.ts";
import { linesLink } from "./card.ts";
import { addTurn, type Conversation, findConversationByThread, lastTurns } from "./conversations.ts";
import { answerFollowUp } from "./followUp.ts";
import { linesBehind } from "./linesBehind.ts";

export interface ThreadReply {
  id: string;
  place: Place;
  person: Person;
  text: string;
}

/** Turns of a thread that a question is read against. */
const REMEMBERED_TURNS = 12;
/** What is kept of a question or an answer, without the secrets in it. */
const TURN_CHARS = 2_000;
const MAX_NOW_MS = 6 * 60 * 60_000;

/** What the bot says to a message in a thread; undefined where the thread is not one of its conversations. */
export async function replyInThread(
  workspace: Workspace,
  reply: ThreadReply,
  { logs, now }: { logs: LogSource; now: () => number },
): Promise<Card | undefined> {
  const { scope } = workspace;
  const { channel, thread } = reply.place;
  if (thread === undefined) return undefined;
  const conversation = await findConversationByThread(workspace, channel, thread);
  if (conversation === undefined) return undefined;
  const { pack } = conversation;
  if (pack === undefined) return notReady(conversation);

  const turns = await lastTurns(scope, conversation.id, REMEMBERED_TURNS);
  const { sampleOf } = await redactionOf(scope);
  const said = { personId: reply.person.id, body: sampleOf(reply.text, TURN_CHARS) };
  await addTurn(scope, conversation.id, { author: "person", ...said, onceId: reply.id });
  const answer = analyseBuiltin(pack);
  const told = await answerFollowUp({
    pack,
    answer,
    turns,
    question: reply.text,
    async errorsSince(service) {
      const stepMs = 60_000;
      const fromMs = Math.max(pack.window.toMs, now() - MAX_NOW_MS);
      const minutes = Math.floor((now() - fromMs) / stepMs);
      if (minutes <= 0) return [];
      const query = { fromMs, toMs: fromMs + minutes * stepMs, stepMs, services: [service] };
      const levels = ERROR_LEVELS.filter((level) => level !== "WARN");
      const series = await logs.counts(scope.lokiOrgId, { ...query, namespace: pack.namespace, levels });
      // A service that logged nothing has no series, which is zero and not unknown.
      return Array.from({ length: minutes }, (_, i) => sumOf(series.map(({ counts }) => counts[i] ?? 0)));
    },
  });
  const url = showsLines(told) ? await logs.linkTo(scope.lokiOrgId, linesBehind(pack, answer)) : undefined;
  const card = { ...told, body: [...told.body, ...linesLink(url)] };
  const answered = { personId: "bot", body: sampleOf(plainText(card), TURN_CHARS) };
  await addTurn(scope, conversation.id, { author: "bot", ...answered, onceId: `answer:${reply.id}` });
  return card;
}

function showsLines({ body }: Card): boolean {
  return body.some((block) => block.kind === "items" && block.items.some(({ log }) => log !== undefined));
}

function notReady(conversation: Conversation): Card {
  return {
    title: conversation.service,
    tone: "neutral",
    body: [
      {
        kind: "text",
        text:
          conversation.state === "failed"
            ? "That analysis failed, so there is no evidence to answer from. Ask again with analyze."
            : "Still looking. Ask again in a few seconds.",
      },
    ],
  };
}
