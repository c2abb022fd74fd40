import type { Card } from "../chat/card.ts";
import type { Person, Place, Reply } from "../chat/platform.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import { type Models, type TenantModel, tenantModel } from "../models/tenantModel.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { thinkingCard } from "./askingCard.ts";
import { analyseBuiltin } from "./builtin.ts";
import { type Conversation, findConversationByThread } from "./conversations.ts";
import type { Discussion } from "./discussion.ts";
import { answerFollowUp, isUnderstood } from "./followUp.ts";
import { isAsking, isForBot, type Said } from "./forBot.ts";
import { errorsSince, replyCard } from "./replyCard.ts";
import { saidOf } from "./said.ts";
import { addTurn, lastTurns, listSpeakers } from "./turns.ts";

export interface ThreadReply extends Said {
  id: string;
  place: Place;
  person: Person;
}

export interface ReplyParts {
  logs: LogSource;
  discussion: Discussion;
  models: Models;
  log: Log;
  now: () => number;
}

/** Turns of a thread that the built-in analyzer reads a question against. */
const REMEMBERED_TURNS = 12;
/** What is kept of a question or an answer, without the secrets in it. */
const TURN_CHARS = 2_000;

const MEANWHILE =
  "Built-in analyzer: the model is still being asked for the cause. Ask again when it has answered to hear what it says.";

/** What the bot says to a message in a thread; undefined where the thread is not one of its conversations. */
export async function replyInThread(
  workspace: Workspace,
  reply: ThreadReply,
  parts: ReplyParts,
): Promise<Reply | undefined> {
  const { channel, thread } = reply.place;
  if (thread === undefined) return undefined;
  const conversation = await findConversationByThread(workspace, channel, thread);
  if (conversation === undefined) return undefined;
  return replyAbout(workspace, conversation, reply, parts);
}

/** The same where it is known what the question is about. */
export async function replyAbout(
  workspace: Workspace,
  conversation: Conversation,
  reply: ThreadReply,
  parts: ReplyParts,
): Promise<Reply> {
  const { scope } = workspace;
  const { pack } = conversation;
  if (pack === undefined) return message(notReady(conversation));
  const speakers = await listSpeakers(scope, conversation.id);
  const all = new Set([conversation.askedBy, ...speakers, reply.person.id]);
  if (!isForBot(reply, all.size, pack)) return { kind: "silence" };
  const model = await tenantModel(scope, parts.models, parts.log);
  // It would wait for its turn behind the root cause; what stands on the card meanwhile can be asked about at once.
  const isAsked = conversation.state === "queued";
  return model === undefined || isAsked
    ? answerAtOnce(workspace, conversation, pack, reply, parts, isAsked ? MEANWHILE : undefined)
    : askModel(workspace, conversation, pack, reply, model, parts);
}

/** Shows that a model is asked; the message turns into the answer. */
async function askModel(
  { scope }: Workspace,
  conversation: Conversation,
  pack: Pack,
  { id: onceId, person, text }: ThreadReply,
  { provider, model }: TenantModel,
  { discussion }: ReplyParts,
): Promise<Reply> {
  const { sampleOf } = await redactionOf(scope);
  const question = { personId: person.id, body: sampleOf(text, TURN_CHARS), onceId };
  const turn = await discussion.ask(scope, conversation, question);
  // The act was delivered again after its card had been shown: that one turns into the answer.
  if (turn.shownAt !== undefined) return { kind: "silence" };
  return {
    ...message(thinkingCard(pack.service, { asked: `${provider} ${model}` })),
    asked: question.body,
    shown: (shown) => discussion.shown(scope, turn, shown),
  };
}

async function answerAtOnce(
  { scope }: Workspace,
  conversation: Conversation,
  pack: Pack,
  reply: ThreadReply,
  { logs, now }: ReplyParts,
  why?: string,
): Promise<Reply> {
  const turns = await lastTurns(scope, conversation.id, REMEMBERED_TURNS);
  const answer = conversation.answer ?? analyseBuiltin(pack);
  const followUp = {
    ...{ pack, answer, turns, question: reply.text },
    errorsSince: errorsSince({ logs, now }, scope, pack),
  };
  const isMeant = reply.addresses === "bot" || reply.alone === true || isUnderstood(followUp);
  if (!isMeant && !isAsking(reply.text)) return { kind: "silence" };
  const { sampleOf } = await redactionOf(scope);
  const said = { personId: reply.person.id, body: sampleOf(reply.text, TURN_CHARS) };
  await addTurn(scope, conversation.id, { author: "person", ...said, onceId: reply.id });
  const card = await replyCard(await answerFollowUp(followUp), { logs, scope, pack, answer }, why);
  const answered = { personId: "bot", body: sampleOf(saidOf(card), TURN_CHARS) };
  await addTurn(scope, conversation.id, { author: "bot", ...answered, onceId: `answer:${reply.id}` });
  // People ask each other things too: that this was not understood is told to nobody else.
  return { ...message(card), asked: said.body, visibility: isMeant ? "channel" : "caller" };
}

function message(card: Card): Extract<Reply, { kind: "message" }> {
  return { kind: "message", visibility: "channel", card };
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
