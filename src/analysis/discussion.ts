import { randomUUID } from "node:crypto";
import type { Deliverer } from "../alerting/deliver.ts";
import { oweDelivery } from "../alerting/deliveries.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, MessageRef } from "../chat/platform.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { CalledOff, type TaskOf } from "../jobs/queue.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import { type Models, tenantModel } from "../models/tenantModel.ts";
import { redactionOf, unnumberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Thinking, thinkingCard } from "./askingCard.ts";
import { analyseBuiltin } from "./builtin.ts";
import { type Conversation, findConversation } from "./conversations.ts";
import { discuss } from "./discuss.ts";
import { answerFollowUp } from "./followUp.ts";
import type { InTurn } from "./inTurn.ts";
import { startProgress } from "./progress.ts";
import { queueKept } from "./queueKept.ts";
import { errorsSince, replyCard } from "./replyCard.ts";
import { saidOf } from "./said.ts";
import {
  type AskedTurn,
  addTurnIn,
  askTurn,
  claimTurn,
  countQuestionsBefore,
  findTurn,
  lastTurns,
  type NewTurn,
  rememberTurnMessage,
} from "./turns.ts";
import { insteadNote } from "./words.ts";

export interface DiscussionParts {
  directory: TenantDirectory;
  logs: LogSource;
  fingerprints: FingerprintPool;
  inTurn: Pick<InTurn, "queueNext">;
  deliverer: Pick<Deliverer, "wake">;
  platforms: readonly ChatPlatform[];
  models: Models;
  stopping: AbortSignal;
  traces: Traces;
  log: Log;
  now: () => number;
}

/** Answers questions about a root cause with a model: off the request path, through the job queue and the outbox. */
export interface Discussion {
  /** Keeps a question and queues it; the same act again finds the one it asked. */
  ask(scope: TenantScope, conversation: Conversation, question: Omit<NewTurn, "author">): Promise<AskedTurn>;
  /** Keeps where the answer will be shown. */
  shown(scope: TenantScope, turn: AskedTurn, message: MessageRef): Promise<void>;
  run(task: TaskOf<"reply">): Promise<void>;
  giveUp(task: TaskOf<"reply">, error: unknown): Promise<void>;
}

/** Turns a question is answered with, the ones that are summed up included. */
const TURNS_READ = 40;
const TURN_CHARS = 2_000;

