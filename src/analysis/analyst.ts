import { randomUUID } from "node:crypto";
import type { Deliverer } from "../alerting/deliver.ts";
import type { Cache } from "../cache/cache.ts";
import { cacheFor } from "../cache/keys.ts";
import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { MessageRef } from "../chat/platform.ts";
import { threadOf } from "../chat/shownAt.ts";
import { UserError } from "../errors.ts";
import type { TaskOf } from "../jobs/queue.ts";
import { type JobStatus, writeJobStatus } from "../jobs/status.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Asking, beginConversation, type NewConversation } from "./beginConversation.ts";
import { failedCard } from "./card.ts";
import {
  type Conversation,
  claimAnswer,
  claimJoined,
  closeConversation,
  findConversation,
  rememberMessage,
} from "./conversations.ts";
import type { InTurn } from "./inTurn.ts";
import { keepAnswer, owe } from "./keepAnswer.ts";
import { EDIT_TIMEOUT_MS } from "./progress.ts";
import { queueKept } from "./queueKept.ts";
import { createRootCauses, type RootCauseParts } from "./rootCause.ts";

export interface AnalystParts extends RootCauseParts {
  inTurn: Pick<InTurn, "queueNext">;
  cache: Cache;
  deliverer: Pick<Deliverer, "wake">;
  traces: Traces;
}

/** Takes questions at once and answers them off the request path, through the job queue and the outbox. */
export interface Analyst {
  /** Begins a conversation and queues its analysis; the same act again finds the one it began. */
  ask(asking: Asking, question: NewConversation): Promise<Conversation>;
  /** Keeps where the question is shown; a card that comes after the answer stands elsewhere says so. */
  shown(workspace: Workspace, conversation: Conversation, message: MessageRef): Promise<void>;
  /** The job. */
  run(task: TaskOf<"analyze">): Promise<void>;
  /** What happens when the job has failed for good: the person is told. */
  giveUp(task: TaskOf<"analyze">, error: unknown): Promise<void>;
}

export function createAnalyst(parts: AnalystParts): Analyst {
  const { directory, cache, deliverer, platforms, traces, log, now } = parts;
  const rootCauses = createRootCauses(parts);

  return {
    ask(asking, question) {
      return traces.act(question.onceId, "question", {}, async () => {
        const conversation = await beginConversation(asking, question);
        // What joins another is answered with that; where that goes wrong, it is resumed.
        if (conversation.state !== "queued" || conversation.joinsId !== undefined) return conversation;
        await queueKept(parts, asking.scope, conversation.id);
        await note(asking.scope, conversation.id, { state: "queued" });
        return conversation;
      });
    },

    async shown({ scope, externalId, platform: name }, conversation, message) {
      if (await rememberMessage(scope, conversation.id, message)) return;
      const platform = platforms.find((candidate) => candidate.name === name);
      if (platform === undefined) return;
      const other = await findConversation(scope, conversation.id);
      const at = other?.shownAt;
      const url =
        other?.at === undefined || at === undefined
          ? undefined
          : await platform.addressOf({
              place: { platform: name, workspace: externalId, channel: other.at.channel, ...threadOf(at) },
              id: at.messageId,
            });
      const card = elsewhereCard(conversation.service, url);
      await bounded((signal) => platform.edit(message, card, signal), EDIT_TIMEOUT_MS);
    },

    async run(task) {
      const found = await find(task);
      if (found === undefined) return;
      const { onceId } = found.conversation;
      // What an alert asks by itself no act began.
      if (onceId.startsWith("alert ")) return traces.act(onceId, "root cause", {}, () => lookInto(found));
      await traces.below(onceId, () => traces.span("root cause", {}, () => lookInto(found)));
    },

    async giveUp(task, err) {
      const found = await find(task);
      if (found === undefined) return;
      const { scope, conversation } = found;
      const reference = randomUUID().slice(0, 8);
      log.error({ err, reference, conversation: conversation.id }, "an analysis failed for good");
      await close(
        scope,
        conversation,
        `Something went wrong on LogHunter's side, and trying again did not help. Its log says more under reference ${reference}. Ask again in a minute.`,
      );
    },
  };

  /** Ends a search with what it found, and the card owed to the channel, in one transaction. */
  async function lookInto({ scope, conversation }: Queued): Promise<void> {
    const { id } = conversation;
    const found = await rootCauses.find(scope, conversation, (phase) => {
      void note(scope, id, { state: "running", phase }).catch(() => undefined);
    });
    if (found instanceof UserError) return close(scope, conversation, found.message);
    await scope.transaction((db) => keepAnswer(scope, db, conversation, found));
    deliverer.wake();
    await note(scope, id, { state: "done" });
  }

  /** Ends a search without an answer, and tells everybody who waits for it why. */
  async function close(scope: TenantScope, conversation: Conversation, why: string): Promise<void> {
    await scope.transaction(async (db) => {
      if (!(await claimAnswer(scope, db, conversation.id))) return;
      for (const one of [conversation, ...(await claimJoined(scope, db, conversation.id))]) {
        await closeConversation(scope, db, one.id, { state: "failed", why });
        await owe(scope, db, one, failedCard(one.service, why));
      }
    });
    deliverer.wake();
    await note(scope, conversation.id, { state: "failed" });
  }

  /** Where the job stands, for whoever asks the cache; losing it loses nothing. */
  async function note(
    scope: TenantScope,
    jobId: string,
    status: Omit<JobStatus, "updatedAtMs">,
  ): Promise<void> {
    await writeJobStatus(cacheFor(cache, scope.tenantId), jobId, { ...status, updatedAtMs: now() });
  }

  /** The conversation of a task that still needs an answer: a job may run twice, an answer stands once. */
  async function find(task: TaskOf<"analyze">): Promise<Queued | undefined> {
    const scope = await directory.scopeOf(task.tenantId);
    const conversation = scope && (await findConversation(scope, task.conversationId));
    if (scope === undefined || conversation?.state !== "queued") return undefined;
    return { scope, conversation };
  }
}

interface Queued {
  scope: TenantScope;
  conversation: Conversation;
}

/** What a card says that was shown too late to become the answer. */
function elsewhereCard(service: string, url: string | undefined): Card {
  return {
    title: `${service}: answered`,
    tone: "neutral",
    body: [
      { kind: "text", text: "The answer stands in another message." },
      ...(url === undefined ? [] : [{ kind: "links" as const, links: [{ label: "View it", url }] }]),
    ],
  };
}
