import { randomUUID } from "node:crypto";
import type { Deliverer } from "../alerting/deliver.ts";
import type { Cache } from "../cache/cache.ts";
import { cacheFor } from "../cache/keys.ts";
import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, MessageRef } from "../chat/platform.ts";
import { threadOf } from "../chat/shownAt.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { UserError } from "../errors.ts";
import { gatherEvidence, type Phase } from "../evidence/gather.ts";
import type { Pack } from "../evidence/pack.ts";
import type { TaskOf } from "../jobs/queue.ts";
import { type JobStatus, writeJobStatus } from "../jobs/status.ts";
import type { Log } from "../log.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { LogSource } from "../logs/source.ts";
import { createPlaces } from "../models/places.ts";
import { type Models, tenantModel } from "../models/tenantModel.ts";
import { numberedRedactionOf, redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { beginAsking } from "./asking.ts";
import { type Asking, beginConversation, type NewConversation } from "./beginConversation.ts";
import { analyseBuiltin } from "./builtin.ts";
import { failedCard, progressCard } from "./card.ts";
import {
  type Conversation,
  claimAnswer,
  claimJoined,
  closeConversation,
  findConversation,
  rememberMessage,
} from "./conversations.ts";
import { fitted } from "./fitted.ts";
import type { InTurn } from "./inTurn.ts";
import { keepAnswer, owe } from "./keepAnswer.ts";
import { keptOf } from "./kept.ts";
import { linesBehind } from "./linesBehind.ts";
import { askRootCause } from "./modelAnswer.ts";
import { EDIT_TIMEOUT_MS, type Progress, startProgress } from "./progress.ts";
import { newFence } from "./prompt/packText.ts";
import { queueKept } from "./queueKept.ts";

/** Reading is work for this process; what only waits for a model may be more. */
const READINGS_AT_ONCE = { all: 4, each: 2 };

export interface AnalystParts {
  directory: TenantDirectory;
  logs: LogSource;
  fingerprints: FingerprintPool;
  inTurn: Pick<InTurn, "queueNext">;
  cache: Cache;
  deliverer: Pick<Deliverer, "wake">;
  platforms: readonly ChatPlatform[];
  models: Models;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
  traces: Traces;
  log: Log;
  now: () => number;
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
  const reading = createPlaces(READINGS_AT_ONCE);
  const { directory, logs, fingerprints, cache, deliverer, platforms, models, stopping } = parts;
  const { traces, log, now } = parts;

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

  /** Evidence, answer, and the card owed to the channel, in one transaction. */
  async function lookInto({ scope, conversation }: Found): Promise<void> {
    const { service, window } = conversation;
    const progress = await startProgress(parts, scope, {
      ...(conversation.at !== undefined && { workspaceId: conversation.at.workspaceId }),
      place: () => placeOf(scope, conversation.id),
    });
    const showPhase = (phase: Phase) => {
      void note(scope, conversation.id, { state: "running", phase }).catch(() => undefined);
      progress.show(progressCard(service, window, phase));
    };
    const endReading = await reading.take(stopping, { account: scope.tenantId });
    const evidence = await gatherEvidence(
      {
        org: scope.lokiOrgId,
        fingerprints,
        redaction: await numberedRedactionOf(scope),
        service,
        namespace: conversation.namespace,
        window,
      },
      logs,
      keptOf(scope, conversation.namespace),
      showPhase,
    )
      .catch((error: unknown) => {
        // Trying again would only make the person wait longer for what they can put right.
        if (error instanceof UserError) return error;
        throw error;
      })
      .finally(() => endReading?.());
    if (evidence instanceof UserError) {
      await progress.settled();
      return close(scope, conversation, evidence.message);
    }
    const pack = await behindSecondWall(evidence.pack);
    const answered = await answerFrom(scope, conversation, pack, progress);
    await progress.settled(); // An edit still under way must not land on top of the answer.
    const linesUrl = await logs.linkTo(scope.lokiOrgId, linesBehind(pack, answered.answer));
    const answer = await fitted(scope, pack, answered.answer);
    const kept = { ...answered, answer, pack, clusters: evidence.clusters, linesUrl };
    await scope.transaction((db) => keepAnswer(scope, db, conversation, kept));
    deliverer.wake();
    await note(scope, conversation.id, { state: "done" });
  }

  /** The built-in analyzer's answer, or that of the model the tenant asks; the first stands on the card meanwhile. */
  async function answerFrom(
    scope: TenantScope,
    conversation: Conversation,
    pack: Pack,
    progress: Progress,
  ): Promise<{ answer: Answer; fence?: string }> {
    const builtin = analyseBuiltin(pack);
    const model = await tenantModel(scope, models, log);
    if (model === undefined || pack.silent) return { answer: builtin };
    void note(scope, conversation.id, { state: "running", phase: "asking" }).catch(() => undefined);
    const onStanding = await beginAsking(scope, conversation, { pack, builtin, model, progress });
    const fence = newFence();
    const { linkHosts, system } = models;
    const answer = await askRootCause({
      ...{ model, pack, fence, builtin, linkHosts, redaction: await redactionOf(scope) },
      ...{ onStanding, signal: stopping },
      ...(system !== undefined && { system }),
    });
    // Nobody has been answered yet: the next start asks again.
    if (stopping.aborted) throw new Error("stopped while a model was asked");
    return { answer, fence };
  }

  async function placeOf(scope: TenantScope, id: string) {
    const shown = await findConversation(scope, id);
    // Answered or given up meanwhile, its message shows that.
    if (shown?.state !== "queued" || shown.shownAt === undefined || shown.at === undefined) return undefined;
    return { channel: shown.at.channel, shownAt: shown.shownAt };
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
  async function find(task: TaskOf<"analyze">): Promise<Found | undefined> {
    const scope = await directory.scopeOf(task.tenantId);
    const conversation = scope && (await findConversation(scope, task.conversationId));
    if (scope === undefined || conversation?.state !== "queued") return undefined;
    return { scope, conversation };
  }
}

interface Found {
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