export function createDiscussion(parts: DiscussionParts): Discussion {
  const { directory, logs, fingerprints, deliverer, models, stopping, traces, log, now } = parts;

  return {
    async ask(scope, conversation, question) {
      const turn = await askTurn(scope, conversation.id, question);
      if (turn.state === "queued") await queueKept(parts, scope, turn.id);
      return turn;
    },

    async shown(scope, turn, message) {
      await rememberTurnMessage(scope, turn.id, message);
    },

    async run(task) {
      const found = await find(task);
      if (found === undefined) return;
      await traces.below(found.turn.onceId, () => traces.span("answer", {}, () => look(found)));
    },

    async giveUp(task, err) {
      const found = await find(task);
      if (found === undefined) return;
      const reference = randomUUID().slice(0, 8);
      log.error({ err, reference, conversation: found.conversation.id }, "a question was given up");
      await end(
        found,
        {
          title: found.conversation.service,
          tone: "warning",
          badge: "FAILED",
          body: [
            {
              kind: "text",
              text: `Something went wrong on LogHunter's side, and trying again did not help. Its log says more under reference ${reference}. Ask again in a minute.`,
            },
          ],
        },
        "failed",
      );
    },
  };

  async function look(found: Found): Promise<void> {
    const { scope, conversation, turn } = found;
    const { pack } = conversation;
    const model = await tenantModel(scope, models, log);
    if (pack === undefined) return end(found, nothingCard(conversation), "failed");
    const turns = await lastTurns(scope, conversation.id, TURNS_READ, turn.number);
    const answer = conversation.answer ?? analyseBuiltin(pack);
    const builtin = async (why?: string) => {
      const since = errorsSince({ logs, now }, scope, pack);
      const card = await answerFollowUp({ pack, answer, turns, question: turn.body, errorsSince: since });
      return replyCard(card, { logs, scope, pack, answer }, why);
    };
    if (model === undefined) return end(found, await builtin(), "answered");

    const asked = `${model.provider} ${model.model}`;
    const progress = await startProgress(parts, scope, {
      workspaceId: conversation.at.workspaceId,
      place: async () => {
        const at = await findTurn(scope, turn.id);
        if (at?.state !== "queued" || at.shownAt === undefined) return undefined;
        return { channel: conversation.at.channel, shownAt: at.shownAt };
      },
    });
    let thinking: Thinking = { asked };
    const show = (more: Partial<Thinking>) => {
      thinking = { ...thinking, ...more };
      progress.show(thinkingCard(pack.service, thinking));
    };
    const questionsBefore = await countQuestionsBefore(scope, turn);
    const redaction = await unnumberedRedactionOf(scope);
    const result = await discuss({
      model,
      conversation: { pack, answer, fence: conversation.fence ?? `EVIDENCE-${conversation.id}` },
      turns,
      questionsBefore,
      question: turn.body,
      linkHosts: models.linkHosts,
      ...(models.system !== undefined && { system: models.system }),
      lookUp: { scope, logs, redaction, fingerprints, pack, nowMs: now(), signal: stopping },
      show: (soFar, lookingUp) => show({ soFar, lookingUp }),
      onStanding: (standing) => show({ standing, lookingUp: undefined }),
    }).finally(() => progress.settled());
    if (stopping.aborted) throw new CalledOff("stopped while a model was asked");
    if ("why" in result) return end(found, await builtin(insteadNote(model, result.why)), "answered");
    await end(found, result.card, "answered", result.lookedUp);
  }

  /** The question of a task that still needs an answer: a job may run twice, an answer stands once. */
  async function find(task: TaskOf<"reply">): Promise<Found | undefined> {
    const scope = await directory.scopeOf(task.tenantId);
    const turn = scope && (await findTurn(scope, task.turnId));
    if (scope === undefined || turn?.state !== "queued") return undefined;
    const conversation = await findConversation(scope, turn.conversationId);
    // What is shown nowhere has no thread to ask in.
    if (conversation?.at === undefined) return undefined;
    return { scope, conversation: { ...conversation, at: conversation.at }, turn };
  }

  /** Owes the answer in the transaction that makes it the answer, and remembers it for the questions to come. */
  async function end(
    { scope, conversation, turn }: Found,
    card: Card,
    state: "answered" | "failed",
    lookedUp: Parameters<typeof addTurnIn>[4] = [],
  ): Promise<void> {
    const { sampleOf } = await redactionOf(scope);
    await scope.transaction(async (db) => {
      if (!(await claimTurn(scope, db, turn.id, state))) return;
      const said = { author: "bot", personId: "bot", body: sampleOf(saidOf(card), TURN_CHARS) } as const;
      await addTurnIn(scope, db, conversation.id, { ...said, onceId: `answer:${turn.onceId}` }, lookedUp);
      await oweDelivery(scope, db, {
        ...conversation.at,
        conversationId: conversation.id,
        kind: "reply",
        sequence: turn.number,
        card,
      });
    });
    deliverer.wake();
  }
}

interface Found {
  scope: TenantScope;
  conversation: Conversation & Required<Pick<Conversation, "at">>;
  turn: AskedTurn;
}

function nothingCard({ service }: Conversation): Card {
  return {
    title: service,
    tone: "neutral",
    body: [
      {
        kind: "text",
        text: "That analysis failed, so there is no evidence to answer from. Ask again with analyze.",
      },
    ],
  };
}
